"""Queries about meetings: preparing cases, the agenda, the running meeting and its summary."""
