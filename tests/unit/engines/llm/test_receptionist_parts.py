"""The receptionist's parts one by one: cues, opening hours, memory."""

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.llm.receptionist_rules import cues_de, cues_en
from antiphon.engines.llm.receptionist_rules.calendar import Calendar, Misfit
from antiphon.engines.llm.receptionist_rules.cues import compile_cue, compile_phrase, compile_table, score
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.memory import Item, Memory, Task, slot_from_json, slot_to_json
from antiphon.engines.llm.receptionist_rules.tokens import tokens
from antiphon.engines.llm.receptionist_rules.wording import SENTENCES
from antiphon.events.practice import Hours, Practice
from antiphon.language.parts import Bound, Part
from antiphon.language.slots import Slot

ZONE = ZoneInfo("Europe/Zurich")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
PRACTICE = Practice(
    name="P",
    timezone="Europe/Zurich",
    phone_region="CH",
    languages=("en",),
    hours=(
        *(Hours(day, time(8), time(12)) for day in range(5)),
        *(Hours(day, time(13, 30), time(17)) for day in range(4)),
    ),
    services=(),
    closed=(date(2026, 11, 25),),
)


@pytest.mark.parametrize(
    ("cue", "text", "found"),
    [
        ("cancel*", "I'm cancelling it", True),
        ("squeeze .. in", "could you squeeze me in", True),
        ("squeeze .. in", "could you squeeze the two of us tomorrow in", False),
        ("call|ring me? back", "please call back", True),
        ("call|ring me? back", "please ring me back", True),
        ("cancel", "I don't want to cancel", False),
        ("cancel", "no, cancel it", True),
        ("cancel", "not Thursday, so cancel it", True),
        ("!not come", "I cannot come", True),
        ("this .. emergency", "this is not an emergency", False),
        ("appointment", "an appoinment", True),
        ("wiederholen", "auf Wiederhören", False),
        ("geöffnet", "wann ist geoeffnet", True),
    ],
)
def test_cue(cue: str, text: str, found: bool) -> None:
    assert (score([compile_cue(cue)], tokens(text)) > 0) == found


def test_a_table_sums_its_weights_and_joins_continued_lines() -> None:
    table = compile_table("0.5 want|\n    need\n0.7 appointment\n-2 free")
    assert score(table, tokens("I need an appointment")) == pytest.approx(1.2)
    assert score(table, tokens("an appointment is free")) == pytest.approx(-1.3)


def test_a_phrase_loses_its_article_and_may_gain_an_ending() -> None:
    assert score([compile_phrase("a filling")], tokens("two fillings please")) == 1.0


@pytest.mark.parametrize(
    ("at", "minutes", "misfit"),
    [
        (datetime(2026, 11, 24, 8, 0), 30, None),
        (datetime(2026, 11, 24, 11, 30), 30, None),
        (datetime(2026, 11, 24, 11, 45), 30, Misfit.OUTSIDE),
        (datetime(2026, 11, 24, 12, 30), 30, Misfit.OUTSIDE),
        (datetime(2026, 11, 23, 8, 30), 30, Misfit.PAST),
        (datetime(2026, 11, 25, 10, 0), 30, Misfit.HOLIDAY),
        (datetime(2026, 11, 28, 10, 0), 30, Misfit.CLOSED),
        (datetime(2026, 11, 27, 15, 0), 30, Misfit.OUTSIDE),
    ],
)
def test_what_fits_into_opening_hours(at: datetime, minutes: int, misfit: Misfit | None) -> None:
    assert Calendar(PRACTICE, MONDAY).misfit(at.replace(tzinfo=ZONE), minutes) == misfit


def test_near_a_closed_day_the_same_time_on_the_days_around_is_offered() -> None:
    calendar = Calendar(PRACTICE, MONDAY)
    offers = calendar.nearest(datetime(2026, 11, 25, 10, 0, tzinfo=ZONE), 30)
    assert [at.isoformat() for at in offers] == ["2026-11-24T10:00:00+01:00", "2026-11-26T10:00:00+01:00"]


def test_the_soonest_time_leaves_an_hour_to_come() -> None:
    assert Calendar(PRACTICE, MONDAY).soonest(30) == datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)


def test_the_soonest_time_keeps_to_the_wish() -> None:
    wish = Slot(date=date(2026, 11, 24), time=time(15), bound=Bound.AFTER)
    assert Calendar(PRACTICE, MONDAY).soonest(30, wish) == datetime(2026, 11, 24, 15, 0, tzinfo=ZONE)
    evening = Slot(date=date(2026, 11, 24), part=Part.EVENING)
    assert Calendar(PRACTICE, MONDAY).soonest(30, evening) is None


def test_a_practice_that_never_opens_offers_nothing() -> None:
    calendar = Calendar(replace(PRACTICE, hours=()), MONDAY)
    assert calendar.soonest(30) is None
    assert calendar.next_opening() is None
    assert calendar.nearest(MONDAY, 30) == []


@given(
    at=st.datetimes(datetime(2026, 11, 1), datetime(2027, 11, 1)),
    minutes=st.sampled_from([15, 30, 60, 90]),
    data=st.data(),
)
def test_whatever_is_offered_can_be_booked(at: datetime, minutes: int, data: st.DataObject) -> None:
    calendar = Calendar(PRACTICE, data.draw(st.datetimes(datetime(2026, 10, 1), at)).replace(tzinfo=ZONE))
    for offer in calendar.nearest(at.replace(tzinfo=ZONE), minutes):
        assert calendar.misfit(offer, minutes) is None


SLOTS = st.builds(
    Slot,
    date=st.none() | st.dates(),
    time=st.none() | st.times(),
    part=st.none() | st.sampled_from(Part),
    bound=st.sampled_from(Bound),
    until_date=st.none() | st.dates(),
    until_time=st.none() | st.times(),
)


def test_damaged_memory_is_forgotten() -> None:
    damaged = {"offers": ["soon"], "booked": "yes", "task": "fly", "wish": {"date": "never"}, "failures": "2"}
    assert Memory.from_json(damaged) == Memory()  # type: ignore[arg-type]


@given(slot=SLOTS)
def test_slots_survive_their_way_through_json(slot: Slot) -> None:
    assert slot_from_json(slot_to_json(slot)) == slot


@given(
    wish=SLOTS,
    task=st.sampled_from(Task),
    asked=st.sampled_from(Item),
    offers=st.lists(st.datetimes(timezones=st.just(ZONE)).map(datetime.isoformat), max_size=2),
)
def test_memory_survives_its_way_through_json(wish: Slot, task: Task, asked: Item, offers: list[str]) -> None:
    memory = Memory(task=task, asked=asked, wish=wish, offers=offers, failures=2, booked=MONDAY.isoformat())
    assert Memory.from_json(memory.to_json()) == memory


def test_every_language_says_the_same_things() -> None:
    assert set(SENTENCES["en"]) == set(SENTENCES["de"])


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_intent_has_cues_in_every_language(language: str) -> None:
    assert {intent.value for intent in Intent} == set({"en": cues_en, "de": cues_de}[language].INTENTS)
