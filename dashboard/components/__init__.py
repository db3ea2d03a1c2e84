"""Components, one module for each thing on a page.

A component draws the data that it is given; it makes no queries.
"""
