"""Corpora, queries and judgements as files hold them."""
