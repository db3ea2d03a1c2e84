"""Screenshots of every page and state of the product."""
