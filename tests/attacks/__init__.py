"""Attacks from inside: a modified client on a connection that was once allowed."""
