"""Undoing: for a few seconds a person can take back what one click has set going."""

from datetime import timedelta

UNDO_FOR = timedelta(seconds=10)
"""The time after a click during which it can be undone. Until then nothing is signed or sent."""
