"""Charts as positioned marks: one layout and one specification for the screen and for paper."""
