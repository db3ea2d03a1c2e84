"""Files for other programs, made of plain data without a database."""
