"""Access to records: cover, emergency access, and the log of who opened them."""
