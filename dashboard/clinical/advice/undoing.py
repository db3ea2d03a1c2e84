"""Undoing: for a few seconds a person can undo the effect of one click."""

from datetime import timedelta

UNDO_FOR = timedelta(seconds=10)
"""The time during which a click can be undone. Nothing is signed or sent before its end."""
