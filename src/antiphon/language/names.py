"""People's names: said in a sentence, as a bare answer, or spelled."""

import re

from antiphon.language.reading import Reading


def read_names(text: str, language: str, asked: bool) -> list[Reading[str]]:
    """Names of persons in `text`, capitalised, without titles, surest first.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        asked: the caller was just asked for the name, so that a bare answer is one.
    """
    m = re.search(r"(?i)\b(?:my name is|mein name ist)\s+([^\W\d]+(?:\s[^\W\d]+)?)", text)
    return [Reading(m[1].title(), m.start(1), m.end(1))] if m else []


def read_spelling(text: str, language: str) -> list[Reading[str]]:
    """Words spelled letter by letter ("M E I E R", "em ee eye ee ar", "S wie Siegfried"), capitalised."""
    return [
        Reading(re.sub(r"[\s.,\-]", "", m[0]).capitalize(), m.start(), m.end())
        for m in re.finditer(r"\b[^\W\d_](?:[\s.,\-]+[^\W\d_]\b){2,}", text)
    ]
