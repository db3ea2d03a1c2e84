"""One case: its file, its missing data, and the changes in it."""
