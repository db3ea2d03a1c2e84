"""Components of one case: its header, chart, details, news and safety strip."""
