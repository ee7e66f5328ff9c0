"""Codes of languages that a caller may name."""

from collections.abc import Iterable

from antiphon.errors import BadInput

_TWO_LETTERS = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee"
    " el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is"
    " it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms"
    " mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk"
    " sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi"
    " yo za zh zu"
)
ISO_639_1 = frozenset(_TWO_LETTERS.split())
WHISPER_ONLY = frozenset(("haw", "jw", "yue"))
"""Codes of Whisper's own: Hawaiian and Cantonese have none of two letters, and Javanese went by another."""


def language_code(given: str | None, known: Iterable[str] = ()) -> str | None:
    """The code that a caller gave, None where it is to be detected.

    Args:
        given: as it was written; empty for none.
        known: codes that can be heard here; empty for any.

    Raises:
        BadInput: it is no code of a language, or of none that is known here.
    """
    code = (given or "").strip().lower()
    if not code:
        return None
    if code not in ISO_639_1 and code not in WHISPER_ONLY:
        raise BadInput("language must be an ISO 639-1 code such as en or de", code="language_invalid", param="language")
    there = sorted(known)
    if there and code not in there:
        raise BadInput(
            f"language {code} is not heard here, only {', '.join(there)}", code="language_unsupported", param="language"
        )
    return code
