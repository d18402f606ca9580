"""All three settings in one pass: scores, rankings, means with intervals, language bias, comparisons of results."""
