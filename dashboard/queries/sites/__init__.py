"""Queries about sites: their indicators, figures and open work, and the renewal of the counts."""
