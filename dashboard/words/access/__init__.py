"""Access to records in words: cover, emergency access and the access log."""
