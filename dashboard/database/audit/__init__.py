"""The access log: its rows, hash chains, anchors, verification and retention."""
