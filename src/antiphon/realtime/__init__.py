"""Live conversations: turns, barge-in and playout over frames of audio, in stream time."""
