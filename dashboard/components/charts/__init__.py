"""The trajectory chart of a case, and the parts that it shares with the other charts."""
