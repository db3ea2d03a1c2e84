"""One module per thing that a page asks or does."""
