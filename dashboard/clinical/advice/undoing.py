"""How long the effect of one click can be undone."""

from datetime import timedelta

UNDO_FOR = timedelta(seconds=10)
"""The time from a click during which its effect can be undone. Nothing is signed or sent before
this time has passed.
"""
