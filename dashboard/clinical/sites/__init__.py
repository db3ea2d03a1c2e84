"""Figures of sites: indicators, comparison, forecast, and suppression of small counts."""
