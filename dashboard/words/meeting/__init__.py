"""Texts about meetings: the agenda, decisions, durations and newly arrived data."""
