"""The trajectory chart, and what other charts are drawn with."""
