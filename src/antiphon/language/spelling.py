"""Words spelled letter by letter."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from antiphon.language.canonical import fold
from antiphon.language.lexicon import known, vocabulary
from antiphon.language.reading import Reading

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[0-9]+|[^\w\s]")
_NAMES: Final[dict[str, dict[str, str]]] = {
    "en": {
        "ay": "a", "bee": "b", "be": "b", "cee": "c", "see": "c", "sea": "c", "dee": "d", "ee": "e", "ef": "f",
        "eff": "f", "gee": "g", "aitch": "h", "haitch": "h", "eye": "i", "aye": "i", "jay": "j", "kay": "k",
        "el": "l", "ell": "l", "em": "m", "en": "n", "oh": "o", "pee": "p", "pea": "p", "cue": "q", "queue": "q",
        "kew": "q", "ar": "r", "are": "r", "arr": "r", "ess": "s", "es": "s", "tee": "t", "tea": "t", "you": "u",
        "yu": "u", "vee": "v", "ex": "x", "why": "y", "wye": "y", "zee": "z", "zed": "z", "zet": "z",
        "double-u": "w", "doubleyou": "w",
    },
    "de": {
        "be": "b", "ce": "c", "ze": "c", "zeh": "c", "de": "d", "deh": "d", "eff": "f", "ef": "f", "ge": "g",
        "geh": "g", "ha": "h", "jot": "j", "jott": "j", "ka": "k", "el": "l", "ell": "l", "em": "m", "emm": "m",
        "en": "n", "enn": "n", "pe": "p", "peh": "p", "ku": "q", "kuh": "q", "er": "r", "err": "r", "es": "s",
        "ess": "s", "te": "t", "tee": "t", "vau": "v", "fau": "v", "we": "w", "weh": "w", "ix": "x", "iks": "x",
        "ypsilon": "y", "zett": "z", "zet": "z", "oe": "ö", "ue": "ü", "ae": "ä", "eszett": "ß",
    },
}  # fmt: skip
_TABLE: Final = vocabulary(
    "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november"
    " oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu anton berta"
    " caesar dora emil friedrich gustav heinrich ida julius kaufmann ludwig martha nordpol otto paula"
    " quelle richard samuel siegfried theodor ulrich viktor wilhelm xanthippe ypsilon zacharias zeppelin"
    " anna bertha cäsar daniel jakob konrad leopold marie niklaus peter rosa sophie yverdon zürich"
)
_AS_IN: Final = {"en": ("for", "like", "as"), "de": ("wie",)}
_TIMES: Final = {"double": 2, "doppel": 2, "doppelt": 2, "triple": 3, "zwei": 2, "zweimal": 2, "two": 2}
_LIKE_VOWELS: Final = {"e": "bcdgptvz", "a": "hjk", "u": "q", "i": "y"}
"""By vowel: the letters whose names sound like its own."""
_SKIPPED: Final = frozenset((",", ".", "-", "–", "uh", "um", "aeh", "aehm", "then", "and", "dann", "und"))


def read_spelling(text: str, language: str) -> list[Reading[str]]:
    """Words spelled letter by letter ("M E I E R", "em ee eye ee ar", "S wie Siegfried"), capitalised.

    At least three letters in a row, most of them written as such or said with a word ("B for Bravo").
    """
    spoken = known(language)
    tokens = [(m[0], fold(m[0]), m.start(), m.end()) for m in _TOKEN.finditer(text) if m[0] not in "-–"]
    found: list[Reading[str]] = []
    at = 0
    while at < len(tokens):
        letters, clear, end = _run(tokens, at, spoken)
        if tokens[at][1] in _TABLE and letters[1:3] == tokens[at][1][:2]:
            at += 1  # "Kaufmann, K A U F …" is spelled by what follows
            continue
        if len(letters) >= 3 and clear * 2 >= len(letters):
            start, stop = tokens[at][2], tokens[end - 1][3]
            sure = 0.95 if clear == len(letters) else 0.7
            found.append(Reading(letters[0].upper() + letters[1:], start, stop, sure))
        at = max(end, at + 1)
    return found


def _run(tokens: Sequence[tuple[str, str, int, int]], at: int, language: str) -> tuple[str, int, int]:
    """Letters of the longest run from token `at`, how many are beyond doubt, and the token after it."""
    letters, clear, end = "", 0, at
    while at < len(tokens):
        more, sure, used = _letter(tokens, at, language)
        plain = (
            len(letters) > 2 and tokens[at][1] in _TABLE and all(len(token[1]) == 1 for token in tokens[end - 2 : end])
        )
        if more and not plain:
            letters += more
            clear += len(more) if sure else 0
            at += used
            end = at
        elif letters and (tokens[at][1] in _SKIPPED or _is_article(tokens, at)):
            at += 1
        else:
            break
    return letters, clear, end


def _letter(tokens: Sequence[tuple[str, str, int, int]], at: int, language: str) -> tuple[str, bool, int]:
    """The letter (or doubled letter) at token `at`, whether it is beyond doubt, and the tokens it takes."""
    written, folded = tokens[at][0].lower(), tokens[at][1]
    times = _TIMES.get(folded)
    if times and at + 1 < len(tokens):
        if tokens[at + 1][1] in ("u", "you") and folded == "double" and language == "en":
            return "w", True, 2
        letter, sure, used = _letter(tokens, at + 1, language)
        return (letter * times, sure, used + 1) if len(letter) == 1 else ("", False, 1)
    if _is_article(tokens, at):
        return "", False, 1
    if len(written) == 1 and written.isalpha():
        return written, True, 1 + _example(tokens, at, written, language)
    if folded in _NAMES[language]:
        letter = _NAMES[language][folded]
        example = _example(tokens, at, letter, language)
        return (
            letter,
            bool(example) or folded in ("em", "ee", "ess", "jay", "kay", "vau", "jott", "ypsilon"),
            1 + example,
        )
    if written in _TABLE:
        return written[0], True, 1
    return "", False, 1


def _is_article(tokens: Sequence[tuple[str, str, int, int]], at: int) -> bool:
    """Whether "a" stands before a letter rather than for one ("with an E and a Y")."""
    return tokens[at][0] == "a" and at > 0 and tokens[at - 1][1] in ("and", "with")


def _example(tokens: Sequence[tuple[str, str, int, int]], at: int, letter: str, language: str) -> int:
    """How many tokens after `at` only explain the letter ("as in Bob", "wie Siegfried")."""
    words = [token[1] for token in tokens[at + 1 : at + 4]]
    skip = 2 if words[:2] == ["as", "in"] else 1
    explains = len(words) > skip and words[0] in _AS_IN[language]
    return skip + 1 if explains and len(words[skip]) > 1 and words[skip][0] == fold(letter)[0] else 0


def misheard(letters: str, said: str) -> bool:
    """Whether a spelling is the name as it was `said`, but for vowels heard as letters that sound like them."""
    pairs = [(a, b) for a, b in zip(fold(letters), fold(said), strict=False) if a != b]
    return len(letters) == len(said) and bool(pairs) and all(a in _LIKE_VOWELS.get(b, "") for a, b in pairs)


def with_spelling(found: list[Reading[str]], spelled: list[Reading[str]], asked: bool) -> list[Reading[str]]:
    """Let the spelling correct the name that it follows: "Meyer, M E I E R" is Meier."""
    if not spelled:
        return found
    letters = spelled[-1]
    for index, reading in enumerate(found):
        *given, last = reading.value.split(" ")
        if reading.end <= letters.start and fold(last)[:1] == fold(letters.value)[:1]:
            if misheard(letters.value, last):
                return found
            whole = " ".join([*given, letters.value])
            found[index] = Reading(whole, reading.start, letters.end, letters.confidence)
            return found
    clear = [one for one in found if one.end <= letters.start or one.start >= letters.end]
    if any(" " in one.value for one in clear):
        letters = replace(letters, confidence=0.6 * letters.confidence)  # of a part that was heard worse than the name
    return [*clear, letters] if asked else clear
