"""Forced alignment engines."""
