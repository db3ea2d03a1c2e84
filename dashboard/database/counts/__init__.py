"""The counts for medical leads, computed in SQL."""
