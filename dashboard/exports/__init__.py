"""Files for other programs, made from plain data. This package does not read the database."""
