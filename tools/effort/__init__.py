"""The number of clicks, keys and scrolls that daily tasks need, counted in a real browser."""
