"""What leaves as a file for another program: made of plain data, without a database."""
