"""Sentences of a text that arrives in pieces."""

import re

from antiphon.language.lexicon import vocabulary

_END = re.compile(r"(?:[.!?]+|…|[。！？])[\"'”’»“)\]]*(?=\s+\S)|\n[ \t]*\n(?=\s*\S)")
_NEXT_WORD = re.compile(r"\s*[\"'“„«‘(\[¿¡]*(\w*)")
_LAST_WORD = re.compile(r"((?:[^\W\d_]+\.)*[^\W_]+|\d+)[.]$")
_ABBREVIATIONS = vocabulary(
    "dr mr mrs ms prof st nr no tel ca approx bzw evtl ggf inkl exkl usw vgl resp str e.g i.e z.b d.h u.a"
    " z.t o.ä s.o i.d.r vs jr sr dept fig sog geb gest jan feb mär apr jun jul aug sep sept okt oct nov"
    " dez dec mo di mi do fr sa so hr fa dipl med dent lic phil ing max min std sek tägl ev allg bspw v.a"
    " u.u m.e a.a"
)
_MAY_END = vocabulary("usw etc a.m p.m st str u.a jr sr")
"""Abbreviations with which a sentence may end: it does where a capital letter follows."""
_SHORT_WORDS = vocabulary("no so do fr mi sa di mo st max min jan jun sog med dent fig")
"""Abbreviations that are words as well: taken for the word unless a figure or name follows."""
_MONTHS = vocabulary(
    "januar februar märz april mai juni juli august september oktober november dezember jänner feber"
    " quartal stock klasse jahrhundert mal etage"
)


class SentenceSplitter:
    """Cuts a growing text into sentences; the pieces put together again are the text.

    Each sentence keeps the white space after it; how the text was cut into deltas makes no difference.
    """

    def __init__(self, language: str = "en") -> None:
        self._language = language
        self._rest = ""

    def feed(self, delta: str) -> list[str]:
        """Add text; returns the sentences that are now known to be complete."""
        self._rest += delta
        return self._cut(final=False)

    def flush(self) -> list[str]:
        """The end of the text: returns what is left as sentences (or nothing) and starts afresh."""
        done = self._cut(final=True)
        rest, self._rest = self._rest, ""
        return [*done, rest] if rest else done

    def _cut(self, *, final: bool) -> list[str]:
        done: list[str] = []
        at = 0
        while end := _END.search(self._rest, at):
            after = _NEXT_WORD.match(self._rest, end.end())
            if after is None:
                at = end.end()
                continue
            # One letter tells whether a sentence begins; after a number the whole word does ("am 3. März").
            undecided = not after[1] or self._rest[end.start() - 1 : end.start()].isdecimal()
            if undecided and after.end() == len(self._rest) and not final:
                break
            if _is_boundary(self._rest[: end.end()], end[0], after[1]):
                cut = end.end() + len(self._rest[end.end() :]) - len(self._rest[end.end() :].lstrip())
                done.append(self._rest[:cut])
                self._rest = self._rest[cut:]
                at = 0
            else:
                at = end.end()
        return done


def _is_boundary(before: str, mark: str, following: str) -> bool:
    """Whether a sentence ends with `mark` at the end of `before`, when the word `following` comes next."""
    if not mark.startswith((".", "…")):
        return bool(before.strip())
    if mark.startswith(("..", "…")):
        return not following[:1].islower()
    last = _LAST_WORD.search(before.rstrip("\"'”’»“)]"))
    word = last[1].lower() if last else ""
    if word.isdecimal() and len(word) <= 2:
        # An ordinal ("am 3. März"), unless a new sentence clearly begins.
        return bool(following) and following[0].isupper() and following.lower() not in _MONTHS
    if following[:1].islower():
        return not word or (len(word) > 3 and word not in _ABBREVIATIONS)
    if word in _MAY_END:
        return True
    if len(word) == 1 and word.isalpha():
        return word == "i" and before[-2:-1] == "I" and len(before) > 2 and not before[-3].isspace()
    return word not in _ABBREVIATIONS or word in _SHORT_WORDS


def split_sentences(text: str, language: str = "en") -> list[str]:
    """The sentences of a whole text; put together they are the text."""
    splitter = SentenceSplitter(language)
    return splitter.feed(text) + splitter.flush()
