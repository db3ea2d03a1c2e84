"""Components about sites: indicators, comparison of the sites, forecast, downloads."""
