"""Texts that two data sets share: what a model was trained on, and what it is judged by."""
