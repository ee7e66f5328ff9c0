"""Times of day as callers put them; opening hours decide between morning and afternoon."""

from datetime import time

import pytest

from antiphon.language.parts import Bound, Part
from antiphon.language.times import DayTime, read_times, resolve

OPENS, CLOSES = time(8), time(18)
ENGLISH = {
    "at 8:15": "08:15", "half past 10": "10:30", "ten thirty": "10:30", "ten-thirty": "10:30",
    "10 30 please": "10:30", "2.30": "14:30", "at 230": "14:30", "at three": "15:00", "at eight": "08:00",
    "noon": "12:00", "12 o'clock": "12:00", "quarter to three": "14:45", "a quarter past one": "13:15",
    "ten past four": "16:10", "twenty to twelve": "11:40", "10 a.m.": "10:00", "10 A.M.": "10:00",
    "at 3pm": "15:00", "3 p m": "15:00", "ten o'clock in the morning": "10:00", "3:30 in the afternoon": "15:30",
    "at 7 in the evening": "19:00", "16:45": "16:45", "at fifteen hundred": "15:00", "ten oh five": "10:05",
    "at twelve thirty": "12:30", "12:30 p.m.": "12:30", "half past noon": "12:30", "10 o clock": "10:00",
    "ten a clock": "10:00", "midnight": "00:00", "Ten, please.": "10:00", "maybe nine": "09:00",
    "half-pest three": "15:30", "Friday at half passed for": "16:30", "a quarter passed for": "16:15",
    "can we make it to a clock": "14:00", "at nine, four, two, five": "09:45", "I tend past three": "15:10",
    "at you": "14:00", "Thursday, three o'clock": "15:00", "three on Thursday": "15:00", "at half 8": "08:30",
    "8 15": "08:15", "How about eight, fifteen?": "08:15",
}  # fmt: skip
GERMAN = {
    "halb elf": "10:30", "Viertel nach drei": "15:15", "Viertel ab drei": "15:15", "viertel vor neun": "08:45",
    "dreiviertel acht": "07:45", "drei viertel neun": "08:45", "fünf vor halb elf": "10:25",
    "zehn nach acht": "08:10", "um zehn Uhr dreissig": "10:30", "14 Uhr 15": "14:15", "um drei": "15:00",
    "um eins": "13:00", "um ein Uhr": "13:00", "um 10.30": "10:30", "14.15 Uhr": "14:15", "15 Uhr": "15:00",
    "fünfzehn Uhr dreißig": "15:30", "um halb eins": "12:30", "drei Uhr nachmittags": "15:00",
    "acht Uhr morgens": "08:00", "um sieben Uhr abends": "19:00", "halb 9 Uhr": "08:30",
    "20 Minuten vor zwei": "13:40", "Zehn Uhr bitte": "10:00", "Zehn bitte": "10:00", "um 1030": "10:30",
    "Mitternacht": "00:00", "um zwölf Uhr mittags": "12:00", "punkt neun": "09:00", "ein Uhr dreissig": "13:30",
}  # fmt: skip


@pytest.mark.parametrize(("text", "at"), ENGLISH.items())
def test_english_times(text: str, at: str) -> None:
    exclude = [(0, 8)] if text.startswith("Thursday") else [(9, 17)] if text.endswith("Thursday") else []
    (reading,) = read_times(text, "en", exclude)
    assert resolve(reading.value, OPENS, CLOSES).isoformat("minutes") == at


@pytest.mark.parametrize(("text", "at"), GERMAN.items())
def test_german_times(text: str, at: str) -> None:
    (reading,) = read_times(text, "de")
    assert resolve(reading.value, OPENS, CLOSES).isoformat("minutes") == at


@pytest.mark.parametrize(
    ("language", "text", "bound"),
    [
        ("en", "around three", Bound.AROUND),
        ("en", "at about three", Bound.AROUND),
        ("en", "three-ish", Bound.AROUND),
        ("en", "after three", Bound.AFTER),
        ("en", "shortly after three", Bound.AFTER),
        ("en", "any time from three onwards", Bound.AFTER),
        ("en", "before three", Bound.BEFORE),
        ("en", "no later than three", Bound.BEFORE),
        ("de", "gegen drei", Bound.AROUND),
        ("de", "so um drei", Bound.AROUND),
        ("de", "kurz nach drei", Bound.AFTER),
        ("de", "ab drei", Bound.AFTER),
        ("de", "vor drei Uhr", Bound.BEFORE),
        ("de", "spätestens um drei", Bound.BEFORE),
    ],
)
def test_bounds(language: str, text: str, bound: Bound) -> None:
    assert [reading.value for reading in read_times(text, language)] == [DayTime(time(3), bound=bound)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "between 10 and 12"),
        ("en", "from ten to twelve"),
        ("en", "10:00-12:00"),
        ("en", "from 10-12"),
        ("de", "zwischen zehn und zwölf"),
        ("de", "von 10 bis 12 Uhr"),
        ("de", "10 Uhr bis 12 Uhr"),
    ],
)
def test_spans(language: str, text: str) -> None:
    (reading,) = read_times(text, language)
    assert (reading.value.time, reading.value.until, reading.value.bound) == (time(10), time(12), Bound.AFTER)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "for 3 people"),
        ("en", "in 3 days"),
        ("en", "at 10 dollars"),
        ("en", "I have 2 children"),
        ("en", "my number is 079 223 45 67"),
        ("en", "I was born nineteen eighty four"),
        ("en", "about 20 francs"),
        ("en", "at for"),
        ("en", "around 3 weeks ago"),
        ("de", "vor drei Tagen"),
        ("de", "ich habe zwei Kinder"),
        ("de", "um 20 Franken"),
        ("de", "null sieben neun zwei zwei drei"),
        ("de", "seit zehn Jahren"),
    ],
)
def test_numbers_of_something_are_no_times(language: str, text: str) -> None:
    assert read_times(text, language) == []


def test_nothing_is_read_from_excluded_spans() -> None:
    text = "on the 3rd at 3"
    assert [reading.value.time for reading in read_times(text, "en", [(3, 10)])] == [time(3)]
    assert read_times(text, "en", [(0, len(text))]) == []


@pytest.mark.parametrize(
    ("said", "opens", "closes", "part", "meant"),
    [
        (time(3), None, None, None, time(15)),
        (time(8), None, None, None, time(8)),
        (time(8), time(14), time(22), None, time(20)),
        (time(7, 30), time(8), time(18), None, time(7, 30)),
        (time(6), time(8), time(18), None, time(18)),
        (time(12, 30), time(8), time(18), None, time(12, 30)),
        (time(8), time(8), time(21), Part.EVENING, time(20)),
        (time(9), time(8), time(18), Part.MORNING, time(9)),
    ],
)
def test_the_half_of_the_day(
    said: time, opens: time | None, closes: time | None, part: Part | None, meant: time
) -> None:
    assert resolve(DayTime(said), opens, closes, part) == meant


def test_a_certain_time_stays() -> None:
    assert resolve(DayTime(time(3), certain=True), OPENS, CLOSES) == time(3)


@pytest.mark.parametrize(
    ("language", "text"), [("en", "half seven"), ("en", "Ten"), ("en", "10 to 12"), ("en", "for two")]
)
def test_doubtful_times_are_to_be_confirmed(language: str, text: str) -> None:
    (reading,) = read_times(text, language)
    assert reading.confidence < 0.8
