"""Results as tables for people: terminal, plain text, Markdown."""
