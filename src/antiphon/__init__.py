"""Antiphon: a self-hosted voice AI platform."""

__version__ = "0.1.0"
