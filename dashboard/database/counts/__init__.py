"""The counts for medical leads, made in SQL."""
