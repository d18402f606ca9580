"""Which examples stand together in a batch."""
