"""Texts of the review list: the need of an episode, its place on the list, and the reasons."""
