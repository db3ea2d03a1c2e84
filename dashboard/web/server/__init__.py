"""The ASGI application, its middleware, websockets and background workers."""
