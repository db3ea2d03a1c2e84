"""Sites in words: indicators, figures, and names of sites and views."""
