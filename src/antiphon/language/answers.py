"""Yes and no."""

import re

from antiphon.language.reading import Reading


def read_yes_no(text: str, language: str) -> Reading[bool] | None:
    """Whether `text` agrees or refuses; None when it does neither.

    The span covers only the words of the answer, so that the rest can be read on ("no, Thursday").
    """
    m = re.search(r"(?i)\b(?:(yes|yeah|yep|ja|genau)|(no|nope|nein))\b", text)
    return Reading(bool(m[1]), m.start(), m.end()) if m else None
