"""Components, one module for each thing on a page.

A component draws the data that it is given. It makes no queries.
"""
