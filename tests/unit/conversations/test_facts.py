"""P-22: only facts that exist and fit their schema are kept, and only stated ones drive actions."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.conversations.facts import VALUES, check_action, checked, fact_schema
from antiphon.errors import BadInput, NotAllowed
from antiphon.events.dialogue import ActionRequest, ActionType, Fact, FactStatus

GOOD: dict[str, Any] = {
    "caller_name": "Anna Müller",
    "date_of_birth": "1984-02-29",
    "phone_e164": "+41791234567",
    "existing_patient": True,
    "insurance": "CSS",
    "reason": "a broken filling",
    "symptoms": ["pain", "swelling"],
    "pain_level": 7,
    "urgency": "today",
    "preferred_slots": ["2026-11-26T10:00+01:00", "2026-11-27", "09:30", "2026-11-26/2026-11-28"],
    "previous_slot": "2026-11-24T09:00+01:00",
    "practitioner": "Dr. Keller",
    "language": "de",
    "consent_recording": False,
}

BAD: list[tuple[str, Any]] = [
    ("caller_name", ""),
    ("caller_name", 7),
    ("caller_name", "Anna\x00"),
    ("caller_name", "x" * 501),
    ("date_of_birth", "1985-02-29"),
    ("date_of_birth", "29.2.1984"),
    ("phone_e164", "079 123 45 67"),
    ("phone_e164", "+41791234567\n"),
    ("phone_e164", "+0791234567"),
    ("existing_patient", "yes"),
    ("existing_patient", 1),
    ("symptoms", "pain"),
    ("symptoms", []),
    ("symptoms", ["pain", 3]),
    ("pain_level", 11),
    ("pain_level", -1),
    ("pain_level", True),
    ("pain_level", "7"),
    ("urgency", "soon"),
    ("preferred_slots", ["Thursday at ten"]),
    ("preferred_slots", ["2026-02-30"]),
    ("preferred_slots", ["2026-11-26T25:00"]),
    ("preferred_slots", ["10:00; DROP TABLE"]),
    ("language", "Deutsch"),
    ("consent_recording", None.__class__.__name__),
    ("shoe_size", 42),
    ("__class__", "x"),
]

MakeFact = Callable[..., Fact]


def test_every_fact_of_the_dental_set_has_an_example_here() -> None:
    assert set(GOOD) == set(VALUES)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_good_value_is_kept_as_it_is(name: str, fact: MakeFact) -> None:
    assert checked(fact(name, GOOD[name])).value == GOOD[name]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_refused_without_repeating_it(name: str, value: Any, fact: MakeFact) -> None:
    with pytest.raises(BadInput) as refused:
        checked(fact(name, value))
    assert refused.value.code in ("fact_malformed", "fact_unknown")
    assert str(value) not in refused.value.message or value in ("", 7)


@given(st.sampled_from(sorted(VALUES)), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_value_from_any_engine_ends_as_a_kept_fact_or_a_refusal(name: str, value: Any) -> None:
    given_fact = Fact(name, value, 1.0, FactStatus.STATED, 0)
    try:
        kept = checked(given_fact)
    except BadInput:
        return
    assert checked(kept) == kept


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_confidence_is_a_probability(confidence: float, fact: MakeFact) -> None:
    with pytest.raises(BadInput):
        checked(replace(fact("caller_name", "Anna"), confidence=confidence))


def test_taking_a_fact_back_needs_no_value(fact: MakeFact) -> None:
    assert checked(fact("phone_e164", None)).value is None


def test_the_schema_of_a_fact_says_what_its_value_may_be() -> None:
    schema = fact_schema("pain_level")
    assert schema["properties"]["value"] == {"type": "integer", "minimum": 0, "maximum": 10}
    assert set(schema["required"]) == {"value", "confidence", "status", "turn", "span"}
    with pytest.raises(BadInput):
        fact_schema("shoe_size")


def booking(**facts: Any) -> ActionRequest:
    return ActionRequest(ActionType.BOOK, facts)


@pytest.mark.proves("S20")
@pytest.mark.parametrize("status", [FactStatus.STATED, FactStatus.CONFIRMED])
def test_what_was_stated_or_confirmed_may_drive_an_action(status: FactStatus, fact: MakeFact) -> None:
    check_action(booking(caller_name="Anna"), {"caller_name": fact("caller_name", "Anna", status)})


@pytest.mark.proves("S20")
def test_nothing_else_may(fact: MakeFact) -> None:
    name, phone = fact("caller_name", "Anna"), fact("phone_e164", "+41791234567", FactStatus.INFERRED)
    known = {"caller_name": name, "phone_e164": phone}
    refused = [
        (booking(caller_name="Anna", reason="pain"), "action_fact_absent"),
        (booking(caller_name="Anna", phone_e164="+41791234567"), "action_fact_inferred"),
        (booking(caller_name="Bella"), "action_fact_differs"),
        (booking(), "action_without_caller"),
        (ActionRequest(ActionType.CALLBACK, {}), "action_without_caller"),
    ]
    for action, code in refused:
        with pytest.raises(NotAllowed) as error:
            check_action(action, known)
        assert error.value.code == code


def test_a_note_is_carried_along_and_no_fact(fact: MakeFact) -> None:
    known = {"caller_name": fact("caller_name", "Anna")}
    check_action(booking(caller_name="Anna", message="please ring twice"), known)
    for message in (7, "", "a\x00b", "x" * 501):
        with pytest.raises(NotAllowed):
            check_action(booking(caller_name="Anna", message=message), known)


def test_an_emergency_needs_no_name() -> None:
    check_action(ActionRequest(ActionType.EMERGENCY, {}), {})
    check_action(ActionRequest(ActionType.TRANSFER, {}), {})
