"""The access log, with its rows, chains, anchors, verification and retention."""
