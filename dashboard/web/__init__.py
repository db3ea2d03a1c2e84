"""The web layer: the ASGI application, the main script, signing in."""
