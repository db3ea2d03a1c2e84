"""Texts for clinical facts, in the reader's language. The screen and the letters use the same
texts.
"""
