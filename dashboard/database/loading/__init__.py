"""Loading a registry: from CSV files, or as a copy of views."""
