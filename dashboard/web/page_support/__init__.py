"""Support for pages: guarded fragments, deferred files, access to the database."""
