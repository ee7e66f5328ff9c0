"""Text in the one form that all grammars here are written for.

Words are folded (lower case, no accents, `ä` as `ae`, `ß` as `ss`), number words become figures ("twenty-fourth" is
`24th`, "neunzehnhundertvierundachtzig" is `1984`, "ten thirty" stays two numbers), common slips of recognisers
are undone ("wensday", "choose day"), and every token is separated by one space, punctuation included. So a grammar is
a handful of regular expressions over figures and few words, whatever the recogniser wrote.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from antiphon.language.figures import Token, merge_numbers
from antiphon.language.lexicon import known
from antiphon.language.slips import hours_misheard, join_halves, repaired

_TOKEN = re.compile(
    r"""
    (?P<meridiem> (?<![^\W\d_]) [ap] (?:\.\s?m\b\.? | \sm\b(?!['’])) )  # a.m., p. m., p m
    | (?P<figure> [0-9]{1,2}:[0-9]{2}(?=[\-–][0-9])  # 10:00-12:00, 10-12
      | [0-9]{1,2}(?=[\-–][0-9]{1,2}(?![0-9\-–:/]|\.[0-9])) | [0-9]+ (?:[.:/,\-–][0-9]+)* )
    | (?P<word> (?:to|two|too)-morrow | [^\W\d_]+ (?:['’`][^\W\d_]+)* )
    | (?P<mark> [.,;:?!…+()/\-–—] )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DAY_AND_PART = re.compile(
    r"((?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)s?(morgen|vormittag|mittag|nachmittag|abend|frueh)s?"
)
_ABOUT = re.compile(
    r"(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|lunchtime|morning|fifteen|thirty|midday)(ish)"
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "’": "'", "`": "'"})
_MARKS = {"…": ".", "–": "-", "—": "-", "!": ".", "?": ".", ";": ",", ":": ","}


@dataclass(frozen=True, slots=True)
class Canonical:
    """A text in canonical form, with the way back.

    Attributes:
        text: forms of the tokens, each followed by one space, the first preceded by one too.
        tokens: where each came from.
        offsets: index in `text` at which each token's form begins.
    """

    text: str
    tokens: tuple[Token, ...]
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int, float]:
        """Start and end in the original of what stands at `text[start:end]`, and how sure its words are."""
        while start < end and self.text[start] == " ":
            start += 1
        first, last = bisect_right(self.offsets, start) - 1, bisect_right(self.offsets, end - 1) - 1
        while last > first and self.tokens[last].form in ".,":
            last -= 1
        covered = self.tokens[max(first, 0) : last + 1]
        if not covered:
            return 0, 0, 0.0
        return covered[0].start, covered[-1].end, min(token.sure for token in covered)

    def hidden(self, spans: tuple[tuple[int, int], ...]) -> str:
        """`text` with the tokens inside these spans of the original replaced by `#`, length unchanged."""
        pieces = list(self.text)
        for token, offset in zip(self.tokens, self.offsets, strict=True):
            if any(token.start < end and start < token.end for start, end in spans):
                pieces[offset : offset + len(token.form)] = "#" * len(token.form)
        return "".join(pieces)


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """`word` in lower case, `ä` as `ae`, `ß` as `ss`, without other accents."""
    lowered = unicodedata.normalize("NFC", word).lower().translate(_GERMAN)
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))


# Small on purpose: it exists so that one turn's readers share the work, and it holds what callers said.
@lru_cache(maxsize=16)
def canonical(text: str, language: str) -> Canonical:
    """`text` in canonical form for the grammars of `language`."""
    spoken = known(language)
    tokens = merge_numbers(hours_misheard(join_halves(_tokens(text, spoken), spoken), spoken), spoken)
    offsets, forms, at = [], [" "], 1
    for token in tokens:
        offsets.append(at)
        forms.append(token.form + " ")
        at += len(token.form) + 1
    return Canonical("".join(forms), tuple(tokens), tuple(offsets))


def _tokens(text: str, language: str) -> list[Token]:
    found = [token for match in _TOKEN.finditer(text) for token in _cut(_token(match, language), language)]
    kept = found[:1]
    for before, token in pairwise(found):
        # A hyphen inside a word only joins ("ten-thirty", "10-ish").
        tight = token.form == "-" and token.start == before.end and token.end < len(text)
        if not (tight and text[token.end].isalpha()):
            kept.append(token)
    return kept


def _cut(token: Token, language: str) -> list[Token]:
    """A day with its part, or a number with its ending, written together ("Dienstagabend", "tenish") as two tokens."""
    match = (_DAY_AND_PART if language == "de" else _ABOUT).fullmatch(token.form)
    return [replace(token, form=form) for form in match.groups()] if match else [token]


def _token(match: re.Match[str], language: str) -> Token:
    start, end = match.span()
    if match["meridiem"]:
        return Token(match[0][0].lower() + ".m.", start, end)
    if match["figure"]:
        return Token(match[0].replace("–", "-"), start, end)
    if match["mark"]:
        return Token(_MARKS.get(match[0], match[0]), start, end)
    form, sure = repaired(fold(match[0]), language)
    return Token(form, start, end, sure)
