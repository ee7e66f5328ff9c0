"""Wishes for an appointment, after corrections and refusals. It is Saturday, 21 November 2026, noon in Zurich."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from antiphon.events.practice import Hours
from antiphon.language.parts import Bound, Part
from antiphon.language.slots import Slot, read_refusals, read_slots

ZURICH = ZoneInfo("Europe/Zurich")
NOW = datetime(2026, 11, 21, 12, tzinfo=ZURICH)
HOURS = [Hours(weekday, time(8), time(18)) for weekday in range(5)]
ENGLISH = {
    "Tuesday at ten": ["24T10:00"],
    "Tuesday, no, Thursday at ten": ["26T10:00"],
    "Tuesday at ten, no, eleven": ["24T11:00"],
    "Tuesday at ten, no Thursday": ["26T10:00"],
    "at three, sorry, half past three on Monday": ["23T15:30"],
    "not Tuesday but Wednesday": ["25"],
    "Tuesday doesn't work, Wednesday at three": ["25T15:00"],
    "Tuesday is too early. Friday?": ["27"],
    "I can't on Tuesday. How about Friday morning?": ["27"],
    "Tuesday at ten or Wednesday at eleven": ["24T10:00", "25T11:00"],
    "Tuesday or Wednesday at ten": ["24T10:00", "25T10:00"],
    "at ten on Tuesday or at eleven on Wednesday": ["24T10:00", "25T11:00"],
    "ten or eleven on Tuesday": ["24T10:00", "24T11:00"],
    "next week, maybe Tuesday": ["24"],
    "Tuesday or Wednesday next week": ["24", "25"],
    "I'd like to move my appointment from Tuesday to Thursday at three": ["26T15:00"],
    "I have an appointment on Tuesday at ten and would like to change it to Thursday at eleven": ["26T11:00"],
    "I need to cancel my appointment on Tuesday": ["24"],
    "my number is 079 223 45 67, Tuesday at nine": ["24T09:00"],
    "I was born on the 3rd of April 1984, can I come on Monday at 8?": ["23T08:00"],
    "Don't you have anything on Tuesday?": ["24"],
    "how about Tuesday, the 24th of November, at 2.30?": ["24T14:30"],
    "The day after tomorrow at a quarter to nine": ["23T08:45"],
    "tomorrow, Sunday, at ten": ["22T10:00"],
    "for Thursday. At eleven.": ["26T11:00"],
    "choose day at 10 30": ["24T10:30"],
    "Yes, Thursday at ten works": ["26T10:00"],
    "I can do Monday or Wednesday, but not Tuesday": ["23", "25"],
    "I can't do Monday or Tuesday": [],
    "I can't do that but Tuesday works": ["24"],
    "My tooth hurts since Monday": [],
    "It started on Sunday, can I come on Monday?": ["23"],
    "I have to be at work at nine, so Tuesday at seven thirty": ["24T07:30"],
    "We could do Wednesday the 25th of November, twelve fifteen": ["25T12:15"],
    "on the 24th, 10": ["24T10:00"],
    "at ten, eleven or twelve on Friday": ["27T10:00", "27T11:00", "27T12:00"],
    "The first one": [],
    "Thursday. Ten. Yes.": ["26T10:00"],
    "Do you have Wednesday the 25th? Ten?": ["25T10:00"],
    "the 26th of the 11th at 10": ["26T10:00"],
    "the second one please": [],
    "Tuesday at 10 instead of Monday at 9": ["24T10:00"],
}
GERMAN = {
    "am Dienstag um zehn": ["24T10:00"],
    "Dienstag, nein, Donnerstag um zehn": ["26T10:00"],
    "um neun, nein, um zehn am Freitag": ["27T10:00"],
    "nicht am Dienstag sondern am Mittwoch": ["25"],
    "am Dienstag geht es nicht, lieber Mittwoch um drei": ["25T15:00"],
    "Montag oder Dienstag um halb elf": ["23T10:30", "24T10:30"],
    "ich möchte meinen Termin vom Dienstag auf Donnerstag um elf verschieben": ["26T11:00"],
    "am 24. November um viertel nach drei": ["24T15:15"],
    "am 24.11. um 14.15 Uhr": ["24T14:15"],
    "guten Morgen, am Dienstag Morgen um neun bitte": ["24T09:00"],
    "ich bin am 3.4.1984 geboren und möchte am Montag um 9 kommen": ["23T09:00"],
    "Ginge es nicht am Dienstag?": ["24"],
    "abends um sieben am Mittwoch": ["25T19:00"],
    "ich arbeite am Dienstag bis fünf, deshalb am Freitag nach halb sechs": ["27T17:30"],
    "Dienstag kann ich, Mittwoch nicht": ["24"],
    "ich kann nicht am Dienstag": [],
    "den ersten Termin bitte": [],
    "ich habe seit Montag Schmerzen": [],
}


@pytest.mark.parametrize(("text", "wished"), ENGLISH.items())
def test_english_wishes(text: str, wished: list[str]) -> None:
    assert [_short(slot.value) for slot in read_slots(text, "en", NOW, HOURS)] == wished


@pytest.mark.parametrize(("text", "wished"), GERMAN.items())
def test_german_wishes(text: str, wished: list[str]) -> None:
    assert [_short(slot.value) for slot in read_slots(text, "de", NOW, HOURS)] == wished


def _short(slot: Slot) -> str:
    return slot.iso(ZURICH).removeprefix("2026-11-").removesuffix("+01:00")


@pytest.mark.parametrize(
    ("language", "text", "slot"),
    [
        ("en", "first thing Thursday", Slot(date(2026, 11, 26), part=Part.MORNING)),
        ("en", "in the afternoon", Slot(part=Part.AFTERNOON)),
        ("en", "after four", Slot(time=time(16), bound=Bound.AFTER)),
        ("en", "I can't come before ten", Slot(time=time(10), bound=Bound.AFTER)),
        ("en", "Thursday afternoon around three",
         Slot(date(2026, 11, 26), time(15), Part.AFTERNOON, Bound.AROUND)),
        ("en", "between 2 and 4 on Friday",
         Slot(date(2026, 11, 27), time(14), bound=Bound.AFTER, until_time=time(16))),
        ("en", "any time next week in the morning",
         Slot(date(2026, 11, 23), part=Part.MORNING, until_date=date(2026, 11, 27))),
        ("en", "I'd come on Tuesday but I can't before eleven",
         Slot(date(2026, 11, 24), time(11), bound=Bound.AFTER)),
        ("en", "Monday to Wednesday", Slot(date(2026, 11, 23), until_date=date(2026, 11, 25))),
        ("de", "von Montag bis Mittwoch", Slot(date(2026, 11, 23), until_date=date(2026, 11, 25))),
        ("en", "before Friday", Slot(date(2026, 11, 27), bound=Bound.BEFORE)),
        ("de", "nach 16 Uhr", Slot(time=time(16), bound=Bound.AFTER)),
        ("de", "nächste Woche am Mittwoch Nachmittag", Slot(date(2026, 11, 25), part=Part.AFTERNOON)),
        ("de", "Freitag zwischen zehn und zwölf",
         Slot(date(2026, 11, 27), time(10), bound=Bound.AFTER, until_time=time(12))),
    ],
)  # fmt: skip
def test_partial_and_bounded_wishes(language: str, text: str, slot: Slot) -> None:
    assert [reading.value for reading in read_slots(text, language, NOW, HOURS)] == [slot]


@pytest.mark.parametrize(
    ("language", "text", "refused"),
    [
        ("en", "I can't on Tuesday", [24]),
        ("en", "Tuesday doesn't work, Wednesday at three", [24]),
        ("en", "not Tuesday but Wednesday", [24]),
        ("en", "Tuesday works", []),
        ("de", "am Dienstag kann ich leider nicht", [24]),
        ("de", "nicht am Dienstag sondern am Mittwoch", [24]),
        ("de", "Ginge es nicht am Dienstag?", []),
    ],
)
def test_refusals(language: str, text: str, refused: list[int]) -> None:
    assert [reading.value.date.day for reading in read_refusals(text, language, NOW)] == refused


def test_turns_are_merged() -> None:
    day, hour = Slot(date=date(2026, 11, 24), part=Part.MORNING), Slot(time=time(10), bound=Bound.AROUND)
    assert hour.merged(day) == Slot(date(2026, 11, 24), time(10), None, Bound.AROUND)
    assert day.merged(hour) == Slot(date(2026, 11, 24), time(10), Part.MORNING, Bound.AROUND)


@pytest.mark.parametrize(
    ("slot", "iso"),
    [
        (Slot(date(2026, 11, 24), time(10)), "2026-11-24T10:00+01:00"),
        (Slot(date(2026, 7, 24), time(10)), "2026-07-24T10:00+02:00"),
        (Slot(date(2026, 11, 24)), "2026-11-24"),
        (Slot(time=time(9, 5)), "09:05"),
        (Slot(part=Part.NOON), ""),
    ],
)
def test_iso(slot: Slot, iso: str) -> None:
    assert slot.iso(ZURICH) == iso
