"""Backchannels: sounds by which a listener says "go on" without taking the turn."""

from antiphon.language.normal import words

_SOUNDS = {"mhm", "uh-huh", "okay", "right", "ja", "genau", "aha", "hm"}


def is_backchannel(text: str, language: str) -> bool:
    """Whether `text` is nothing but a backchannel ("mhm", "okay", "genau"). False for empty text."""
    said = words(text)
    return bool(said) and all(word in _SOUNDS for word in said)
