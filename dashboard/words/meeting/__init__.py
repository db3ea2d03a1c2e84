"""Texts about meetings: the agenda, decisions, durations, and data that arrived during a
meeting.
"""
