"""People's names: said in a sentence, as a bare answer, or spelled."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from antiphon.language.canonical import fold
from antiphon.language.given_names import GIVEN_AND_FAMILY_NAMES, GIVEN_NAMES
from antiphon.language.lexicon import known
from antiphon.language.name_cues import AFTER, CUES, LETTER_HINT, PARTS
from antiphon.language.name_words import ALSO_SURNAMES, ANSWERS, NOT_NAMES, PARTICLES, TITLES
from antiphon.language.reading import Reading
from antiphon.language.spelling import read_spelling as read_spelling
from antiphon.language.spelling import with_spelling

_WORD = re.compile(r"[^\W\d_]+(?:['’`\-][^\W\d_]+)*\.?|[0-9]+|[^\w\s]")
_MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class _Piece:
    written: str
    folded: str
    start: int
    end: int


def read_names(text: str, language: str, asked: bool) -> list[Reading[str]]:
    """Names of persons in `text`, capitalised, without titles, surest first.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        asked: the caller was just asked for the name, so that a bare answer is one.
    """
    spoken = known(language)
    text = re.sub(r"(?i)['’]s peaking\b", " speaking ", text)  # as recognisers write it
    text = re.sub(r"(?i)['’]s(?= (?:the|my) (?:\w+ ?)?name\b)", "  ", text)
    text = re.sub(r" from [A-ZÄÖÜ]\w+(?= (?:here|speaking|calling)\b)", lambda place: " " * len(place[0]), text)
    hint = LETTER_HINT.search(text)
    text = LETTER_HINT.sub(lambda hint: " " * len(hint[0]), text)
    pieces = [_Piece(m[0], fold(m[0].rstrip(".")) or m[0], m.start(), m.end()) for m in _WORD.finditer(text)]
    cased = any(c.islower() for c in text) and any(c.isupper() for c in text[1:])
    found = [*_after_cues(text, pieces, spoken, cased, asked), *_before_cues(text, pieces, spoken, cased)]
    if asked and hint:
        found += _family_first(pieces, hint.start(), spoken, cased)
    if asked and not found:
        found += _bare(pieces, spoken, cased)
    spelled = read_spelling(text, language) if asked or found else []
    found = with_spelling(found, spelled, asked)
    return _best([*_of_two_parts(text, pieces, found, spoken, cased), *found])


def _of_two_parts(
    text: str, pieces: Sequence[_Piece], found: Sequence[Reading[str]], language: str, cased: bool
) -> Iterator[Reading[str]]:
    """The whole name of "first name Anna, last name Keller", or of "Keller, first name Anna"."""
    given, family = (
        _part_told_after(text, pieces, source) or _part(text, pieces, source, language, cased)
        for source in PARTS[language]
    )
    told = given or family
    if told is None:
        return
    others = (one for one in found if " " not in one.value and (one.end <= told.start or one.start >= told.end))
    before = [piece for piece in pieces if piece.end <= told.start and piece.written.rstrip(".") != told.value]
    other = next(others, None) or _alone(before, language, cased) or (None if given else _given(before))
    given, family = given or other, family or other
    if given and family and given is not family:
        start, end = min(given.start, family.start), max(given.end, family.end)
        yield Reading(f"{given.value} {family.value}", start, end, told.confidence)


def _given(pieces: Sequence[_Piece]) -> Reading[str] | None:
    """The last common given name among the pieces."""
    found = [piece for piece in pieces if piece.written[:1].isupper() and piece.folded in GIVEN_NAMES]
    return Reading(_capitalised(found[-1]), found[-1].start, found[-1].end, 0.7) if found else None


def _alone(pieces: Sequence[_Piece], language: str, cased: bool) -> Reading[str] | None:
    """One name that is all that there is, words that introduce it aside (the "Keller" of "Keller, first name Anna")."""
    names = _bare(pieces, language, cased)
    return names[0] if names and " " not in names[0].value else None


def _part(text: str, pieces: Sequence[_Piece], source: str, language: str, cased: bool) -> Reading[str] | None:
    """The name that follows a word for a part of it."""
    match = re.search(rf"(?i)(?<!\w){source}(?:[’']s| is| ist| was| war|[,:])*\s+(?=\w)", text)
    at = next((i for i, piece in enumerate(pieces) if match and piece.start >= match.end()), None)
    return None if at is None else _name_at(pieces, at, language, cased, strict=False)


def _part_told_after(text: str, pieces: Sequence[_Piece], source: str) -> Reading[str] | None:
    """The name of which it is said that it is that part ("Rossi is the family name")."""
    match = re.search(
        rf"(?i)([^\W\d_]+) (?:(?:is|being|ist|als) )?(?:the|my|his|her|der|mein) {source}(?=\W*$|[.,])", text
    )
    piece = next((p for p in pieces if match and p.start == match.start(1) and p.written[:1].isupper()), None)
    return None if piece is None else Reading(_capitalised(piece), piece.start, piece.end, 0.9)


def _best(found: Sequence[Reading[str]]) -> list[Reading[str]]:
    kept: list[Reading[str]] = []
    for reading in sorted(found, key=lambda one: (-one.confidence, one.start, -one.end)):
        if not any(reading.start < other.end and other.start < reading.end for other in kept):
            kept.append(reading)
    return kept


def _after_cues(text: str, pieces: Sequence[_Piece], language: str, cased: bool, asked: bool) -> Iterator[Reading[str]]:
    for source, sure in CUES[language]:
        for match in re.finditer(rf"(?i)(?<!\w){source}(?!\w)[,:]?\s+", text):
            at = next((i for i, piece in enumerate(pieces) if piece.start >= match.end()), None)
            if at is None:
                continue
            reading = _name_at(pieces, at, language, cased, strict=not sure)
            if reading:
                trust = sure or (0.9 if cased or asked else 0.6)
                yield Reading(reading.value, reading.start, reading.end, min(trust, reading.confidence))


def _before_cues(text: str, pieces: Sequence[_Piece], language: str, cased: bool) -> Iterator[Reading[str]]:
    source, sure = AFTER[language]
    for match in re.finditer(rf"(?i)[\s,]({source})(?!\w)", text):
        ending = [i for i, piece in enumerate(pieces) if piece.end <= match.start(1) and piece.written != ","]
        if cased and (small := _in_small(pieces, ending[-2:], language)):
            yield small
            continue
        for first in range(max(0, len(ending) - _MOST_WORDS), len(ending)):
            reading = _name_at(pieces, ending[first], language, cased, strict=True)
            starts_clause = (
                first == 0
                or not pieces[ending[first] - 1].folded.isalpha()
                or pieces[ending[first] - 1].written.endswith(".")
                or (pieces[ending[first] - 1].folded in NOT_NAMES[language] | TITLES)
            )
            if reading and starts_clause and reading.end == pieces[ending[-1]].end:
                yield Reading(
                    reading.value, reading.start, reading.end, min(sure if cased else 0.6, reading.confidence)
                )
                break


def _in_small(pieces: Sequence[_Piece], last_two: Sequence[int], language: str) -> Reading[str] | None:
    """A given name and, in small letters, a surname that the recogniser took for a word ("Rachel stone here")."""
    if len(last_two) < 2 or last_two[1] - last_two[0] > 1:
        return None
    given, family = (pieces[index] for index in last_two)
    begins = last_two[0] == 0 or not pieces[last_two[0] - 1].folded.isalpha()
    named = given.written[:1].isupper() and given.folded in GIVEN_NAMES and family.written.isalpha()
    if not (begins and named and family.written.islower()) or family.folded in NOT_NAMES[language] | PARTICLES:
        return None
    return Reading(f"{_capitalised(given)} {_capitalised(family)}", given.start, family.end, 0.6)


def _name_at(pieces: Sequence[_Piece], at: int, language: str, cased: bool, *, strict: bool) -> Reading[str] | None:
    """The name that begins at piece `at`; `strict` trusts only capitals, or words that mean nothing else."""
    while at < len(pieces) and (pieces[at].folded in TITLES or (pieces[at].folded in ("the", "a") and not strict)):
        at += 1
    taken: list[_Piece] = []
    for index, piece in enumerate(pieces[at : at + _MOST_WORDS + 1], at):
        if cased and len(taken) == 1 and piece.written[:1].isupper() and _is_surname(pieces, index, language):
            taken.append(piece)
            break
        if piece.folded in PARTICLES and (not taken or cased or len(taken) < 2):
            taken.append(piece)
        elif not _may_be_name(piece, language, cased, strict=strict, first=not taken):
            break
        else:
            taken.append(piece)
        if piece.written.endswith("."):
            break
    while taken and taken[-1].folded in PARTICLES:
        taken.pop()
    if not taken or len(taken) > _MOST_WORDS or not any(len(piece.folded) > 1 for piece in taken):
        return None
    sure = 1.0 if cased or not strict else 0.6
    if len(taken) > 2 and not cased:
        sure = min(sure, 0.6)
    taken = _in_full(pieces, taken)
    name = " ".join(_capitalised(piece) for piece in taken)
    end = taken[-1].end - (1 if taken[-1].written.endswith(".") else 0)
    return Reading(name, taken[0].start, end, sure)


def _is_surname(pieces: Sequence[_Piece], at: int, language: str) -> bool:
    """Whether a word that means something is a surname at `at`: the next words do not go on with it ("Tom May I")."""
    after = pieces[at + 1] if at + 1 < len(pieces) else None
    goes_on = after is not None and (after.folded in ("i", "we", "ich", "wir") or after.folded[:1].isdigit())
    return pieces[at].folded in ALSO_SURNAMES[language] and not goes_on


def _in_full(pieces: Sequence[_Piece], taken: list[_Piece]) -> list[_Piece]:
    """The whole name where a part of it was said first ("Bond, James Bond")."""
    at = pieces.index(taken[-1]) + 1
    if at < len(pieces) and pieces[at].written == ",":
        at += 1
    whole = list(pieces[at : at + 3])
    if len(taken) == 2 and [piece.folded for piece in whole[1:]] == [piece.folded for piece in taken]:
        return whole  # "Fairfax Jones, Harriet Fairfax Jones"
    repeated = [index for index, piece in enumerate(whole) if piece.folded == taken[-1].folded]
    if len(taken) > 1 or not repeated or not all(piece.folded[:1].isalpha() for piece in whole[: repeated[0] + 1]):
        return taken
    if repeated[0]:
        return whole[: repeated[0] + 1]
    return whole[:1] + [piece for piece in whole[1:2] if piece.written[:1].isupper()]


def _may_be_name(piece: _Piece, language: str, cased: bool, *, strict: bool, first: bool) -> bool:
    word = piece.folded
    if not word[:1].isalpha() or word in NOT_NAMES[language]:
        return False
    if cased and piece.written[0].islower():
        return False
    if strict and not cased:
        endings = ("ing", "ly", "ed", "ious", "able", "ful") if language == "en" else ("lich", "ung", "iert", "isch")
        return not (first and word.endswith(endings))
    return not (strict and first and language == "en" and word.endswith("ing") and len(word) > 5)


def _bare(pieces: Sequence[_Piece], language: str, cased: bool) -> list[Reading[str]]:
    """The name that is the whole answer, politeness and hesitation aside."""
    rest = [piece for piece in pieces if piece.folded not in ANSWERS[language] and piece.folded[:1].isalnum()]
    if not 0 < len(rest) <= _MOST_WORDS + 1 or any(piece.folded[0].isdigit() for piece in rest):
        return []
    names = [piece for piece in rest if piece.folded not in TITLES]
    lowered = all(piece.written.islower() for piece in names)
    no_names = NOT_NAMES[language] - PARTICLES
    surname = len(names) == 2 and (names[1].folded in ALSO_SURNAMES[language] or _in_capitals(names, cased))
    if not names or len(names) > _MOST_WORDS or any(p.folded in no_names for p in _telling(names, surname)):
        return []
    if all(len(piece.folded) == 1 for piece in names) or (
        len(names) > 2 and cased and names[1].written.islower() and (names[1].folded not in PARTICLES)
    ):
        return []
    names = _given_first(pieces, _said_once(pieces, names))
    if names[0].folded in {piece.folded for piece in names[1:]}:
        names = _in_full(names, names[:1])
    value = " ".join(_capitalised(piece) for piece in names)
    names_end = max(names, key=lambda piece: piece.end)
    end = names_end.end - (1 if names_end.written.endswith(".") else 0)
    # Recognisers write names they know with capitals: "Daniel laughed" is a name misheard.
    small = any(piece.written.islower() and piece.folded not in PARTICLES for piece in names[1:])
    misheard = small and names[0].written[:1].isupper()
    sure = 0.5 if surname and lowered else 0.6 if misheard else 0.7 if lowered else 0.85
    return [Reading(value, min(piece.start for piece in names), end, sure)]


def _telling(names: list[_Piece], surname: bool) -> list[_Piece]:
    """The words that must mean nothing else for the whole to be a name."""
    if surname:
        return [] if names[0].folded in GIVEN_NAMES else names[:1]
    return names


def _in_capitals(names: list[_Piece], cased: bool) -> bool:
    """Whether two words that may mean something are a given name and what can only be its surname ("Will Young")."""
    return cased and names[0].folded in GIVEN_NAMES and all(name.written[:1].isupper() for name in names)


def _given_first(pieces: Sequence[_Piece], names: list[_Piece]) -> list[_Piece]:
    """The given name before the family's where both are set apart the other way round ("Keller, Anna")."""
    if len(names) != 2 or names[0].folded in GIVEN_NAMES or names[1].folded not in GIVEN_NAMES:
        return names
    apart = pieces[pieces.index(names[1]) - 1].written.endswith((",", "."))
    return names[::-1] if apart or names[1].folded not in GIVEN_AND_FAMILY_NAMES else names


def _said_once(pieces: Sequence[_Piece], names: list[_Piece]) -> list[_Piece]:
    """The name without the part that is said once more ("Dora Meyer, Meyer", "Eric Marsh, Eric", "Sara, Sarah B")."""
    if len(names) < 3:
        return names
    paused = [pieces[pieces.index(name) - 1].written == "," for name in names[1:]]
    if names[-1].folded == names[-2].folded or (paused[-1] and not paused[0] and names[-1].folded == names[0].folded):
        return names[:-1]
    if paused[0] and names[0].folded[:3] == names[1].folded[:3]:
        return names[1:]
    return names


def _family_first(pieces: Sequence[_Piece], at: int, language: str, cased: bool) -> Iterator[Reading[str]]:
    """The name whose first part, explained by a hint at `at`, is the family's ("Hartmann with two Ns, Zoe")."""
    family = _alone([piece for piece in pieces if piece.end <= at], language, cased)
    given = _alone([piece for piece in pieces if piece.start >= at], language, cased)
    if family and given and family.value != given.value:
        yield Reading(
            f"{given.value} {family.value}", family.start, given.end, min(family.confidence, given.confidence)
        )


def _capitalised(piece: _Piece) -> str:
    word = piece.written.rstrip(".").replace("`", "'").replace("’", "'")
    if piece.folded in PARTICLES:
        return word.lower()
    return word if not (word.islower() or word.isupper()) else capitalised(word)


def capitalised(words: str) -> str:
    """Words in the case of a name: `O'Brien`, `Anna-Maria`, `McGregor`; an ending after an apostrophe stays small."""
    joined = re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), words.lower())
    joined = re.sub(r"(?<=[^\W\d_]{2}['’])[^\W\d_](?![^\W\d_])", lambda end: end[0].lower(), joined)
    return re.sub(r"\bMc([a-z])", lambda letter: "Mc" + letter[1].upper(), joined)
