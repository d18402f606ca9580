"""Benchmarks, the three settings, measures with intervals, and comparisons of results."""
