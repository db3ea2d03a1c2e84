"""Pages. Each page is a short script that runs the queries and passes the results to components."""
