"""Charts as lists of positioned marks, drawn in the same way on the screen and on paper."""
