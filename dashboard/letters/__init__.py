"""Letters and printed sheets: their content, their words, and their PDF and plain text."""
