"""Engines: one module a family and runtime, in a folder a port. Only `app` imports them; none imports another."""
