"""Sentences of a text that arrives in pieces."""

import re


class SentenceSplitter:
    """Cuts a growing text into sentences; the pieces put together again are the text.

    Each sentence keeps the white space before it; how the text was cut into deltas makes no difference.
    """

    def __init__(self, language: str = "en") -> None:
        self._language = language
        self._rest = ""

    def feed(self, delta: str) -> list[str]:
        """Add text; returns the sentences that are now known to be complete."""
        self._rest += delta
        *done, self._rest = re.split(r"(?<=[.!?])(?=\s)", self._rest)
        return done

    def flush(self) -> list[str]:
        """The end of the text: returns what is left as a sentence (or nothing) and starts afresh."""
        rest, self._rest = self._rest, ""
        return [rest] if rest else []


def split_sentences(text: str, language: str = "en") -> list[str]:
    """The sentences of a whole text; put together they are the text."""
    splitter = SentenceSplitter(language)
    return splitter.feed(text) + splitter.flush()
