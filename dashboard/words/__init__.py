"""Texts for clinical facts, in the reader's language, for the screen and for the letters."""
