"""Queries about the accounts of care teams."""
