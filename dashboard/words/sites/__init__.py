"""Texts about sites: indicators, figures, and names of sites and views."""
