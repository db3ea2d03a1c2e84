"""The synthetic registry."""
