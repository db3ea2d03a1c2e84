"""One case: its data, its missing and odd values, and the changes in it."""
