"""How long the effect of one click can be undone."""

from datetime import timedelta

UNDO_FOR = timedelta(seconds=10)
"""The time from a click during which its effect can be undone. An answer is stored at once and can
be undone for this time. A review without change is signed after it, or at once if the psychiatrist
opens another page or case. Other reviews are signed at once.
"""
