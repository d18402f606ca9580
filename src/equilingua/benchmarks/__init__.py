"""Named benchmarks, and readers of the forms that benchmarks come in."""
