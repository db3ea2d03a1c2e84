"""The generator of the synthetic registry, for the demonstration and the tests."""
