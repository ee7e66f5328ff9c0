"""Wires: each turns its own kind of audio into frames for a session and back, and knows nothing of turns."""
