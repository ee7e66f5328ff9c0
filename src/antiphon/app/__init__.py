"""The composition root: chooses and loads engines, and puts services together; nothing else imports engines."""

from antiphon.app.choosing import Listed, catalogue, check_engines, choose, options, store_of
from antiphon.app.process import App
from antiphon.app.speech_to_text import RunningSpeechToText

__all__ = [
    "App",
    "Listed",
    "RunningSpeechToText",
    "catalogue",
    "check_engines",
    "choose",
    "options",
    "store_of",
]
