"""Machinery that engines run in: bounded gates, threads, crash-isolated worker processes. Plain asyncio, no HTTP."""
