"""Backchannels: sounds by which a listener says "go on" without taking the turn."""

import re

from antiphon.language.canonical import fold
from antiphon.language.lexicon import known, vocabulary

_SHARED = "mhm mm mmm hm hmm hmhm aha ah oh uhuh ok okay okey k ach uhm uh um eh"
_WORDS = {
    "en": vocabulary(
        f"{_SHARED} uhhuh huh uh-huh mm-hmm mm-hm right yeah yep yup yes sure alright see gotcha good great"
        f" fine really wow"
        " indeed true exactly cool nice perfect"
    ),
    "de": vocabulary(
        f"{_SHARED} ja jo jaja joa genau gut klar eben stimmt verstehe verstanden natuerlich soso achso echt"
        f" super prima"
        " richtig alles gell schoen"
    ),
}
_PHRASES = {
    "en": re.compile(
        r"\b(?:i see|got it|all right|uh huh|mm hm+|of course|i understand|go on|makes sense|no way|oh yes)\b"
    ),
    "de": re.compile(r"\b(?:alles klar|ach so|ach ja|na klar|in ordnung|ich verstehe|hab ich|ah so|so so|na gut)\b"),
}
_MOST_WORDS = 4


def is_backchannel(text: str, language: str) -> bool:
    """Whether `text` is nothing but a backchannel ("mhm", "okay", "genau"). False for empty text and for questions."""
    if "?" in text:
        return False
    folded = " ".join(re.findall(r"[^\W_]+", fold(text)))
    rest = _PHRASES[known(language)].sub(" mhm ", folded).split()
    return 0 < len(rest) <= _MOST_WORDS and all(word in _WORDS[known(language)] for word in rest)
