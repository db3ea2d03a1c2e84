"""One module for each thing that a page reads or does."""
