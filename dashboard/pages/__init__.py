"""One short script per page: asks the queries, hands the answers to the components."""
