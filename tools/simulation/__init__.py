"""A simulated year of weekly case reviews: who is reviewed in time under which order."""
