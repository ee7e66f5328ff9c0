"""All that one turn of the caller says, and what is known when it is read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from antiphon.engines.llm.receptionist_rules.intents import THRESHOLD, Intent
from antiphon.engines.llm.receptionist_rules.tokens import Token
from antiphon.events.practice import Answer, Practice
from antiphon.language.dates import Day, NoDay
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot

_WORDS = re.compile(r"[^\W_]+")


@dataclass(slots=True)
class Heard:
    """What was read from a turn.

    Attributes:
        text: the caller's words.
        said: its tokens, without the words of names.
        scores: intents with cues in it.
        yes: agrees, refuses, or neither.
        slots: wishes for appointments, in their order.
        earlier_slots: what was named before the last wish, such as the appointment that is to be moved.
        refusals: days that are ruled out.
        refused_slots: days that are ruled out wholly or at a time, with the times that were said with them.
        impossible: days that are wished for but have passed or do not exist.
        names: names, surest first.
        phones: telephone numbers.
        digits: digits that are no complete telephone number.
        birth_date: a date of birth.
        service: the name of the service it is about, with its place.
        answers: questions of the practice's list that are asked.
        symptoms: with their places.
        emergencies: kinds, gravest first.
        pain_level: 0 to 10.
        insurance: the insurer's name.
        practitioner: one of the staff.
    """

    text: str
    language: str
    said: Sequence[Token]
    scores: dict[Intent, float]
    yes: Reading[bool] | None = None
    slots: list[Reading[Slot]] = field(default_factory=list)
    earlier_slots: list[Reading[Slot]] = field(default_factory=list)
    refusals: list[Reading[Day]] = field(default_factory=list)
    refused_slots: list[Reading[Slot]] = field(default_factory=list)
    impossible: list[Reading[NoDay]] = field(default_factory=list)
    names: list[Reading[str]] = field(default_factory=list)
    phones: list[Reading[str]] = field(default_factory=list)
    digits: list[Reading[str]] = field(default_factory=list)
    birth_date: Reading[date] | None = None
    service: Reading[str] | None = None
    answers: list[Answer] = field(default_factory=list)
    symptoms: list[Reading[str]] = field(default_factory=list)
    emergencies: list[str] = field(default_factory=list)
    pain_level: Reading[int] | None = None
    insurance: Reading[str] | None = None
    practitioner: Reading[str] | None = None

    def means(self, *intents: Intent) -> bool:
        """Whether any of `intents` is meant."""
        return any(self.scores.get(intent, 0.0) >= THRESHOLD - 1e-6 for intent in intents)

    def score(self, intent: Intent) -> float:
        """How strongly `intent` is meant."""
        return self.scores.get(intent, 0.0)

    @property
    def made_sense(self) -> bool:
        """Anything at all could be read from it."""
        facts = (self.yes, self.slots, self.names, self.phones, self.digits, self.birth_date, self.service)
        more = (self.answers, self.symptoms, self.pain_level, self.insurance, self.practitioner, self.refusals)
        return any(facts) or any(more) or self.means(*self.scores)

    @property
    def agrees(self) -> bool:
        """The caller said yes."""
        return self.yes is not None and self.yes.value

    @property
    def refuses(self) -> bool:
        """The caller said no."""
        return self.yes is not None and not self.yes.value

    @property
    def words(self) -> int:
        """How many words were said."""
        return len(_WORDS.findall(self.text))


@dataclass(frozen=True, slots=True)
class Ears:
    """What makes one turn readable: who is called, when, in which language, and what was just asked."""

    practice: Practice
    now: datetime
    language: str
    name_asked: bool = False
    phone_asked: bool = False
    day_asked: bool = False
    task_asked: bool = False


def hide(text: str, readings: Sequence[Reading[str] | Reading[date] | Reading[int]]) -> str:
    """`text` with spaces in place of what has been read."""
    for reading in readings:
        text = text[: reading.start] + " " * (reading.end - reading.start) + text[reading.end :]
    return text


def blank(match: re.Match[str]) -> str:
    """As many spaces as the match is long."""
    return " " * len(match[0])
