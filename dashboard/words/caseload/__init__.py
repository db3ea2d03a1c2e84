"""Texts of the review list: needs, places and reasons."""
