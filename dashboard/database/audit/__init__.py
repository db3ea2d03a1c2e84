"""The access log: its rows, chains, anchors, verification and retention."""
