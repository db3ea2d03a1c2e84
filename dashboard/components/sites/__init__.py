"""Sites: indicators, comparison, forecast, suppression of small counts."""
