"""How the dashboard is served: the ASGI application, the main script, signing in."""
