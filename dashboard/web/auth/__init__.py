"""Signing in: accounts, passwords, second factor, sessions, authorization."""
