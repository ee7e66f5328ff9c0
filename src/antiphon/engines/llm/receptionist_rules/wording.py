"""How the receptionist says things: one table of sentences a language, and the phrases that fill them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from antiphon.engines.llm.receptionist_rules import wording_de, wording_en
from antiphon.engines.llm.receptionist_rules.calendar import Calendar
from antiphon.events.practice import Hours, Service
from antiphon.language.slots import Slot
from antiphon.language.speaking import say_date, say_hours, say_phone, say_time

SENTENCES: Mapping[str, Mapping[str, str]] = {"en": wording_en.SENTENCES, "de": wording_de.SENTENCES}
_NOMINATIVE = re.compile(r"\bder (\w+te) ")
_ARTICLES = ("a ", "an ", "eine ", "einen ", "ein ")
_TERMS_OF_A_SERVICE = 3


def _bare(words: str) -> str:
    """Without the article."""
    return words[max(len(article) for article in ("", *_ARTICLES) if words.startswith(article)) :]


class Wording:
    """Sentences and phrases in one language."""

    def __init__(self, language: str, calendar: Calendar) -> None:
        self.language = language
        self._sentences = SENTENCES[language]
        self._calendar = calendar

    def knows(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self._sentences

    def sentence(self, key: str, **fields: str) -> str:
        """The sentence `key` with its fields filled, beginning with a capital."""
        text = self._sentences[key].format(**fields)
        return text[:1].upper() + text[1:]

    def phrase(self, key: str) -> str:
        """The words `key` as they stand within a sentence."""
        return self._sentences[key]

    def day(self, day: date, *, bare: bool = False) -> str:
        """A day with its preposition ("on Tuesday the twenty-fourth"; "tomorrow, …" needs none)."""
        said = say_date(day, self.language, self._calendar.today)
        if bare or not said[:1].isupper():
            return said
        if self.language == "de":
            said = _NOMINATIVE.sub(r"dem \1n ", said)
        return f"{self._sentences['on']} {said}"

    def weekday(self, day: date) -> str:
        """The name of the weekday alone, or "today" and "tomorrow"."""
        ahead = (day - self._calendar.today).days
        near = self._sentences["near_days"].split("|")
        return near[ahead] if 0 <= ahead < len(near) else self._sentences["weekdays"].split("|")[day.weekday()]

    def time(self, at: datetime) -> str:
        """A time of day; the half of the day is said where it is not the usual one."""
        return say_time(at.time(), self.language, part=self.language == "en" and at.hour >= 19)

    def moment(self, at: datetime) -> str:
        """A day and a time."""
        return f"{self.day(at.date())} {self._sentences['at']} {self.time(at)}"

    def offered(self, at: datetime) -> str:
        """A day and a time as they stand after "I can offer"."""
        day, bare = self.day(at.date()), self.day(at.date(), bare=True)
        return self._sentences["offered"].format(day=day, bare=bare, time=self.time(at))

    def slot(self, slot: Slot, *, bare: bool = False) -> str:
        """As much of an appointment as is known; `bare` leaves out the preposition before the day."""
        said = []
        if slot.date:
            said.append(self.day(slot.date, bare=bare))
        if slot.time is not None:
            said.append(f"{self._sentences['at']} {say_time(slot.time, self.language)}")
        elif slot.part:
            said.append(self._sentences[f"part_{slot.part.value}"])
        return " ".join(said)

    def service(self, service: Service, *, bare: bool = False) -> str:
        """What a service is called, with its article unless `bare`."""
        said = self._words(service)[0]
        return _bare(said) if bare else said

    def terms(self, services: Sequence[Service]) -> tuple[str, ...]:
        """What callers may call these services, for the recogniser: few for each, none in two spellings."""
        terms: dict[str, str] = {}
        for service in services:
            for words in self._words(service)[:_TERMS_OF_A_SERVICE]:
                terms.setdefault(re.sub(r"[\W_]", "", _bare(words).lower()), _bare(words))
        return tuple(terms.values())

    def _words(self, service: Service) -> Sequence[str]:
        return service.words.get(self.language) or next(iter(service.words.values()), (service.name,))

    def staff(self, name: str) -> str:
        """With whom the appointment is, as it follows its time; empty where nobody is named."""
        return self._sentences["with_staff"].format(name=name) if name else ""

    def phone(self, e164: str) -> str:
        """A telephone number, as it is dialled in the practice's country."""
        return say_phone(e164, self.language, self._calendar.practice.phone_region)

    def hours(self, hours: Sequence[Hours]) -> str:
        """Opening hours of a week."""
        return say_hours(hours, self.language)

    def spans(self, hours: Sequence[Hours]) -> str:
        """Opening hours of one day."""
        span = self._sentences["span"]
        spans = (
            span.format(opens=say_time(h.opens, self.language), closes=say_time(h.closes, self.language)) for h in hours
        )
        return self._sentences["and"].join(spans)

    def listed(self, items: Sequence[str], last: str = "and") -> str:
        """Several things in one phrase ("a, b and c"); `last` is `and` or `or`."""
        if len(items) < 2:
            return "".join(items)
        return ", ".join(items[:-1]) + self._sentences[last] + items[-1]
