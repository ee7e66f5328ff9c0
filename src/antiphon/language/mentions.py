"""Days, times and parts of the day that a turn mentions, and which of them the caller wishes for."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from antiphon.language.birth_dates import read_birth_dates
from antiphon.language.dates import Day, read_dates
from antiphon.language.lexicon import known
from antiphon.language.numbers import digit_runs
from antiphon.language.parts import Bound, Part, read_parts
from antiphon.language.reading import Reading
from antiphon.language.times import DayTime, read_times
from antiphon.language.wishes import joins_refused, moves_appointment, names_old_one, refused, reverses_bound

_BIRTH = re.compile(r"\b(?:born|birth\w*|dob|geboren|geburts?\w*|jahrgang)\b", re.IGNORECASE)
Atom: TypeAlias = Reading[Day] | Reading[DayTime] | Reading[Part]


def mentioned(text: str, language: str, today: datetime.date) -> list[Atom]:
    """All days, times and parts of the day in `text`, in their order."""
    days = list(read_dates(text, language, today))
    births = [(birth.start, birth.end) for birth in read_birth_dates(text, language, today)]
    if _BIRTH.search(text):
        days = [day for day in days if not _overlaps(day, births)]
    else:
        # "3 December, twelve" is a day and a time unless birth is spoken of.
        births = [span for span in births if not any(_overlaps(day, [span]) for day in days)]
    spans = births + [(day.start, day.end) for day in days]
    for run in digit_runs(text, language):
        whole = (run[0].start, run[-1].end)
        if sum(len(group.digits) for group in run) >= 7 and not any(a < whole[1] and whole[0] < b for a, b in spans):
            spans.append(whole)
    times = read_times(text, language, spans)
    spans += [(time.start, time.end) for time in times]
    parts = [part for part in read_parts(text, language) if not _overlaps(part, spans)]
    atoms: list[Atom] = [*days, *times, *parts]
    return sorted(atoms, key=lambda atom: atom.start)


def _overlaps(reading: Atom, spans: Sequence[tuple[int, int]]) -> bool:
    return any(reading.start < end and start < reading.end for start, end in spans)


def is_refused(text: str, language: str, atoms: Sequence[Atom], index: int) -> bool:
    """Whether the caller rules out what `atoms[index]` names."""
    start = atoms[index - 1].end if index else 0
    end = atoms[index + 1].start if index + 1 < len(atoms) else len(text)
    atom = atoms[index]
    before = text[start : atom.start]
    if index and isinstance(atom.value, Day) and joins_refused(before, known(language)):
        return isinstance(atoms[index - 1].value, Day) and is_refused(text, language, atoms, index - 1)
    return refused(before, text[atom.end : end], known(language), more=index + 1 < len(atoms))


def wanted(text: str, language: str, atoms: Sequence[Atom]) -> list[Atom]:
    """Atoms that are wished for: neither refused nor those of an appointment that is to be moved."""
    wanted: list[Atom] = []
    dropped = False
    moves = moves_appointment(text, known(language))
    for index, atom in enumerate(atoms):
        start = atoms[index - 1].end if index else 0
        before = text[start : atom.start]
        later_day = any(
            isinstance(later.value, Day) and not is_refused(text, language, atoms, at)
            for at, later in enumerate(atoms[index + 1 :], index + 1)
        )
        if isinstance(atom.value, DayTime) and reverses_bound(before, known(language)) and limits(atom.value):
            wanted.append(_reversed(atom, atom.value))
        elif is_refused(text, language, atoms, index) or (
            moves and not wanted and isinstance(atom.value, Day) and later_day and names_old_one(before, language)
        ):
            dropped = True
        elif (
            dropped
            and not isinstance(atom.value, Day)
            and not re.search(r"(?i)[,.;?!]|\b(?:but|aber|sondern)\b", before)
        ):
            continue  # the time of a day that was dropped
        else:
            dropped = False
            wanted.append(atom)
    return wanted


def limits(said: DayTime) -> bool:
    """Whether a time is only the earliest or the latest that will do."""
    return said.until is None and said.bound in (Bound.BEFORE, Bound.AFTER)


def _reversed(atom: Atom, said: DayTime) -> Reading[DayTime]:
    """Someone who "can't before ten" wishes for a time after it."""
    bound = Bound.AFTER if said.bound is Bound.BEFORE else Bound.BEFORE
    return Reading(replace(said, bound=bound), atom.start, atom.end, min(atom.confidence, 0.9))
