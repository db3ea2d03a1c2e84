"""Faults of a whole site: ``make cluster-faults`` breaks one part of it while people work."""
