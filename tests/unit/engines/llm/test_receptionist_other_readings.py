"""Another reading of the turn is taken only where the first one leaves open what was asked."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from antiphon import config
from antiphon.engines.llm.receptionist_rules.calendar import Calendar
from antiphon.engines.llm.receptionist_rules.heard import Ears
from antiphon.engines.llm.receptionist_rules.hearing import hear
from antiphon.engines.llm.receptionist_rules.memory import Item
from antiphon.engines.llm.receptionist_rules.other_readings import choose

PRACTICE = config.load(env={}).practice
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Zurich"))


def chosen(asked: Item, first: str, *others: str) -> str:
    """The words that are believed."""
    day_asked = asked in (Item.SLOT, Item.DAY, Item.TIME, Item.OLD)
    ears = Ears(PRACTICE, NOW, "en", asked is Item.NAME, phone_asked=asked is Item.PHONE, day_asked=day_asked)
    other = choose(hear(first, ears), (hear(text, ears) for text in others), asked, Calendar(PRACTICE, NOW))
    return other.text if other else first


@pytest.mark.parametrize(
    ("asked", "readings", "best"),
    [
        (Item.PHONE, ("079-472-195-38", "zero seven nine, four seven two, ninety five, thirty eight"), 1),
        (Item.PHONE, ("079-386-04-9", "079-386-04", "079-386-0499"), 2),
        (Item.PHONE, ("079-386-0498", "079-386-0499"), 0),
        (Item.PHONE, ("079-386-0498", "079-386-0499", "zero seven nine three eight six zero four ninety nine"), 1),
        (Item.PHONE, ("077-920-0518", "Zero seven seven nine two oh double five one eight"), 1),
        (Item.PHONE, ("044-203-1809", "044-223-1809", "044-303-1809", "044-triple-3-1809"), 3),
        (Item.NAME, ("Of course, not a Hoffman with one if.", "Of course, Nadia Hoffman with one if."), 1),
        (Item.PHONE, ("077-920-0518", "zero seven seven nine two oh double five one eight", "077-920-5518"), 1),
        (Item.PHONE, ("zero seven nine three eight six zero four ninety eight", "079-386-0499", "0793860499"), 0),
        (Item.PHONE, ("I don't know", "I don't know it"), 0),
        (Item.CHECK, ("No, it's zero seven six, three four one, five nine, blue", "No, it's 076 341 59 28"), 1),
        (Item.SLOT, ("Thursday had hath past due", "Thursday at half past two"), 1),
        (Item.SLOT, ("Thursday at three", "Friday at three"), 0),
        (Item.SLOT, ("Thursday at three", "Friday at three", "On Friday at three", "Friday, three"), 1),
        (Item.SLOT, ("Sunday at three", "Sundry at three", "Monday at three", "On Monday at three"), 2),
        (Item.SLOT, ("Sunday at three", "On Sunday at three", "Monday at three"), 0),
        (Item.SLOT, ("Thursday at the", "Friday at three"), 0),
        (Item.SLOT, ("No, not on Thursday", "Thursday at three"), 0),
        (Item.SLOT, ("Thirst at three", "Sunday at three", "Thursday at three"), 2),
        (Item.SLOT, ("December 15, 1915, please", "December 15th at 9:15, please"), 1),
        (Item.SLOT, ("I think society works best", "I think Friday works best"), 1),
        (Item.TASK, ("A filling on Thursday at yew", "A filling on Thursday at two"), 1),
        (Item.TASK, ("A filling on Thursday at yew", "A feeling on Thursday at two"), 0),
        (Item.DAY, ("I would like to cancel my appointment", "Tuesday"), 0),
        (Item.TIME, ("I'd take to fifteen", "I'd take two fifteen"), 1),
        (Item.TIME, ("Let's see eleven", "Let's say eleven"), 1),
        (Item.PHONE, ("079-340-50", "zero seven ninth, three hundred forty fifty"), 1),
        (Item.PHONE, ("079-340-50", "079-348-50"), 0),
        (
            Item.TASK,
            ("My name is Diane the Cooper, a check-up please", "My name is Diana Cooper, a check-up please"),
            1,
        ),
        (Item.TASK, ("My name is Diane the Cooper, a check-up please", "My name is Diana Cooper, a crown please"), 0),
        (Item.TASK, ("I was born on the 3rd of chew in 1981", "I was born on the 3rd of June 1981"), 1),
        (Item.NAME, ("They call me Fred's such an", "They call me Fred Sutton"), 1),
        (Item.NAME, ("Last name-patterns in First Name Johanna.", "Last name Patterson, first name, Johanna."), 1),
        (Item.NAME, ("Daniel laughed", "Daniel Roth"), 1),
        (Item.NAME, ("And we always born", "Henry Osborne"), 1),
        (Item.NAME, ("Julia Steiner", "Julia Steinberg"), 0),
        (Item.NAME, ("Put it under a backed turner", "Put it under a back turner", "Put it under Rebecca Turner"), 2),
        (Item.NAME, ("I am stare for me, Coop", "I am stare for me, Cook", "I am Stephanie Cook"), 2),
        (Item.NAME, ("I'd rather cancel my appointment", "I'm Heather Castle"), 0),
        (Item.TASK, ("Neither cleaning, Friday at eight", "Need a cleaning, Friday at eight"), 1),
        (Item.TASK, ("Neither cleaning, Friday at eight", "Need a cleaning, Friday at nine"), 0),
        (Item.TASK, ("A check-up, Friday at eight", "A crown, Friday at eight"), 0),
        (Item.TASK, ("I must enroll my appointment from Wednesday", "I must annul my appointment from Wednesday"), 1),
        (Item.TASK, ("I must enroll my appointment from Wednesday", "I must annul my appointment from Monday"), 0),
        (Item.TASK, ("I must move my appointment from Wednesday", "I must annul my appointment from Wednesday"), 0),
        (
            Item.TASK,
            (
                "Could I come to date at four? My number is 076 912 35 80",
                "Could I come today at four? My number is 076 912 35 80",
            ),
            1,
        ),
        (
            Item.TASK,
            (
                "Could I come to date at four? My number is 076 912 35 80",
                "Could I come today at four? My number is 076 912 35 81",
            ),
            0,
        ),
        (Item.REASON, ("I have a terrible two-factor", "I have a terrible toothache"), 1),
        (Item.REASON, ("A check-up", "A crown"), 0),
        (Item.OFFER, ("The thirst one", "Thursday at nine"), 1),
        (Item.CHECK, ("Yet that sounds", "Yes that sounds right"), 1),
        (Item.CHECK, ("No, that's wrong", "Yes, that's right"), 0),
    ],
)
def test_the_reading_that_answers(asked: Item, readings: tuple[str, ...], best: int) -> None:
    assert chosen(asked, *readings) == readings[best]


def test_nothing_else_is_read_where_an_emergency_is_heard() -> None:
    first = "I can't breathe properly"
    assert chosen(Item.PHONE, first, "079 386 04 99") == first
