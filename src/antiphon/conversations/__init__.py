"""Conversations: turns, facts and actions, kept so that a killed process loses nothing that was acknowledged."""
