"""Clinical facts in the reader's language, in the same words on screen and in letters."""
