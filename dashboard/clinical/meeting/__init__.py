"""Meetings of a psychiatrist and a nurse: preparation, agenda, running meeting and summary."""
