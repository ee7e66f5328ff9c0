"""Guardrail engines."""
