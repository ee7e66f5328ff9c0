"""Ports spoken to another Antiphon over the network."""
