"""Programs for developers: checks, reports, screenshots, simulations."""
