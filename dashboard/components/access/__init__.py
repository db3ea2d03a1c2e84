"""Access to records: cover, emergency access, and the access log."""
