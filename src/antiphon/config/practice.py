"""Reads the `[practice]` section: what a receptionist knows of the place it answers for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers

from antiphon.config.reader import Reader, nearest
from antiphon.errors import BadConfiguration
from antiphon.events.practice import Answer, Hours, Practice, Service

_Named = TypeVar("_Named", Service, Answer)

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KEYS = (
    "name",
    "timezone",
    "phone_region",
    "languages",
    "emergency_number",
    "staff",
    "closed",
    "greeting",
    "hours",
    "services",
    "answers",
)
_HOURS_KEYS = ("days", "opens", "closes")
_SERVICE_KEYS = ("name", "words", "minutes", "price")
_ANSWER_KEYS = ("name", "cues", "text")


def read_practice(reader: Reader, table: Mapping[str, Any]) -> Practice:
    """The practice described by `table`.

    Raises:
        BadConfiguration: a key is missing or holds a value that cannot be used.
    """
    reader.unknown("practice", table, _KEYS)
    practice = _Table("practice", table, _KEYS)
    return Practice(
        name=practice.text("name"),
        timezone=_timezone(practice.text("timezone")),
        phone_region=_region(practice.text("phone_region")),
        languages=practice.texts("languages"),
        hours=tuple(hours for row in practice.rows(reader, "hours", _HOURS_KEYS) for hours in _hours(row)),
        services=_named([_service(row) for row in practice.rows(reader, "services", _SERVICE_KEYS)], "services"),
        answers=_named([_answer(row) for row in practice.rows(reader, "answers", _ANSWER_KEYS)], "answers"),
        staff=practice.texts("staff", optional=True),
        emergency_number=_emergency_number(table.get("emergency_number", "112")),
        greeting=practice.by_language("greeting"),
        closed=_dates(table.get("closed", [])),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the section: its place in the file, its values, and the keys that are read."""

    where: str
    values: Mapping[str, Any]
    known: tuple[str, ...]

    def rows(self, reader: Reader, key: str, known: tuple[str, ...]) -> list["_Table"]:
        found = self.values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise _bad(f"{self.where}.{key}", found, f"tables written as [[{self.where}.{key}]]")
        rows = [_Table(f"{self.where}.{key}[{index}]", row, known) for index, row in enumerate(found)]
        for row in rows:
            reader.unknown(row.where, row.values, known)
        return rows

    def value(self, key: str) -> Any:
        if key in self.values:
            return self.values[key]
        near = nearest(key, [name for name in self.values if name not in self.known])
        hint = f": is `{near}` meant to be it?" if near else ""
        raise BadConfiguration(f"`{self.where}.{key}` is missing{hint}", param=f"{self.where}.{key}")

    def text(self, key: str) -> str:
        found = self.value(key)
        if not isinstance(found, str) or not found.strip():
            raise _bad(f"{self.where}.{key}", found, "a text")
        return found

    def texts(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        found = self.values.get(key, []) if optional else self.value(key)
        return _texts(found, f"{self.where}.{key}", optional=optional)

    def time(self, key: str) -> time:
        found = self.value(key)
        if isinstance(found, time):
            return found
        try:
            return time.fromisoformat(str(found))
        except ValueError:
            raise _bad(f"{self.where}.{key}", found, 'a time such as "08:00"') from None

    def by_language(self, key: str) -> dict[str, str]:
        found = self.values.get(key, {})
        if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
            raise _bad(f"{self.where}.{key}", found, 'texts by language such as {en = "…"}')
        return dict(found)

    def words(self, key: str) -> dict[str, tuple[str, ...]]:
        found = self.values.get(key, {})
        if not isinstance(found, dict):
            raise _bad(f"{self.where}.{key}", found, 'lists by language such as {en = ["…"]}')
        return {language: _texts(words, f"{self.where}.{key}.{language}") for language, words in found.items()}


def _service(row: _Table) -> Service:
    minutes = row.values.get("minutes", 30)
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 5 <= minutes <= 480:
        raise _bad(f"{row.where}.minutes", minutes, "5 to 480")
    return Service(row.text("name"), row.words("words"), minutes, row.by_language("price"))


def _answer(row: _Table) -> Answer:
    return Answer(row.text("name"), row.words("cues"), row.by_language("text"))


def _named(rows: list[_Named], key: str) -> tuple[_Named, ...]:
    """The rows, of which no two may have the same name: a name is how facts and actions speak of one."""
    names = [row.name for row in rows]
    for index, name in enumerate(names):
        if name in names[:index]:
            where = f"practice.{key}[{index}].name"
            raise _bad(where, name, f"practice.{key}[{names.index(name)}] has that name already")
    return tuple(rows)


def _hours(row: _Table) -> list[Hours]:
    opens, closes = row.time("opens"), row.time("closes")
    if opens >= closes:
        raise _bad(f"{row.where}.closes", row.values["closes"], f"later than {opens:%H:%M}")
    return [Hours(weekday, opens, closes) for weekday in _weekdays(row.text("days"), row.where)]


def _weekdays(days: str, where: str) -> list[int]:
    found: list[int] = []
    for part in days.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise _bad(f"{where}.days", days, "such as mon-fri or mon,wed")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found.extend(range(start, end + 1) if start <= end else [*range(start, 7), *range(end + 1)])
    return found


def _dates(found: Any) -> tuple[date, ...]:
    if not isinstance(found, list) or not all(isinstance(day, date) for day in found):
        raise _bad("practice.closed", found, "a list of dates such as [2026-12-25]")
    return tuple(found)


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _bad("practice.timezone", name, "an IANA name such as Europe/Zurich") from None
    return name


def _region(name: str) -> str:
    if name not in phonenumbers.SUPPORTED_REGIONS:
        raise _bad("practice.phone_region", name, "a two-letter country code such as CH")
    return name


def _emergency_number(found: Any) -> str:
    # Written as a number, a leading zero would be lost or refused by TOML: only 1 and up can be meant as written.
    text = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    if not isinstance(text, str) or not (digits := text.replace(" ", "").removeprefix("+")).isdecimal():
        raise _bad("practice.emergency_number", found, 'digits such as "144"')
    if not 2 <= len(digits) <= 15:
        raise _bad("practice.emergency_number", found, "2 to 15 digits")
    return text


def _texts(found: Any, where: str, *, optional: bool = False) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found) or not (found or optional):
        raise _bad(where, found, "a list of texts")
    return tuple(found)


def _bad(key: str, found: Any, allowed: str) -> BadConfiguration:
    return BadConfiguration(f"`{key}` = {found!r} is not allowed: {allowed}", param=key)
