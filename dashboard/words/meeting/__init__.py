"""Texts about meetings: agenda, decisions, durations and new data."""
