"""Undoing the effect of one click, which is possible for a few seconds."""

from datetime import timedelta

UNDO_FOR = timedelta(seconds=10)
"""The time from a click during which it can be undone. Nothing is signed or sent before the end of
this time.
"""
