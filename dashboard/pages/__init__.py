"""Pages: one short script each, which runs the queries and passes the answers to components."""
