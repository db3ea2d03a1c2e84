"""Clinical facts in the reader's language: the same words on the screen and in a letter."""
