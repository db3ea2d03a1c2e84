"""The weekly case review of a collaborative-care programme."""
