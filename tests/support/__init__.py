"""Support of the tests: factories, databases, the repository's files."""
