"""Elements that every page draws with."""
