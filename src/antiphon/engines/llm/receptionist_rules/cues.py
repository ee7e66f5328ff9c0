"""Cues: short patterns of words that point to a meaning, with weights, written as plain tables.

A table has one cue a line, an optional weight first. In a cue, `a|b` are alternatives, `book*` is any word that begins
so, `..` skips up to four words, and `word?` may be missing. `!` before a cue makes it hold even after "not".
A line that ends with `|` goes on in the next.
A cue that stands after a negation does not count: "I don't want to cancel" is no cancellation.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from antiphon.engines.llm.receptionist_rules.tokens import Token, alike, fold, tokens

NEGATIONS = frozenset(
    {"not", "no", "never", "without", "neither", "nor", "kein", "keine", "keinen", "keiner", "keinem", "nicht", "nie"}
    | {"nothing", "nichts", "niemals", "ohne", "weder"}
)
_NEGATION_REACH = 3
_NEGATION_STOPS = frozenset(
    ["but", "sondern", "aber", "instead", "and", "und", "so", "then", "dann", "because", "weil", "please", "bitte"]
)
_GAP = 4
_ARTICLES = frozenset(["a", "an", "the", "ein", "eine", "einen", "einer", "der", "die", "das", "den"])


@dataclass(frozen=True, slots=True)
class _Element:
    """One place of a pattern: alternatives, each a word and whether it is only a beginning."""

    words: tuple[tuple[str, bool], ...]
    optional: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Cue:
    """A compiled pattern."""

    elements: tuple[_Element, ...]
    weight: float = 1.0
    despite_negation: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found: where it begins and ends, in tokens."""

    cue: Cue
    first: int
    last: int


def compile_cue(text: str) -> Cue:
    """A cue from its line of a table."""
    head, _, rest = text.strip().partition(" ")
    try:
        weight, pattern = float(head), rest.strip()
    except ValueError:
        weight, pattern = 1.0, text.strip()
    return Cue(tuple(_element(part) for part in pattern.lstrip("!").split()), weight, pattern.startswith("!"))


def compile_table(text: str) -> tuple[Cue, ...]:
    """The cues of a table, one a line."""
    joined = re.sub(r"\|\s*\n\s*", "|", text.strip())
    return tuple(compile_cue(line) for line in joined.splitlines() if line.strip())


def compile_phrase(phrase: str, weight: float = 1.0) -> Cue:
    """A cue from a phrase in plain words (a service's or an answer's); a leading article is dropped.

    The last word may carry an ending ("whitening" finds "whitenings"), since phrases are not written as patterns.
    """
    words = [token.word for token in tokens(phrase)]
    while len(words) > 1 and words[0] in _ARTICLES:
        words.pop(0)
    return Cue(tuple(_Element(((word, len(word) >= 4),)) for word in words), weight)


def _element(part: str) -> _Element:
    if part == "..":
        return _Element((), gap=True)
    optional = part.endswith("?")
    alternatives = fold(part.rstrip("?")).split("|")
    return _Element(tuple((word.rstrip("*"), word.endswith("*")) for word in alternatives), optional)


def find(cues: Iterable[Cue], said: Sequence[Token]) -> Iterator[Hit]:
    """The first place of every cue that occurs in `said` and is not negated there."""
    for cue in cues:
        for first in range(len(said)):
            last = _match(cue.elements, said, first, over_negation=cue.despite_negation)
            if last is not None and (cue.despite_negation or not negated(said, first)):
                yield Hit(cue, first, last)
                break


def score(cues: Iterable[Cue], said: Sequence[Token]) -> float:
    """The sum of the weights of the cues that occur."""
    return sum(hit.cue.weight for hit in find(cues, said))


def negated(said: Sequence[Token], at: int) -> bool:
    """Whether the words before `at` turn what stands there into its opposite."""
    for index in range(at - 1, max(-1, at - 1 - _NEGATION_REACH), -1):
        word = said[index].word
        if said[index + 1].opens_clause or word in _NEGATION_STOPS:
            return False
        if word in NEGATIONS:
            # "No Thursday": a "no" that opens the turn answers the agent, it negates nothing.
            return not (index == 0 and word == "no")
    return False


def _match(elements: Sequence[_Element], said: Sequence[Token], at: int, *, over_negation: bool) -> int | None:
    """The token after the match of `elements` at `at`, or None. A gap does not reach over a "not"."""
    if not elements:
        return at
    element, rest = elements[0], elements[1:]
    if element.gap:
        for skip in range(at, min(len(said), at + _GAP) + 1):
            end = _match(rest, said, skip, over_negation=over_negation)
            if end is not None:
                return end
            if skip < len(said) and said[skip].word in NEGATIONS and not over_negation:
                return None
        return None
    if at < len(said) and any(alike(said[at], word, prefix=prefix) for word, prefix in element.words):
        end = _match(rest, said, at + 1, over_negation=over_negation)
        if end is not None:
            return end
    return _match(rest, said, at, over_negation=over_negation) if element.optional else None
