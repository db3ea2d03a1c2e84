"""Mutation testing: faults are put into the program one at a time, to see whether the tests find
them.
"""
