"""Script a caller, hold a conversation without any model, set the clock: fakes for our tests and for yours."""

from antiphon.testing.clock import ManualClock
from antiphon.testing.dialogue import ScriptedDialogue, ScriptedReply
from antiphon.testing.engines import ScriptedModel, WordGuard
from antiphon.testing.simulation import Simulation
from antiphon.testing.speech import LevelEars, LevelVoiceActivity, PauseEndsTurn, Phrasebook, WordVoice

__all__ = [
    "LevelEars",
    "LevelVoiceActivity",
    "ManualClock",
    "PauseEndsTurn",
    "Phrasebook",
    "ScriptedDialogue",
    "ScriptedModel",
    "ScriptedReply",
    "Simulation",
    "WordGuard",
    "WordVoice",
]
