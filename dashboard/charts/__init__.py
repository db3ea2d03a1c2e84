"""Charts as marks in places: one layout and one specification for the screen and for paper."""
