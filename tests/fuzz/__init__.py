"""Bad input at every surface: ``python -m tests.fuzz``, and a small sample among the tests."""
