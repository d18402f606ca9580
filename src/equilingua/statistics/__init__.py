"""Statistics over items: intervals, tests, effects, and what they amount to in words."""
