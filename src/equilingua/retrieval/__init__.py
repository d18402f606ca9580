"""Texts to vectors, ranks and best passages: exact, in bounded memory."""
