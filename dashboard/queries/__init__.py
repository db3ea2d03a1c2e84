"""Queries of the database, and changes to it.

Each module serves one page or one action of a page.
"""
