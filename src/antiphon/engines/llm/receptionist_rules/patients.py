"""Whether the patient whom a call is about has been to the practice, as the caller tells it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from antiphon.engines.llm.receptionist_rules import patients_en
from antiphon.engines.llm.receptionist_rules.cues import Cue, Hit, compile_table, find
from antiphon.engines.llm.receptionist_rules.heard import Heard
from antiphon.engines.llm.receptionist_rules.intents import THRESHOLD, Intent, last_place
from antiphon.engines.llm.receptionist_rules.tokens import Token, fold, tokens
from antiphon.events.practice import Practice
from antiphon.language.lexicon import vocabulary

_TAKES_BACK = re.compile(r"(?i)\b(?:no|wait|sorry|actually|not right|that[’']?s wrong|i mean|nein|doch|halt|moment)\b")
_WAS_TREATED = re.compile(
    r"(?i)\b(?:saw|did|made|(?<!be )treated|pulled|filled|fitted|told me|asked me|advised me|was (?:with|at)"
    r"|war bei|hat mir)\b"
    r"|\b(?:dr|doctor|mrs|ms|mr)\.? \w+ (?:said|recommended|suggested|wanted|wants|advised|noticed|found)\b"
)
_TITLES = vocabulary("dr doctor mr mrs ms miss frau herr")
_PLACES = vocabulary(
    "practice practise surgery clinic place office team dentist dentists hygienist hygienists doctor doctors staff"
    " colleague colleagues chair"
)
_WHICH_PLACE = vocabulary("dental dentist dentist's lovely nice other")
_YOU_ALL = vocabulary("guys folks lot people all lads")
_SUBJECTS = vocabulary("you i we")
_AUXILIARIES = vocabulary("do does did would could can will should might may if")
"""Before a subject, they make a question or a wish: "could you have my crown looked at?" tells of no crown."""
_FIRST_PERSON = vocabulary("i we you it this that he she they who")
_RELATIVES = vocabulary(
    "husband wife partner girlfriend boyfriend mother mum mom father dad son daughter sister brother boy girl kid child"
    " grandson granddaughter grandmother grandfather gran nan cousin uncle aunt niece nephew fiance fiancee"
)
_ACQUAINTANCES = vocabulary(
    "neighbour neighbours neighbor neighbors friend friends colleague colleagues boss flatmate coworker mate landlord"
)
_OF_ANOTHER = vocabulary("he she him they them")
_ASKS = vocabulary("i how what")
_MINE = vocabulary("my our a the")


def known_patient(heard: Heard, practice: Practice) -> bool | None:
    """Whether the patient has been to the practice; None where the caller does not tell.

    Of both, the one said after "no, wait" counts, else what is said to be new; somebody who has not come for long
    is known.
    """
    if heard.language != "en":
        return _by_intents(heard)
    said = _naming_the_practice(tokens(heard.text), practice)
    if _tells(patients_en.LAPSED, said):
        return True
    plainly = _by_intents(heard) if _speaks_of_patient(heard) else None
    new, known = (_tells(table, said) for table in (patients_en.NEW, patients_en.KNOWN))
    taken_back = plainly and heard.means(Intent.NEW_PATIENT)
    if plainly is not None and (not plainly or not new or taken_back):
        return plainly
    if new or known:
        return known and not new
    asks_and_comes = heard.service is not None and any(answer.name == "new_patients" for answer in heard.answers)
    return False if asks_and_comes or _tells(patients_en.LIKELY_NEW, said, of_anyone=True) else None


def _by_intents(heard: Heard) -> bool | None:
    asks = any(answer.name == "new_patients" for answer in heard.answers)
    if not heard.means(Intent.NEW_PATIENT) or asks:
        treated = heard.practitioner is not None and _WAS_TREATED.search(heard.text)
        return True if treated or heard.means(Intent.KNOWN_PATIENT) else None
    first, then = (last_place(heard.said, heard.language, i) for i in (Intent.NEW_PATIENT, Intent.KNOWN_PATIENT))
    between = heard.text[heard.said[first].start : heard.said[then].start] if 0 <= first < then else ""
    return bool(_TAKES_BACK.search(between))


def _speaks_of_patient(heard: Heard) -> bool:
    """Whether some cue of the plain tables is not said of a third person."""
    places = [last_place(heard.said, heard.language, i) for i in (Intent.NEW_PATIENT, Intent.KNOWN_PATIENT)]
    return not all(_of_third_person(heard.said, at) for at in places if at >= 0) or max(places) < 0


def _tells(table: str, said: Sequence[Token], *, of_anyone: bool = False) -> bool:
    """Whether cues of `table` are said of the patient."""
    hits = [hit for hit in find(_compiled(table), said) if of_anyone or not _of_third_person(said, hit.first)]
    told = [hit for hit in hits if not _asks_or_dates(said, hit)]
    return sum(hit.cue.weight for hit in told) >= THRESHOLD


def _asks_or_dates(said: Sequence[Token], hit: Hit) -> bool:
    """Whether a cue is a question's ("could you have …"), or only tells since when ("since we moved here")."""
    before = [token.word for token in said[max(0, hit.first - 3) : hit.first]]
    asks = said[hit.first].word in _SUBJECTS and bool(before) and before[-1] in _AUXILIARIES
    moved = not {"moved", "relocated"}.isdisjoint(token.word for token in said[hit.first : hit.last])
    return asks or (moved and not {"since", "before", "until"}.isdisjoint(before))


def _of_third_person(said: Sequence[Token], at: int) -> bool:
    """Whether the subject of what stands at `at` is somebody other than the patient ("a friend of mine is …")."""
    for index in range(at - 1, -1, -1):
        word = said[index].word
        if word in _FIRST_PERSON or said[index + 1].opens_clause:
            return False
        if word in _ACQUAINTANCES:
            return not _comes_for(said, word)
        if word in _RELATIVES:
            words = {token.word for token in said[at:]}
            return words.isdisjoint(_OF_ANOTHER) and not words.isdisjoint(_ASKS) and not _comes_for(said, word)
    return False


def _comes_for(said: Sequence[Token], person: str) -> bool:
    """Whether the visit is "for my daughter"."""
    words = [token.word for token in said]
    trios = zip(words, words[1:], words[2:], strict=False)
    return any(first == "for" and mine in _MINE and who == person for first, mine, who in trios)


def _naming_the_practice(said: Sequence[Token], practice: Practice) -> list[Token]:
    """The words with "you" in place of whatever else names the practice ("your surgery", "Dr. Weber")."""
    return [replace(said[first], word="you") if is_you else said[first] for first, is_you in _units(said, practice)]


def _units(said: Sequence[Token], practice: Practice) -> Iterator[tuple[int, bool]]:
    """Where each word or name of the practice begins, and whether it is such a name."""
    names = _called(practice.name, practice.staff)
    at = 0
    while at < len(said):
        words = [token.word for token in said[at : at + 4]]
        length = next((len(name) for name in names if tuple(words[: len(name)]) == name), 0) or _length_of_you(words)
        yield at, length > 0
        at += max(length, 1)


def _length_of_you(words: Sequence[str]) -> int:
    """How many of `words` name the practice from the first of them on; 0 where they do not."""
    one, two, three = (*words, "", "", "")[:3]
    if one in ("your", "this") and two in _WHICH_PLACE and three in _PLACES:
        return 3
    if (one == "your" and two in _PLACES) or (one in ("this", "the") and two == "practice"):
        return 2
    if one in ("you", "your") and two in _YOU_ALL:
        return 2
    return 1 if one == "yours" else 0


@cache
def _called(practice: str, staff: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """What the practice and its staff are called, longest first."""
    surnames = {fold(member.split()[-1]) for member in staff}
    names = {(title, surname) for title in _TITLES for surname in surnames}
    return tuple(sorted({*names, tuple(fold(practice).split())}, key=len, reverse=True))


@cache
def _compiled(table: str) -> tuple[Cue, ...]:
    return compile_table(table)
