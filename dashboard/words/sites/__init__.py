"""Texts about sites: indicators, counts, rates, and the names of sites and views."""
