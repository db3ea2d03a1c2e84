"""The command line of the dashboard: ``python -m dashboard …``."""
