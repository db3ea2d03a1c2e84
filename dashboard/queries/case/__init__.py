"""Queries about one case: its file, the facts for the rules, the deliveries, and the looks at
it.
"""
