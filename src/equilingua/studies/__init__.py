"""Arms, seeds and what follows from them."""
