"""Where a text is cut, so that its first sound comes early and no piece takes long."""

import re
from collections.abc import Iterator

PIECE_CHARACTERS = 160
FIRST_PIECE_CHARACTERS = 40
"""A piece ends at the first sentence end after so many characters, the first one earlier, for an early first sound."""

_SENTENCE_END = re.compile(r"[.!?…:;]['\"”’)\]]*\s+(?=[^\W\d_a-zäöüß]|[\"“„(])|\n+")


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of the pieces of a text, each about a sentence, without those that hold no letter or digit."""
    start = 0
    while start < len(text):
        end = _piece_end(text, start)
        if any(character.isalnum() for character in text[start:end]):
            yield start, end
        start = end


def _piece_end(text: str, start: int) -> int:
    enough = start + (PIECE_CHARACTERS if start else FIRST_PIECE_CHARACTERS)
    most = min(start + 2 * PIECE_CHARACTERS, len(text))
    sentence = _SENTENCE_END.search(text, enough, most)
    if sentence:
        return sentence.end()
    if most == len(text):
        return most
    space = text.rfind(" ", enough, most)
    return space + 1 if space > 0 else most
