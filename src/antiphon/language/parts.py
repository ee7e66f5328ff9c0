"""Parts of the day, and how a limit is meant."""

import re
from datetime import time
from enum import StrEnum

from antiphon.language.canonical import canonical
from antiphon.language.lexicon import known
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

_WORDS = {
    "en": {
        Part.MORNING: r"(?:mornings?|forenoon|before (?:lunch|noon)|1th thing|a\.m\.(?! \S*\d))",
        Part.NOON: r"(?:lunch ?time|(?:at|over|around|during) lunch)",
        Part.AFTERNOON: r"(?:afternoons?|after (?:lunch|noon|school))",
        Part.EVENING: r"(?:evenings?|tonight|at night|after work)",
    },
    "de": {
        Part.MORNING: (
            r"(?:vormittags?|morgens|fruehmorgens|frueh|in der frueh|vor dem mittag(?:essen)?"
            r"|(?:(?<= am )|(?<= jeden )|(?<= heute )|(?<=tag )|(?<=woch ))morgen)"
        ),
        Part.NOON: r"(?:(?<!vor dem )(?<!nach dem )mittags?|mittagspause)",
        Part.AFTERNOON: r"(?:nachmittags?|nach dem mittag(?:essen)?)",
        Part.EVENING: r"(?:abends?|feierabend|nach der arbeit)",
    },
}
_PATTERNS = {
    language: {part: re.compile(f"(?<= ){pattern}(?= )") for part, pattern in words.items()}
    for language, words in _WORDS.items()
}
_GREETING = {
    "en": re.compile(r" (?:good|nice|lovely|great|have a|wonderful|pleasant|happy) $"),
    "de": re.compile(r" (?:guten|gute|schoenen|schoen|angenehmen|gueten) $"),
}


def read_parts(text: str, language: str) -> list[Reading[Part]]:
    """Parts of the day named in `text` ("in the morning", "am Nachmittag", "after lunch"); greetings are none."""
    form = canonical(text, language)
    greeting = _GREETING[known(language)]
    found = [
        Reading(part, *form.span(match.start(), match.end()))
        for part, pattern in _PATTERNS[known(language)].items()
        for match in pattern.finditer(form.text)
        if not greeting.search(form.text[max(0, match.start() - 20) : match.start()])
    ]
    return sorted(found, key=lambda reading: reading.start)
