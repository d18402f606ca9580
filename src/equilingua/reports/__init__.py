"""Results for people: tables for terminal, Markdown and LaTeX, numbers as CSV, and a page with charts."""
