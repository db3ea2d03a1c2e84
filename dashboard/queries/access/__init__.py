"""Access to records: cover, emergency access, and the log of record openings."""
