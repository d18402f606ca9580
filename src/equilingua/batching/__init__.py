"""Which rows stand together in a batch."""
