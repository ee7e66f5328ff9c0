"""Spoken and written language as pure functions: what a caller meant, and how to say it. English and German."""
