"""Files of parallel pairs, and the store they are kept in."""
