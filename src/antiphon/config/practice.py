"""Reads the `[practice]` section: what a receptionist knows of the place it answers for."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers

from antiphon.config.reader import Reader
from antiphon.errors import BadConfiguration
from antiphon.events.practice import Answer, Hours, Practice, Service

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


def read_practice(reader: Reader, table: Mapping[str, Any]) -> Practice:
    """The practice described by `table`.

    Raises:
        BadConfiguration: a key is missing or holds a value that cannot be used.
    """
    reader.unknown("practice", table, _KEYS)
    return Practice(
        name=_text(table, "name", "practice"),
        timezone=_timezone(_text(table, "timezone", "practice")),
        phone_region=_region(_text(table, "phone_region", "practice")),
        languages=_texts(table, "languages", "practice"),
        hours=tuple(hours for index, row in enumerate(_rows(table, "hours")) for hours in _hours(row, index)),
        services=tuple(_service(row, index) for index, row in enumerate(_rows(table, "services"))),
        answers=tuple(_answer(row, index) for index, row in enumerate(_rows(table, "answers"))),
        staff=_texts(table, "staff", "practice", optional=True),
        emergency_number=str(table.get("emergency_number", "112")),
        greeting=_by_language(table, "greeting", "practice"),
        closed=_dates(table.get("closed", [])),
    )


def _service(row: Mapping[str, Any], index: int) -> Service:
    where = f"practice.services[{index}]"
    minutes = row.get("minutes", 30)
    if not isinstance(minutes, int) or not 5 <= minutes <= 480:
        raise _bad(f"{where}.minutes", minutes, "5 to 480")
    return Service(_text(row, "name", where), _words(row, "words", where), minutes, _by_language(row, "price", where))


def _answer(row: Mapping[str, Any], index: int) -> Answer:
    where = f"practice.answers[{index}]"
    return Answer(_text(row, "name", where), _words(row, "cues", where), _by_language(row, "text", where))


def _hours(row: Mapping[str, Any], index: int) -> list[Hours]:
    where = f"practice.hours[{index}]"
    opens, closes = _time(row, "opens", where), _time(row, "closes", where)
    if opens >= closes:
        raise _bad(f"{where}.closes", row["closes"], f"later than {opens:%H:%M}")
    return [Hours(weekday, opens, closes) for weekday in _weekdays(_text(row, "days", where), where)]


def _weekdays(days: str, where: str) -> list[int]:
    found: list[int] = []
    for part in days.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise _bad(f"{where}.days", days, "such as mon-fri or mon,wed")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found.extend(range(start, end + 1) if start <= end else [*range(start, 7), *range(end + 1)])
    return found


def _time(row: Mapping[str, Any], key: str, where: str) -> time:
    found = row.get(key)
    if isinstance(found, time):
        return found
    try:
        return time.fromisoformat(str(found))
    except ValueError:
        raise _bad(f"{where}.{key}", found, 'a time such as "08:00"') from None


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


def _rows(table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = table.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _bad(f"practice.{key}", rows, f"tables written as [[practice.{key}]]")
    return rows


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    found = table.get(key)
    if not isinstance(found, str) or not found.strip():
        raise _bad(f"{where}.{key}", found, "a text")
    return found


def _texts(table: Mapping[str, Any], key: str, where: str, *, optional: bool = False) -> tuple[str, ...]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found) or not (found or optional):
        raise _bad(f"{where}.{key}", found, "a list of texts")
    return tuple(found)


def _by_language(table: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
    found = table.get(key, {})
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise _bad(f"{where}.{key}", found, 'texts by language such as {en = "…"}')
    return dict(found)


def _words(table: Mapping[str, Any], key: str, where: str) -> dict[str, tuple[str, ...]]:
    found = table.get(key, {})
    if not isinstance(found, dict):
        raise _bad(f"{where}.{key}", found, 'lists by language such as {en = ["…"]}')
    return {language: _texts(found, language, f"{where}.{key}") for language in found}


def _bad(key: str, found: Any, allowed: str) -> BadConfiguration:
    return BadConfiguration(f"`{key}` = {found!r} is not allowed: {allowed}", param=key)
