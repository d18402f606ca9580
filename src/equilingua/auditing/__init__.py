"""Is a retriever fair to all languages of a corpus, where does it fail, and what helps."""
