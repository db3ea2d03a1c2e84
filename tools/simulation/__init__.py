"""A simulated year of weekly case reviews, to compare orders of the review list."""
