"""Clicks, keys and scrolls that the daily stories take, counted in a real browser."""
