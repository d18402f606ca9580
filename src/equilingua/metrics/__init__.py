"""Metrics: functions of ranks alone, or of vectors, without torch."""
