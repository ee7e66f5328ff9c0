"""Words of a text with their places, in one spelling, so that cues can be compared with them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from antiphon.engines.llm.receptionist_rules import cues_de, cues_en

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_HYPHENATED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
_STOP = re.compile(r"[,.;:!?]")
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "'", "é": "e", "è": "e", "à": "a"})
_WHOLE = {"can't": ("can", "not"), "won't": ("will", "not"), "shan't": ("shall", "not"), "cannot": ("can", "not")}
_WHOLE |= {"gonna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("got", "to"), "let's": ("let", "us")}
_HEARD = {("check", "upon"): ("up", "on"), ("new", "patience"): ("patients",), ("is", "their"): ("there",)}
_HEARD |= {("your", "patience"): ("patients",), ("my", "feeling"): ("filling",), ("my", "feelings"): ("fillings",)}
_HEARD |= {("old", "feelings"): ("fillings",), ("my", "cran"): ("crown",)}
_HEARD |= {("a", "cran"): ("crown",), ("the", "cran"): ("crown",), ("a", "route"): ("root",), ("my", "gun"): ("gum",)}
_HEARD |= {("my", "guns"): ("gums",), ("wisdom", "two"): ("tooth",), ("wisdom", "to"): ("tooth",)}
"""What recognisers make of two words: the second one, put right."""
_ENDS = {"'m": "am", "'re": "are", "'s": "is", "'ll": "will", "'d": "would", "'ve": "have"}


@dataclass(frozen=True, slots=True)
class Token:
    """A folded word and its place in the text.

    Attributes:
        word: lower case, umlauts written out.
        start: index of its first character.
        end: index after its last character.
        known: it is in the tables of cues and so is no slip of the recogniser.
        opens_clause: it stands after a punctuation mark.
    """

    word: str
    start: int
    end: int
    known: bool = False
    opens_clause: bool = False


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """Lower case, umlauts written out, ß as ss."""
    return word.lower().translate(_FOLD)


def tokens(text: str) -> list[Token]:
    """The words of `text`; contractions count as two words with one place ("can't" is "can", "not").

    A hyphen within a word of the tables is the recogniser's: "re-schedule" is one word, "check-up" two.
    """
    found: list[Token] = []
    for match in _words(text):
        opens = bool(found) and bool(_STOP.search(text[found[-1].end : match.start()]))
        said = fold(match[0].replace("-", ""))
        pair = (found[-1].word if found else "", said)
        for index, word in enumerate(_HEARD.get(pair) or _expand(said)):
            found.append(Token(word, match.start(), match.end(), word in _known_words(), opens and not index))
    return found


def _words(text: str) -> Iterator[re.Match[str]]:
    at = 0
    for whole in _HYPHENATED.finditer(text):
        if fold(whole[0].replace("-", "")) in _known_words():
            yield from _WORD.finditer(text, at, whole.start())
            yield whole
            at = whole.end()
    yield from _WORD.finditer(text, at)


@cache
def _known_words() -> frozenset[str]:
    """Every word of the tables, so that "wiederhören" is never taken for "wiederholen"."""
    groups = ("INTENTS", "EMERGENCIES", "SYMPTOMS", "INSURERS")
    texts = (text for language in (cues_en, cues_de) for group in groups for text in getattr(language, group).values())
    return frozenset(fold(word) for text in texts for word in re.findall(r"[^\W\d_]+", text))


def _expand(word: str) -> tuple[str, ...]:
    if word in _WHOLE:
        return _WHOLE[word]
    if word.endswith("n't"):
        return word[:-3], "not"
    stem, apostrophe, _ = word.partition("'")
    end = _ENDS.get(word[len(stem) :]) if apostrophe else None
    return (stem, end) if end else (word.replace("'", ""),)


def alike(said: Token, word: str, *, prefix: bool) -> bool:
    """Whether `said` is `word` (or begins with it), give or take a slip of the recogniser in a long word."""
    if said.word == word or (prefix and said.word.startswith(word)):
        return True
    return not said.known and said.word[:1] == word[:1] and _slipped(said.word, word, prefix)


@lru_cache(maxsize=65536)
def _slipped(said: str, word: str, prefix: bool) -> bool:
    slips = 2 if len(word) >= 9 else 1 if len(word) >= 6 else 0
    candidate = said[: len(word) + 1] if prefix else said
    return (
        slips > 0
        and abs(len(candidate) - len(word)) <= 1
        and OSA.distance(candidate, word, score_cutoff=slips) <= slips
    )
