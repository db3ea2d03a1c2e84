"""A page without authorization: its fragments, callbacks and files check no rights."""

NAME = "Zwingelstein"
