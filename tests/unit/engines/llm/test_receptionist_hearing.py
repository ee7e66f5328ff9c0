"""What the receptionist reads from single turns: names, services, levels of pain, births."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon import config
from antiphon.engines.llm.receptionist_rules.heard import Ears, Heard
from antiphon.engines.llm.receptionist_rules.hearing import hear
from antiphon.language.lexicon import MONTHS
from antiphon.language.numbers import number_words, ordinal_words

PRACTICE = config.load(env={}).practice
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Zurich"))


def heard(text: str, *, task_asked: bool = True, name_asked: bool = False) -> Heard:
    return hear(text, Ears(PRACTICE, NOW, "en", name_asked=name_asked, task_asked=task_asked))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hello, Laura Steiner, I have a terrible toothache", "Laura Steiner"),
        ("Good afternoon, Oscar Nilsson, root canal with you", "Oscar Nilsson"),
        ("Ruth Odermatt, good morning. I'd like a cleaning", "Ruth Odermatt"),
        ("Morning, Frank Ott from Uster, could I get a cleaning?", "Frank Ott"),
        ("Baumgartner. Check-up, tomorrow at eleven.", "Baumgartner"),
        ("Yes, hello, Ramirez. I lost a filling.", "Ramirez"),
        ("Cleaning. Friday at two.", ""),
        ("Listen, I need a check-up.", ""),
        ("Darling, a check-up please.", ""),
        ("Seriously, it hurts.", ""),
        ("Emergency. I have a toothache.", ""),
        ("Bonjour, I need a cleaning.", ""),
        ("Root canal, Tuesday at nine.", ""),
        ("Tuesday, please, at nine for a check-up", ""),
        ("Reschedule. My appointment is on Friday.", ""),
    ],
)
def test_a_call_may_open_with_a_name(text: str, name: str) -> None:
    assert [one.value for one in heard(text).names] == ([name] if name else [])


def test_only_an_opening_has_a_name_for_a_first_word() -> None:
    assert not heard("Baumgartner. Check-up, tomorrow.", task_asked=False).names


def test_a_caller_may_be_called_like_one_of_the_staff() -> None:
    assert heard("My name is Marco Rossi", name_asked=True).names
    assert not heard("I always see Doctor Marco Rossi", name_asked=True).names


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("I would like that you look my teeth, a control", "checkup"),
        ("It's time for my six-monthly", "checkup"),
        ("I need to have everything checked over", "checkup"),
        ("I'd be grateful for some advice on having my teeth whitened", "whitening"),
        ("I chipped off part of a crown", "crown"),
        ("Could you pull two of my teeth?", "extraction"),
        ("There's a hole in one of my molars", "filling"),
        ("It's not urgent. The crown is wobbly", "crown"),
    ],
)
def test_services_in_other_words(text: str, service: str) -> None:
    meant = heard(text).service
    assert meant is not None
    assert meant.value == service


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("on a scale of ten it's a nine", 9),
        ("On a scale from one to ten, it's an eight", 8),
        ("Out of ten, I'd call this toothache a nine", 9),
        ("If ten is the worst, my toothache's an eight", 8),
        ("about eight on the pain scale", 8),
        ("I'd put the pain at a seven", 7),
        ("The pain started at ten this morning", None),
        ("I've had pain for three days", None),
        ("I have pain in two teeth", None),
        ("I've a toothache, Friday at ten please", None),
    ],
)
def test_levels_of_pain(text: str, level: int | None) -> None:
    read = heard(text).pain_level
    assert (read.value if read else None) == level


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("Fourteenth of March, seventy-one.", "1971-03-14"),
        ("Uh, August seventeenth, ninety-three.", "1993-08-17"),
        ("A check-up on the third of December, fifteen thirty", None),
        ("A check-up on Wednesday the ninth of December, fifteen fifty", None),
    ],
)
def test_a_birth_date_that_nothing_announces(text: str, born: str | None) -> None:
    read = heard(text).birth_date
    assert (read.value.isoformat() if read else None) == born


@given(
    day=st.integers(1, 28),
    month=st.sampled_from(MONTHS["en"]),
    year=st.integers(60, 99),
    form=st.sampled_from(("{day} of {month}, {year}", "{month} {day}, {year}", "the {day} of {month}, {year}")),
)
def test_a_year_that_is_no_time_makes_a_birth_date(day: int, month: str, year: int, form: str) -> None:
    said = form.format(day=ordinal_words(day, "en"), month=month, year=number_words(year, "en"))
    born = heard(said).birth_date
    assert born is not None
    assert (born.value.day, MONTHS["en"][born.value.month - 1], born.value.year) == (day, month, 1900 + year)


_FAMILY = ("Baumgartner", "Nilsson", "Odermatt", "Okoye", "Zimmermann", "Popescu", "Lindqvist", "Moretti")
_GIVEN = ("Laura", "Oscar", "Ruth", "Henrik", "Gladys", "Ioana", "Piotr", "Yusuf")
_MATTERS = ("I need a check-up on Thursday at ten.", "my tooth hurts a lot.", "could I come for a cleaning?")


@given(
    given_name=st.sampled_from(_GIVEN),
    family=st.sampled_from(_FAMILY),
    greeting=st.sampled_from(("", "Hello, ", "Good morning! ", "Yes, hi, ", "Morning. ")),
    form=st.sampled_from(
        ("{}, ", "{} here, ", "this is {}, ", "my name's {}, ", "{} speaking, ", "it's {} and ", "{} from Uster, ")
    ),
    matter=st.sampled_from(_MATTERS),
)
def test_a_name_before_the_matter(given_name: str, family: str, greeting: str, form: str, matter: str) -> None:
    name = f"{given_name} {family}"
    introduced = form.format(name)
    words = greeting + (introduced if greeting.endswith(", ") else introduced[0].upper() + introduced[1:]) + matter
    assert [one.value for one in heard(words).names][:1] == [name]
