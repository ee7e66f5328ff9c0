"""What a turn says in the words of the practice's own file: services, questions, staff."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from antiphon.engines.llm.receptionist_rules.cues import Cue, Hit, compile_phrase, find
from antiphon.engines.llm.receptionist_rules.heard import Heard
from antiphon.engines.llm.receptionist_rules.intents import NOT_DENTAL, Intent
from antiphon.engines.llm.receptionist_rules.tokens import Token, fold, tokens
from antiphon.events.practice import Answer, Practice
from antiphon.language.lexicon import vocabulary
from antiphon.language.reading import Reading

_BACK_TRACK = frozenset(
    ["actually", "no", "sorry", "wait", "rather", "instead", "meant", "nein", "doch", "sondern", "eigentlich"]
)

_WISHES = vocabulary(
    "need needs needed want wants book require requires recommend recommends recommended suggested found spotted"
    " discovered brauche braucht brauchen benötige möchte will empfohlen gefunden"
)
"""Directly before a service: it is the one to come for, whatever else is told."""
_VISITS = frozenset(("appointment", "visit", "termin"))
_WOULD = frozenset(("would", "should"))
"""Before "like" and a service, the same; "it looks like a crown" is no wish."""
_COMES = vocabulary("in come appointment visit")
"""Before "for" and a service, the same."""
_TELLS_OF_ANOTHER = vocabulary("had last since hatte letzte letzten letzter letztes seit")
"""Directly before a service: a visit that has been."""
_PAST = vocabulary("last ago was came letzte letzten letzter letztes war kam")
_NEAR = 7
"""Of the words before "for" and a service, so many may tell the same ("I was with you last year for a filling")."""

_SMALL_WORDS = vocabulary(
    "a an the my your his her our their this that these some one of two three all both"
    " der die das den dem des ein eine einen einem einer mein meine meinen meinem meiner unser unsere unseren ihr ihre"
    " ihren sein seine seinen dieser diese diesen dieses zwei drei alle beide"
)
"""Words that make no difference to what a phrase names: "pull a tooth", "pull my tooth", "pull that one tooth"."""


def service_meant(said: Sequence[Token], language: str, practice: Practice) -> Reading[str] | None:
    """The service that is meant: one that is needed, else the longest phrase; after "no, …" the last one."""
    said = _telling(said)
    found: list[tuple[Hit, str]] = []
    for service in practice.services:
        hits = list(find(_names(_all_words(service.words, language)), said))
        found += [(hit, service.name) for hit in hits]
    if not found:
        return None
    found.sort(
        key=lambda pair: (-_wished(said, pair[0]), _any_visit(pair[0]), -len(pair[0].cue.elements), pair[0].first)
    )
    hit, name = found[0]
    for other, other_name in found[1:]:
        between = {token.word for token in said[hit.last : other.first]}
        if other_name != name and other.first >= hit.last and between & _BACK_TRACK:
            hit, name = other, other_name
    return placed(name, hit, said)


def _wished(said: Sequence[Token], hit: Hit) -> int:
    """1 for a service that is said to be needed, -1 for one that the caller has had, else 0."""
    lead, before = (said[at].word if at >= 0 else "" for at in (hit.first - 2, hit.first - 1))
    wished = before in _WISHES or (before == "for" and lead in _COMES) or (before == "like" and lead in _WOULD)
    past = before in ("for", "für") and _PAST & {token.word for token in said[max(0, hit.first - _NEAR) : hit.first]}
    return wished - (before in _TELLS_OF_ANOTHER or bool(past))


def _any_visit(hit: Hit) -> bool:
    """Whether a phrase names a visit of any kind ("first appointment"), which a treatment beside it outweighs."""
    return hit.cue.elements[-1].words[0][0] in _VISITS


def answers_asked(heard: Heard, practice: Practice) -> list[Answer]:
    """Questions asked, best first. A single word counts only within a question: "my insurance" asks for nothing."""
    asks = heard.means(Intent.QUESTION) or "?" in heard.text or heard.words <= 3
    scored: list[tuple[float, Answer]] = []
    for answer in practice.answers:
        hits = list(find(_phrases(_all_words(answer.cues, heard.language)), heard.said))
        longest = max((len(hit.cue.elements) for hit in hits), default=0)
        if longest >= 2 or (longest and asks):
            scored.append((longest + 0.1 * len(hits), answer))
    scored.sort(key=lambda pair: -pair[0])
    return [answer for _, answer in scored]


def practitioner_named(said: Sequence[Token], practice: Practice) -> Reading[str] | None:
    """One of the staff, named with title or function ("with Dr. Weber", "bei Frau Huber")."""
    lead = {"dr", "doctor", "doktor", "with", "bei", "zu", "frau", "herrn", "herr", "mrs", "mr", "ms", "see"}
    for member in practice.staff:
        surname = fold(member.split()[-1])
        for index, token in enumerate(said):
            before = {said[i].word for i in range(max(0, index - 2), index)}
            if token.word == surname and before & lead:
                return Reading(member, token.start, token.end)
    return None


def is_staff(name: str, practice: Practice) -> bool:
    """Whether a name is that of somebody who works there."""
    return any(fold(name) == fold(re.sub(r"^(Dr|Prof)\.?\s+", "", member)) for member in practice.staff)


def dental(said: Sequence[Token], told: Sequence[Reading[str]]) -> Sequence[Token]:
    """The words without those of complaints that no dentist treats: "chest pain" is no visit for pain."""
    elsewhere = [symptom for symptom in told if symptom.value in NOT_DENTAL]
    return [token for token in said if not any(one.start <= token.start < one.end for one in elsewhere)]


def placed(name: str, hit: Hit, said: Sequence[Token]) -> Reading[str]:
    """`name` where its words were said."""
    return Reading(name, said[hit.first].start, said[hit.last - 1].end)


def _telling(said: Sequence[Token]) -> list[Token]:
    """The words without small ones; a clause begins at what follows the small word that opened it."""
    telling: list[Token] = []
    opens = False
    for token in said:
        opens = opens or token.opens_clause
        if token.word not in _SMALL_WORDS:
            telling.append(replace(token, opens_clause=opens))
            opens = False
    return telling


@cache
def _names(words: tuple[str, ...]) -> tuple[Cue, ...]:
    """Phrases for a service, without small words, which callers choose freely."""
    told = (" ".join(token.word for token in _telling(tokens(phrase))) for phrase in words)
    return tuple(compile_phrase(phrase) for phrase in dict.fromkeys(told) if phrase)


@cache
def _phrases(words: tuple[str, ...]) -> tuple[Cue, ...]:
    return tuple(compile_phrase(phrase) for phrase in words)


def _all_words(words: dict[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    return tuple(words.get(language) or next(iter(words.values()), ()))
