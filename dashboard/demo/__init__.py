"""The synthetic registry of the demonstration and the tests."""
