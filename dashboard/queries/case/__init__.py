"""Queries about one case: its data, the facts that the rules need, and the times when it was
opened.
"""
