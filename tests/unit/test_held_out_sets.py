"""The sets of turns and calls are what they claim to be: a wrong expectation would count against the receptionist."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from antiphon.events.dialogue import ActionType

DATA = Path(__file__).resolve().parents[1] / "data"
SIZES = {
    "unseen3/": (60, 12),
    "unseen4/": (60, 12),
    "unseen5/": (60, 12),
    "unseen6/": (60, 12),
    "unseen8/": (60, 12),
    "practice/more/": (300, 30),
    "practice/more2/": (200, 12),
    "practice/more3/": (120, 0),
    "practice/more4/": (120, 0),
    "practice/met1/": (60, 12),
    "practice/met2/": (60, 12),
    "practice/met3/": (60, 12),
}
"""Turns and calls of each set, by its folder."""
SETS = tuple(SIZES)
CONTEXTS = {"opening", "name", "phone", "day_time", "day", "time", "confirm", "reason", "date_of_birth"}
ALWAYS_ANSWERED = {"confirm", "anything_else", "transfer", "callback", "fallback", "existing_patient", "date_of_birth"}
ZURICH = ZoneInfo("Europe/Zurich")

Table: TypeAlias = Mapping[str, Any]


def load(name: str, kind: str) -> Table:
    return tomllib.loads((DATA / f"{name}{kind}.toml").read_text(encoding="utf-8"))


def slots(item: Table) -> Iterator[str]:
    yield from item.get("facts", {}).get("preferred_slots", ())
    if isinstance(item.get("action"), Mapping) and "slot" in item["action"]:
        yield item["action"]["slot"]


def assert_bookable(slot: str, now: datetime) -> None:
    moment = datetime.fromisoformat(slot)
    assert moment.utcoffset() == moment.astimezone(ZURICH).utcoffset(), slot
    assert now < moment, slot
    assert moment.weekday() < 5, slot
    assert 8 <= moment.hour < 18, slot


def assert_fact(name: str, value: Any, concepts: Table) -> None:
    match name:
        case "preferred_slots":
            assert value  # each slot: assert_bookable
        case "phone_e164":
            number = phonenumbers.parse(value)
            assert phonenumbers.is_valid_number_for_region(number, "CH"), value
            assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == value
        case "reason":
            assert value in concepts
        case "symptoms":
            assert value
            assert set(value) <= concepts.keys()
        case "date_of_birth":
            assert date.fromisoformat(value) < date(2026, 11, 23)
        case "pain_level":
            assert value in range(11)
        case "existing_patient":
            assert isinstance(value, bool)
        case _:
            assert name == "caller_name"
            assert value == value.strip() != ""


@pytest.mark.parametrize("name", SETS)
def test_turns_expect_what_can_be_expected(name: str) -> None:
    table = load(name, "turns")
    now = datetime.fromisoformat(table["now"])
    assert len(table["turn"]) == SIZES[name][0]
    assert table["preparation"].keys() >= ALWAYS_ANSWERED | CONTEXTS
    for turn in table["turn"]:
        assert turn.keys() <= {"context", "text", "facts", "action", "reply", "answers"}
        assert turn["context"] in CONTEXTS
        assert turn.keys() & {"facts", "action", "reply"}, turn["text"]
        assert "action" not in turn or turn["action"] in set(ActionType)
        for fact, value in turn.get("facts", {}).items():
            assert_fact(fact, value, table["concepts"])
        for slot in slots(turn):
            assert_bookable(slot, now)


@pytest.mark.parametrize("name", SETS)
def test_calls_expect_what_can_be_expected(name: str) -> None:
    table = load(name, "calls")
    now = datetime.fromisoformat(table["now"])
    assert len(table["call"]) == SIZES[name][1]
    assert table["anyone"].keys() >= ALWAYS_ANSWERED
    for call in table["call"]:
        assert call.keys() <= {"name", "opening", "facts", "action", "may_follow", "must_hear", "answers"}
        assert {call["action"]["type"], *call.get("may_follow", ())} <= set(ActionType)
        assert call["answers"].keys() >= {"reason", "name", "phone", "day_time", "day", "time"}
        assert ("must_hear" in call) == ("correction" in call["answers"]), call["name"]
        for fact, value in call.get("facts", {}).items():
            assert_fact(fact, value, table["concepts"])
        for slot in slots(call):
            assert_bookable(slot, now)


@pytest.mark.parametrize("name", SETS)
def test_turns_and_calls_share_their_now_and_concepts(name: str) -> None:
    turns, calls = load(name, "turns"), load(name, "calls")
    assert turns["now"] == calls["now"]
    both = turns["concepts"].keys() & calls["concepts"].keys()
    assert all(turns["concepts"][one] == calls["concepts"][one] for one in both)


def test_no_turn_and_no_opening_is_in_two_sets() -> None:
    said = [plain for name in SETS for plain in set(_said(name))]
    assert len(said) == len(set(said))


def _said(name: str) -> Iterator[str]:
    words = [turn["text"] for turn in load(name, "turns")["turn"]]
    words += [call["opening"] for call in load(name, "calls")["call"]]
    yield from (" ".join(re.findall(r"\w+", one.lower())) for one in words)
