"""Queries about the advice of a review: drafts, signing, letters, answers and follow-up."""
