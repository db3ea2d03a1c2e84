"""One case: its file, trajectory, treatment, and what is new in it."""
