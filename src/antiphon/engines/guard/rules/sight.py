"""Text as the rules look at it: without the disguises that people put on words."""

import re
import unicodedata

_LOOKALIKES = str.maketrans("аеорсухікѕјԁαοερντι", "aeopcyxiksjdaoepvti")  # Cyrillic and Greek for Latin letters
_LEET = str.maketrans("013457@$!|", "oieastasil")


def plain_text(text: str) -> str:
    """Lower case, one form of each character, no invisible ones, no accents that belong to no letter, single spaces."""
    composed = unicodedata.normalize("NFKC", text)
    seen = "".join(c for c in composed if unicodedata.category(c) not in {"Cf", "Mn", "Cs", "Co", "Cn"})
    return re.sub(r"\s+", " ", seen.lower().replace("’", "'").translate(_LOOKALIKES))


def unveiled(plain: str) -> str:
    """`plain` with disguises taken off: figures for letters, letters parted ("k i l l") or repeated ("kiiill")."""
    words = (word.translate(_LEET) if re.search(r"[^\W\d_]", word) else word for word in plain.split(" "))
    joined = re.sub(r"(?<!\w)(?:[^\W\d_][ ._*-]{1,2}){2,}[^\W\d_](?!\w)", _join, " ".join(words))
    return re.sub(r"([^\W\d_])\1{2,}", r"\1", re.sub(r"(?<=[^\W\d_])[_*.](?=[^\W\d_])", "", joined))


def _join(match: re.Match[str]) -> str:
    return re.sub(r"[\W_]", "", match[0])


def phrases_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """What finds any of these words or phrases, whole, in a text made plain; finds nothing where there are none."""
    found = [re.escape(plain_text(word).strip()) for word in words if word.strip()]
    return re.compile(r"(?<!\w)(?:" + "|".join(found) + r")(?!\w)") if found else re.compile(r"(?!)")
