"""The queries of the ranked review list and of the facts that rank its episodes."""
