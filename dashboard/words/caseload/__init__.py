"""The review list in words: needs, places and reasons."""
