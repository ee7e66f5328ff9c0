"""Frozen values that travel between layers: what was heard, what was said, what is to be done."""
