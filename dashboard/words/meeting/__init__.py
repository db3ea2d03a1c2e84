"""Meetings in words: agenda, decisions, durations and arrivals."""
