"""Support for pages: guarded fragments, deferred files, acting as the current user."""
