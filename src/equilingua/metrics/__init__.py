"""Measures: functions of ranks alone, or of vectors, without torch."""
