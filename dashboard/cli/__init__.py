"""The commands: ``python -m dashboard …``."""
