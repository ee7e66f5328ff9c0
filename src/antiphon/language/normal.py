"""Text brought to one form, so that two ways of writing the same words compare equal."""

import re
from itertools import zip_longest

from antiphon.language.canonical import canonical
from antiphon.language.lexicon import FILLERS

_ZERO = frozenset(("oh", "o"))
_SAME = {
    "o'clock": "", "a.m.": "am", "p.m.": "pm", "okay": "ok", "alright": "ok", "mister": "mr", "missus": "mrs",
    "doctor": "dr", "doktor": "dr", "cannot": "can't", "gonna": "going", "yeah": "yes", "yep": "yes", "zirka": "circa",
}  # fmt: skip
_CONTRACTED = re.compile(r"(.+?)('m|'re|'ve|'ll|'d|n't|'s)")
_FULL = {"'m": "am", "'re": "are", "'ve": "have", "'ll": "will", "n't": "not"}


def normalise(text: str, language: str) -> str:
    """Lower case, no punctuation, no fillers, numbers in figures, one spelling (ß, umlauts), single spaces.

    Figures that follow each other become one, however they were grouped: "0 7 9, 22", "oh seven nine twenty-two" and
    "079 22" are all `07922`, "ten thirty" and "10:30" both `1030`. Ordinals equal their numbers.
    """
    normal: list[str] = []
    for form in _forms(text, language):
        if form.isdecimal() and normal and normal[-1].isdecimal():
            normal[-1] += form
        else:
            normal.append(form)
    return " ".join(normal)


def _forms(text: str, language: str) -> list[str]:
    tokens = [token.form for token in canonical(text, language).tokens]
    forms: list[str] = []
    for form, after in zip_longest(tokens, tokens[1:], fillvalue=""):
        if form in _ZERO and (after[:1].isdecimal() or (forms and forms[-1].isdecimal())):
            forms.append("0")
        elif form[0].isdecimal():
            forms += re.findall(r"[0-9]+", form)
        elif form not in FILLERS and any(c.isalnum() for c in form):
            forms += _one_spelling(_SAME.get(form, form))
    return forms


def _one_spelling(form: str) -> list[str]:
    if form == "can't":
        return ["can", "not"]
    if form == "won't":
        return ["will", "not"]
    match = _CONTRACTED.fullmatch(form)
    if match and match[2] in _FULL:
        return [match[1], _FULL[match[2]]]
    return [form.replace("'", "")] if form else []


def words(text: str) -> list[str]:
    """The words of `text` in lower case, without punctuation."""
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower().replace("’", "'"))
