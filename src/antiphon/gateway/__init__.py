"""The front door: one ASGI application over all services, its keys, limits and errors."""
