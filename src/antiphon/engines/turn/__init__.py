"""Turn end engines."""
