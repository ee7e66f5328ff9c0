"""Days, times, births and names in the words that callers, and recognisers after them, put around them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon import config
from antiphon.language.birth_dates import read_birth_dates
from antiphon.language.dates import read_dates
from antiphon.language.lexicon import MONTHS, WEEKDAYS
from antiphon.language.names import read_names
from antiphon.language.slots import read_slots

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Zurich"))
HOURS = config.load(env={}).practice.hours


def wishes(text: str) -> list[str]:
    """The appointments wished for in `text`, said on Monday, 23 November 2026."""
    return [reading.value.iso(ZoneInfo("Europe/Zurich"))[:16] for reading in read_slots(text, "en", NOW, HOURS)]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("A week tomorrow at quarter past two", "2026-12-01T14:15"),
        ("Two weeks today at ten", "2026-12-07T10:00"),
        ("The Tuesday after next at nine", "2026-12-08T09:00"),
        ("The first Tuesday in December at two", "2026-12-01T14:00"),
        ("the last Monday in November at four", "2026-11-30T16:00"),
        ("the third Monday of next month at nine", "2026-12-21T09:00"),
        ("The week on Tuesday at 10", "2026-12-01T10:00"),
        ("Next, we can Friday at 11:30", "2026-12-04T11:30"),
        ("Wednesday in a fourth night at two", "2026-12-09T14:00"),
        ("Tomorrow, around lunchtime, twelve fifteen may be", "2026-11-24T12:15"),
        ("Would the eighteenth be possible at nine?", "2026-12-18T09:00"),
        ("Tuesday, Tuesday next week at ten", "2026-12-01T10:00"),
        ("Friday is my day off, so at ten", "2026-11-27T10:00"),
        ("Thursday at nine, four, two, five", "2026-11-26T09:45"),
        ("Thursday, not before ten. Let's say ten thirty", "2026-11-26T10:30"),
        ("On Friday, can you do three?", "2026-11-27T15:00"),
        ("I could be there by nine on Thursday", "2026-11-26T09:00"),
        ("for ID at ten", "2026-11-27T10:00"),
        ("Today, please, at two, I can't sleep another night", "2026-11-23T14:00"),
        ("After tomorrow, on Wednesday, sixteen hours", "2026-11-25T16:00"),
        ("Wednesday around tenish", "2026-11-25T10:00"),
        ("Wednesday, first thing, eight o'clock", "2026-11-25T08:00"),
        ("Wednesday in eight days, ten o'clock", "2026-12-02T10:00"),
        ("Thursday fortnight at nine", "2026-12-10T09:00"),
        ("Today in a week at nine", "2026-11-30T09:00"),
        ("Tomorrow, 16-30.", "2026-11-24T16:30"),
        ("Twenty passed to on Friday", "2026-11-27T14:20"),
        ("Friday, ten less five", "2026-11-27T09:55"),
        ("The last day of November at two", "2026-11-30T14:00"),
        ("Not this Thursday but the next one, at two", "2026-12-03T14:00"),
        ("Wednesday, not ten, eleven", "2026-11-25T11:00"),
        ("Wednesday, straight after work, so five", "2026-11-25T17:00"),
        ("Wednesday, ten hours thirty", "2026-11-25T10:30"),
        ("Wednesday the ninth of December, fifteen fifty", "2026-12-09T15:50"),
    ],
)
def test_a_wish(text: str, wish: str) -> None:
    assert wishes(text) == [wish]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Wednesday's fine.", "2026-11-25"),
        ("Can I say the ninth?", "2026-12-09"),
        ("Hm, Thursday next week.", "2026-12-03"),
        ("It'd be the last day of November.", "2026-11-30"),
        ("A week today would do nicely.", "2026-11-30"),
        ("In exactly two weeks.", "2026-12-07"),
        ("The Monday after next.", "2026-12-07"),
        ("On my wife's birthday, the eleventh of December.", "2026-12-11"),
        ("I'm off on Thursdays, so this Thursday.", "2026-11-26"),
        ("Preferably Friday, the eleventh.", "2026-12-11"),
        ("Twenty-sixth.", "2026-11-26"),
        ("The twenty-sixth of this month.", "2026-11-26"),
        ("November twenty-sixth.", "2026-11-26"),
        ("The twenty-sixth eleventh.", "2026-11-26"),
        ("Thursday, that's the twenty-sixth, isn't it?", "2026-11-26"),
        ("Thursday, or is that a holiday?", "2026-11-26"),
        ("Tomorrow, if it's not too short notice.", "2026-11-24"),
        ("Let's make it tomorrow week.", "2026-12-01"),
        ("The day after, so Tuesday.", "2026-11-24"),
        ("As soon as you can, Wednesday for instance.", "2026-11-25"),
        ("Later this week, Friday.", "2026-11-27"),
        ("Sometime at the end of the week, Friday I guess.", "2026-11-27"),
        ("Beginning of next week, so Monday.", "2026-11-30"),
        ("Early December. The third?", "2026-12-03"),
        ("Mid-December, the fifteenth, say.", "2026-12-15"),
        ("I fly home on the tenth, so before that. The eighth.", "2026-12-08"),
        ("I only have Wednesdays. The ninth.", "2026-12-09"),
        ("Could you do the weekend? No? Then Monday.", "2026-11-30"),
        ("This coming Thursday.", "2026-11-26"),
        ("Thursday of next week.", "2026-12-03"),
        ("Next Thursday, I mean the third.", "2026-12-03"),
        ("Not this Thursday, next Thursday.", "2026-12-03"),
    ],
)
def test_a_day(text: str, day: str) -> None:
    assert wishes(text) == [day]


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("I was born on the twelfth of July, nineteen, seventy eight", "1978-07-12"),
        ("my date of birth is fourteen, three, nineteen, ninety one", "1991-03-14"),
        ("born first of February, ninety ninety nine", "1999-02-01"),
        ("I was born in June 1988 on the Tenth", "1988-06-10"),
        ("born in nineteen sixty-three, on the eleventh of March", "1963-03-11"),
        ("born in nineteen seventy-four, on June the third", "1974-06-03"),
        ("my birthday is on the fifteenth of April and I was born in nineteen sixty-five", "1965-04-15"),
        ("born on the second of November, seventeen nine", "1979-11-02"),
        ("Date of birth, 1012, 1983", "1983-12-10"),
    ],
)
def test_a_birth_date(text: str, born: str) -> None:
    assert [reading.value.isoformat() for reading in read_birth_dates(text, "en", NOW.date())] == [born]


def test_figures_of_a_time_are_no_birth_date() -> None:
    assert not read_birth_dates("Thursday at nine, four, two, five", "en", NOW.date())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Put me down as Nigel Forbes.", "Nigel Forbes"),
        ("You have me as Louise Everett, I think.", "Louise Everett"),
        ("Just put Roger Mills.", "Roger Mills"),
        ("I'm registered as Maurice Webb.", "Maurice Webb"),
        ("Curtis first named Leo.", "Leo Curtis"),
        ("First names Diane, Sir Names Porter.", "Diane Porter"),
    ],
)
def test_a_name(text: str, name: str) -> None:
    assert read_names(text, "en", True)[0].value == name


@given(st.integers(1, 4), st.sampled_from(WEEKDAYS["en"]), st.sampled_from(MONTHS["en"]))
def test_a_counted_weekday_is_that_weekday_of_that_month(nth: int, weekday: str, month: str) -> None:
    ordinal = ("first", "second", "third", "fourth")[nth - 1]
    for reading in read_dates(f"the {ordinal} {weekday} in {month}", "en", NOW.date()):
        day = reading.value.date
        assert (day.strftime("%A"), day.strftime("%B"), (day.day - 1) // 7 + 1) == (weekday, month, nth)


@given(st.dates(date(1930, 1, 1), date(2009, 12, 31)).filter(lambda day: day.year % 100 > 12))
def test_a_birth_year_set_apart_is_the_same_year(born: date) -> None:
    century, rest = divmod(born.year, 100)
    text = f"born on the {born.day} of {born:%B}, {century}, {rest}"
    assert [reading.value for reading in read_birth_dates(text, "en", NOW.date())] == [born]
