"""Days of the year that English speakers call by a name."""

import datetime
import re

from antiphon.language.calendar import Named, dated

_FEASTS = {
    "(?:saint|st) nicholas(?: day)?": (12, 6), "christmas eve": (12, 24), "(?:christmas|xmas)(?: day)?": (12, 25),
    "boxing day": (12, 26), "new year's eve": (12, 31), "new year's(?: day)?": (1, 1), "epiphany": (1, 6),
    "valentine's(?: day)?": (2, 14), "(?:saint|st) patrick's day": (3, 17), "(?:our|the|swiss) national day": (8, 1),
    "halloween": (10, 31),
}  # fmt: skip
"""Days of the year that have names; Christmas alone is a season."""
FEAST = "(?:the )?(?P<feast>" + "|".join(_FEASTS) + ")"
"""A pattern over canonical text with the name as its group `feast`."""


def feast(name: str, today: datetime.date) -> Named | None:
    """The next such day; `name` is one that `FEAST` matched."""
    month, day = next(date for pattern, date in _FEASTS.items() if re.fullmatch(pattern, name))
    return dated(today, None, month, day)
