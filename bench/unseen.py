"""The held-out sets of turns and calls, and when what came of them is right."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bench.caller import Script
from rapidfuzz import fuzz

from antiphon.events.dialogue import ActionRequest, Json
from antiphon.events.practice import Practice

DATA = Path(__file__).resolve().parents[1] / "tests" / "data"

SETS = ("unseen3", "unseen4", "unseen5", "unseen6", "unseen8")
"""The held-out sets: folders of tests/data, each written without knowledge of the other."""

SAME_NAME = 0.8
"""Least edit ratio of two names that count as one: how a heard name is written (Meier, Mayer) cannot be known."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One caller turn; see tests/data/unseen3/turns.toml for what the fields mean."""

    context: str
    text: str
    facts: Mapping[str, Json] = field(default_factory=dict)
    action: str = ""
    reply: Sequence[str] = ()
    answers: Script = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One whole call; see tests/data/unseen3/calls.toml for what the fields mean."""

    name: str
    opening: str
    answers: Script
    action: Mapping[str, str]
    facts: Mapping[str, Json] = field(default_factory=dict)
    may_follow: Sequence[str] = ()
    must_hear: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """One whole set.

    Attributes:
        now: when all calls take place.
        turns: single turns.
        preparation: opening and answers that bring the agent to a turn's context.
        calls: whole calls.
        anyone: answers that every caller gives where the call has none.
        concepts: words by concept, for facts that can be worded in many ways.
    """

    now: datetime
    turns: tuple[Turn, ...]
    preparation: Script
    calls: tuple[Call, ...]
    anyone: Script
    concepts: Mapping[str, Sequence[str]]


def load(name: str) -> Unseen:
    """The set `name`, one of `SETS`, as it lies in tests/data."""
    return read(DATA / name / "turns.toml", DATA / name / "calls.toml")


def read(turns_file: Path, calls_file: Path) -> Unseen:
    """The set of these two files.

    Raises:
        ValueError: the files do not share one `now`.
    """
    turns = tomllib.loads(turns_file.read_text(encoding="utf-8"))
    calls = tomllib.loads(calls_file.read_text(encoding="utf-8"))
    if turns["now"] != calls["now"]:
        raise ValueError(f"{turns_file} and {calls_file} must share one `now`")
    return Unseen(
        now=datetime.fromisoformat(turns["now"]),
        turns=tuple(Turn(**turn) for turn in turns["turn"]),
        preparation=turns["preparation"],
        calls=tuple(Call(**call) for call in calls["call"]),
        anyone=calls["anyone"],
        concepts=calls["concepts"] | turns["concepts"],
    )


@dataclass(frozen=True, slots=True)
class Judge:
    """Compares facts and actions with what was expected."""

    concepts: Mapping[str, Sequence[str]]
    practice: Practice

    def wrong_facts(self, expected: Mapping[str, Json], got: Mapping[str, Json]) -> dict[str, str]:
        """What is wrong, by fact: expected and got; empty when all is right."""
        return {
            name: f"expected {value!r}, got {got.get(name)!r}"
            for name, value in expected.items()
            if not self.fact_right(name, value, got.get(name))
        }

    def fact_right(self, name: str, expected: Json, got: Json) -> bool:
        """Names by edit ratio, reasons and symptoms by concept, slots as sets of instants, all else exactly."""
        if got is None:
            return False
        if name == "caller_name":
            return same_name(str(expected), str(got))
        if name == "reason":
            return self._means(self._service_words(got), str(expected))
        if name == "symptoms" and isinstance(expected, list) and isinstance(got, list):
            return all(self._means([str(one) for one in got], str(concept)) for concept in expected)
        if name == "preferred_slots":
            return instants(expected) == instants(got)
        return type(expected) is type(got) and expected == got

    def action_right(self, call: Call, actions: Sequence[ActionRequest]) -> bool:
        """Exactly the expected action, with its slot, and none besides those that may follow."""
        if not actions or actions[0].type != call.action["type"]:
            return False
        if any(action.type not in call.may_follow for action in actions[1:]):
            return False
        slot = call.action.get("slot")
        return slot is None or instants([slot]) == instants(actions[0].facts.get("preferred_slots"))

    def _means(self, wordings: Sequence[str], concept: str) -> bool:
        return any(word in wording.lower() for word in self.concepts[concept] for wording in wordings)

    def _service_words(self, reason: Json) -> list[str]:
        """A reason's own words, and the words of the service whose name it is."""
        wordings = [str(reason)]
        for service in self.practice.services:
            if service.name == reason:
                wordings += service.words.get("en", ())
        return wordings


def same_name(expected: str, got: str) -> bool:
    """Whether two names are one as far as hearing can tell."""
    plain = [re.sub(r"\b(mr|mrs|ms|dr|mister|miss|missus|doctor)\b|[^\w ]", "", n.lower()) for n in (expected, got)]
    return fuzz.ratio(*(" ".join(n.split()) for n in plain)) >= 100 * SAME_NAME


def instants(slots: Json) -> set[datetime]:
    """The instants of a list of ISO 8601 times; what is no full time with its offset counts as none."""
    found = set()
    for slot in slots if isinstance(slots, list) else []:
        try:
            moment = datetime.fromisoformat(str(slot))
        except ValueError:
            continue
        if moment.tzinfo is not None:
            found.add(moment)
    return found
