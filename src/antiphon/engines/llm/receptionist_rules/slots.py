"""From a wish to a time that can be booked: what is still open, what does not fit, what to offer instead."""

from dataclasses import replace
from datetime import date, datetime

from antiphon.engines.llm.receptionist_rules.calendar import Misfit
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.learning_wishes import choice
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.events.speech import Expectation
from antiphon.language.dates import NoDay
from antiphon.language.parts import SPANS, Bound
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot


def settle(ex: Exchange) -> bool:
    """Whether the wish is a time that can be booked; if not, the reply now says why and asks or offers."""
    wish = ex.memory.wish
    if wish.date is None:
        _ask_day(ex)
    elif wish.until_date or (wish.bound is not Bound.AT and wish.time is None):
        _ask_within(ex)
    elif (misfit := ex.calendar.closed_on(wish.date)) is not None:
        _refuse(ex, misfit, wish.date)
    elif wish.time is None:
        _ask_time(ex)
    elif wish.until_time or wish.bound in (Bound.AFTER, Bound.BEFORE):
        _offer_within(ex)
    else:
        return _fits(ex, ex.calendar.at(wish.date, wish.time))
    return False


def offer_soonest(ex: Exchange, after: datetime | None = None) -> None:
    """Offer the first time that fits the wish as it stands."""
    first = ex.calendar.soonest(ex.minutes, ex.memory.wish, after) or ex.calendar.soonest(ex.minutes)
    if first is None:
        ex.say("offer_none")
        ask_slot(ex)
        return
    open_wish = "task" in ex.news and not ex.value("urgency")
    ex.say("offer_soonest_or" if open_wish else "offer_soonest", first=ex.wording.offered(first))
    _remember_offers(ex, [first])
    if open_wish:  # "soon" may well mean next week
        ex.expect = Expectation.DATE


def ask_slot(ex: Exchange, key: str = "") -> None:
    """Ask for day and time together."""
    again = ex.asks_again(Item.SLOT)
    default = "ask_slot_move" if ex.memory.task is Task.MOVE else "ask_slot"
    ex.say(key or ("sorry_slot" if again else default))
    ex.ask(Item.SLOT, Expectation.DATE)


def take_offer(ex: Exchange) -> bool:
    """Whether the caller has chosen one of the offered times; the wish is then complete."""
    offers = [datetime.fromisoformat(offer).astimezone(ex.calendar.zone) for offer in ex.memory.offers]
    chosen = _chosen(ex, offers)
    if chosen is None:
        return False
    ex.memory.wish = Slot(date=chosen.date(), time=chosen.time())
    ex.memory.offers = []
    ex.news.add("slot")
    return True


def _chosen(ex: Exchange, offers: list[datetime]) -> datetime | None:
    heard = ex.heard
    if not offers:
        return None
    if heard.slots:
        said = heard.slots[-1].value
        fitting = [
            at
            for at in offers
            if (said.date or said.time is not None)
            and said.date in (None, at.date())
            and said.time in (None, at.time().replace(tzinfo=None))
            and not said.until_date
        ]
        return fitting[0] if len(fitting) == 1 or (fitting and heard.agrees) else None
    if heard.refuses or heard.means(Intent.OTHER):
        return None
    if len(offers) > 1 and heard.means(Intent.SECOND, Intent.LATER):
        return offers[-1]
    if heard.means(Intent.FIRST, Intent.ANY, Intent.SOONEST, Intent.EARLIER) and (len(offers) > 1 or heard.agrees):
        return offers[0]
    # Going on to the next thing ("Susan Miller") accepts a single offer without a word about it.
    goes_on = heard.agrees or heard.means(Intent.ANY, Intent.FIRST) or bool(ex.news & {"caller_name", "phone_e164"})
    return offers[0] if len(offers) == 1 and goes_on else None


def ask_which_offer(ex: Exchange) -> bool:
    """Ask again which of two offers it shall be; False when there were not two."""
    offers = [datetime.fromisoformat(offer) for offer in ex.memory.offers]
    if len(offers) != 2:
        return False
    ex.say("offer_which", first=ex.wording.offered(offers[0]), second=ex.wording.offered(offers[1]))
    _remember_offers(ex, offers)
    return True


def fits(ex: Exchange) -> bool:
    """Whether the wish is a complete time within opening hours."""
    wish = ex.memory.wish
    if wish.date is None or wish.time is None or wish.until_date or wish.until_time or wish.bound is Bound.AFTER:
        return False
    return ex.calendar.misfit(ex.calendar.at(wish.date, wish.time), ex.minutes) is None


def offer_again(ex: Exchange) -> None:
    """Say once more what was offered."""
    if not ask_which_offer(ex):
        first = datetime.fromisoformat(ex.memory.offers[0])
        ex.say("offer_within", first=ex.wording.offered(first))
        _remember_offers(ex, [first])


def learn_slot(ex: Exchange) -> None:
    """Make the complete wish the fact `preferred_slots`."""
    iso = ex.memory.wish.iso(ex.calendar.zone)
    known = ex.value("preferred_slots")
    if "slot" not in ex.news and isinstance(known, list) and known[:1] == [iso]:
        return  # with all that it may be chosen from
    spoken = ex.heard.slots
    reading = spoken[-1] if spoken else None
    ex.learn(
        "preferred_slots",
        Reading(
            choice(ex, iso),
            reading.start if reading else 0,
            reading.end if reading else len(ex.heard.text),
            reading.confidence if reading else 1.0,
        ),
    )


# What to ask ----------------------------------------------------------------------------------------------------------


def _ask_day(ex: Exchange) -> None:
    wish = ex.memory.wish
    impossible = next(iter(ex.heard.impossible), None)
    past = impossible is not None and impossible.value is NoDay.PAST
    if impossible and past:
        ex.say("misfit_past", moment=ex.heard.text[impossible.start : impossible.end])
    if wish.time is None and wish.part is None:
        ask_slot(ex, ("ask_slot_move" if ex.memory.task is Task.MOVE else "ask_slot") if past else "")
        return
    if ex.memory.asked is Item.DAY and ex.heard.means(Intent.ANY, Intent.SOONEST):
        offer_soonest(ex)
        return
    again = ex.asks_again(Item.DAY) or impossible is not None
    if again and not past:
        ex.say("sorry_day")
    else:
        ex.say("ask_day_known", time=ex.wording.slot(replace(wish, date=None)))
    ex.ask(Item.DAY, Expectation.DATE)


def _ask_within(ex: Exchange) -> None:
    """A range of days: ask for one of them, unless the caller leaves it to us."""
    if ex.heard.means(Intent.ANY, Intent.SOONEST):
        offer_soonest(ex)
        return
    ex.say("sorry_day" if ex.asks_again(Item.DAY) else "ask_day")
    ex.ask(Item.DAY, Expectation.DATE)


def _ask_time(ex: Exchange) -> None:
    wish = ex.memory.wish
    day_wished = wish.date or ex.calendar.today
    times = ex.calendar.times_on(day_wished, ex.minutes, wish)
    if not times:
        _nothing_then(ex, day_wished)
        return
    only_part_again = (
        ex.memory.asked is Item.TIME and wish.part is not None and "slot" not in ex.news and ex.heard.slots
    )
    if ex.heard.means(Intent.ANY, Intent.SOONEST) or only_part_again:
        offer_soonest(ex)
        return
    day = ex.wording.slot(wish)
    if ex.asks_again(Item.TIME):
        ex.say("sorry_time", day=day)
    else:
        examples = [times[len(times) // 4], times[(3 * len(times)) // 4]] if len(times) > 2 else times
        said = [ex.wording.time(at) for at in dict.fromkeys(examples)]
        ex.say("ask_time", day=day, examples=ex.wording.listed(said, "or"))
    ex.ask(Item.TIME, Expectation.TIME)


def _nothing_then(ex: Exchange, day: date) -> None:
    """The day is open, but not in the wished part of it, or it is too late for today."""
    wish = ex.memory.wish
    if wish.part:
        part = ex.wording.slot(Slot(part=wish.part))
        ex.say("misfit_part", part=part, day=ex.wording.day(day))
        begins, ends = SPANS[wish.part]
        middle = ex.calendar.at(day, begins.replace(hour=(begins.hour + ends.hour) // 2))
        offers = ex.calendar.nearest(middle, ex.minutes)[:1]
    else:
        ex.say("misfit_past", moment=ex.wording.day(day, bare=True))
        offers = [at for at in [ex.calendar.soonest(ex.minutes)] if at]
    _offer(ex, offers)


# What does not fit ----------------------------------------------------------------------------------------------------


def _fits(ex: Exchange, at: datetime) -> bool:
    misfit = ex.calendar.misfit(at, ex.minutes)
    if misfit is None:
        learn_slot(ex)
        return True
    if misfit is Misfit.PAST:
        ex.say("misfit_past", moment=ex.wording.moment(at))
        later = ex.calendar.soonest(ex.minutes)
        same_time = ex.calendar.nearest(ex.calendar.at(date.fromordinal(at.toordinal() + 1), at.time()), ex.minutes)
        _offer(ex, sorted({*([later] if later else []), *same_time[-1:]})[:2])
    else:
        _outside(ex, at)
    _drop_slot(ex)
    return False


def _refuse(ex: Exchange, misfit: Misfit, day: date) -> None:
    """Nothing can be booked on that day at all."""
    wish = ex.memory.wish
    said = ex.wording.day(day)
    if misfit is Misfit.PAST:
        ex.say("misfit_past", moment=ex.wording.day(day, bare=True))
    else:
        ex.say(f"misfit_{misfit.value}", day=ex.wording.day(day, bare=misfit is Misfit.HOLIDAY) or said)
    _drop_slot(ex)
    if wish.time is None:
        ex.memory.wish = replace(wish, date=None, until_date=None)
        ex.say("ask_day")
        ex.ask(Item.DAY, Expectation.DATE)
        return
    if misfit is Misfit.PAST:
        _offer(ex, [at for at in [ex.calendar.soonest(ex.minutes)] if at])
    else:
        _offer(ex, ex.calendar.nearest(ex.calendar.at(day, wish.time), ex.minutes))


def _drop_slot(ex: Exchange) -> None:
    ex.forget("preferred_slots")


def _offer_within(ex: Exchange) -> None:
    """A limit instead of a time ("after four"): offer the first time within it."""
    wish = ex.memory.wish
    first = ex.calendar.soonest(ex.minutes, wish)
    if first is None:
        _outside(ex, ex.calendar.at(wish.date or ex.calendar.today, wish.time or ex.calendar.now.time()))
        return
    ex.say("offer_within", first=ex.wording.offered(first))
    _remember_offers(ex, [first])


def _outside(ex: Exchange, at: datetime) -> None:
    hours = ex.calendar.hours_on(at.date())
    ex.say("misfit_outside", weekday=ex.wording.day(at.date()), spans=ex.wording.spans(hours), minutes=str(ex.minutes))
    _offer(ex, ex.calendar.nearest(at, ex.minutes))


def _offer(ex: Exchange, offers: list[datetime]) -> None:
    if not offers:
        ask_slot(ex, "ask_slot_other")
        return
    said = [ex.wording.offered(at) for at in offers]
    if len(offers) == 1:
        ex.say("offer_one", first=said[0])
    else:
        ex.say("offer_two", first=said[0], second=said[1])
    _remember_offers(ex, offers)


def _remember_offers(ex: Exchange, offers: list[datetime]) -> None:
    ex.memory.offers = [at.isoformat(timespec="minutes") for at in offers]
    expect = Expectation.YES_NO if len(offers) == 1 else Expectation.FREE
    ex.ask(Item.OFFER, expect, [ex.wording.weekday(at.date()) for at in offers])
