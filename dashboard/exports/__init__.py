"""Functions that turn data into files for other programs. This package does not read the
database.
"""
