"""Elements that every page uses."""
