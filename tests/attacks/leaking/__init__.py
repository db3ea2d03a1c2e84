"""A page that is as these pages were: its fragments, callbacks and files ask nobody."""

NAME = "Zwingelstein"
