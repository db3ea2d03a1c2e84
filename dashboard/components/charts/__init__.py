"""The trajectory chart, and the parts that it shares with the other charts."""
