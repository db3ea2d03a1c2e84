"""Queries for the review list, which ranks the open episodes by how urgently they need a review."""
