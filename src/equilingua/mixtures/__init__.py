"""Pairs files as a config lists them, and what is made of their pairs."""
