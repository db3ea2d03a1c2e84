"""Queries and changes of the database. Each module serves one thing that a page shows or does."""
