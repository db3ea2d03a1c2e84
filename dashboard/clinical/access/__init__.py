"""Access to patients' records: cover, emergency access and the access log."""
