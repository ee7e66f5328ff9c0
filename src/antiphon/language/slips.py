"""Slips of speech recognisers in the words that carry dates, undone: never by guessing between two words."""

from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from antiphon.language.figures import NUMBER_WORDS, Token
from antiphon.language.lexicon import MONTHS, WEEKDAYS, vocabulary

_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_SAME = {
    "en": {
        "tues": "tuesday", "tue": "tuesday", "weds": "wednesday", "thur": "thursday", "thurs": "thursday",
        "jan": "january", "feb": "february", "apr": "april", "aug": "august", "sept": "september", "oct": "october",
        "nov": "november", "dec": "december", "oclock": "o'clock", "clock": "o'clock", "cluck": "o'clock",
        "tmrw": "tomorrow", "morrow": "tomorrow",
        "2day": "today", "to-morrow": "tomorrow", "two-morrow": "tomorrow", "too-morrow": "tomorrow",
        "mins": "minutes", "min": "minutes", "noontime": "noon", "midday": "noon", "gonna": "going",
        "midday's": "noon",
        "wensday": "wednesday", "wendsday": "wednesday", "wenesday": "wednesday", "wedsday": "wednesday",
        "toosday": "tuesday", "chewsday": "tuesday", "thirsday": "thursday", "thersday": "thursday",
        "thirsty": "thursday", "variety": "friday", "febuary": "february", "tommorow": "tomorrow",
        "tomorow": "tomorrow", "tommorrow": "tomorrow", "courter": "quarter", "corcher": "quarter",
        "corteur": "quarter", "quarta": "quarter", "courtshire": "quarter",
        "courtershire": "quarter", "atten": "ten", "ecloque": "o'clock",
    },
    "de": {
        "sonnabend": "samstag", "jaenner": "januar", "feber": "februar", "jan": "januar", "feb": "februar",
        "aug": "august", "sept": "september", "okt": "oktober", "nov": "november", "dez": "dezember",
        "juno": "juni", "julei": "juli", "zwoelfe": "zwoelf", "min": "minuten", "minute": "minuten",
        "naechster": "naechsten", "naechste": "naechsten", "naechstes": "naechsten", "naechstem": "naechsten",
        "kommende": "kommenden", "kommender": "kommenden", "kommendes": "kommenden", "kommendem": "kommenden",
        "diese": "diesen", "dieser": "diesen", "dieses": "diesen", "diesem": "diesen",
        "uebernaechste": "uebernaechsten", "uebernaechster": "uebernaechsten", "vom": "von", "wochen": "woche",
        "tage": "tag", "tagen": "tag", "monate": "monat", "monaten": "monat", "monats": "monat", "heut": "heute",
        "ubermorgen": "uebermorgen", "marz": "maerz", "naechsta": "naechsten", "nachsten": "naechsten",
        "nachste": "naechsten", "nachster": "naechsten", "dreissik": "dreissig", "fruh": "frueh",
        "spatestens": "spaetestens", "fruhestens": "fruehestens", "ubernaechste": "uebernaechsten",
    },
}  # fmt: skip
_HOURS = (("won", 1), ("to", 2), ("too", 2), ("you", 2), ("tree", 3), ("free", 3), ("fife", 5), ("ate", 8), ("aid", 8))
_HALVES = {
    "en": {
        "choose day": "tuesday", "tues day": "tuesday", "chews day": "tuesday", "wednes day": "wednesday",
        "wens day": "wednesday", "when's day": "wednesday", "thurs day": "thursday", "thirst day": "thursday",
        "satur day": "saturday", "sat day": "saturday", "fri day": "friday", "fry day": "friday",
        "mon day": "monday", "sun day": "sunday", "to morrow": "tomorrow", "to day": "today", "to night": "tonight",
        "after noon": "afternoon", "mid day": "noon", "fort night": "fortnight", "half pest": "half past",
        "half passed": "half past", "half pass": "half past", "half pasture": "half past",
        "have passed": "half past", "have past": "half past", "non thirsty": "on thursday",
        "b m": "pm", "bee m": "pm",
        "five passed": "5 past", "ten passed": "10 past", "twenty passed": "20 past",
        "quarter pest": "quarter past", "quarter passed": "quarter past", "tend past": "10 past",
        "a o'clock": "o'clock", "a glock": "o'clock", "court your": "quarter",
        "court her": "quarter", "court or": "quarter", "court shire": "quarter",
        "at do": "at 2", "past do": "past 2", "past due": "past 2", "for thirty": "4 30",
        "to thousand": "2000", "fourth night": "fortnight", "i day": "iday", "for iday": "friday", "for id": "friday",
        **{f"{heard} o'clock": f"{hour} o'clock" for heard, hour in (*_HOURS, ("for", 4))},
        "the o'clock": "o'clock", "when o'clock": "1 o'clock", "night o'clock": "9 o'clock",
        "quarter to": "quarter to",
        **{f"quarter to {heard}": "quarter to 2" for heard in ("do", "due", "to", "too")},
        "past for": "past 4", "at at": "at 8", "i d": "id",
        **{f"{at} {heard}": f"{at} 10" for at in ("at", "past") for heard in ("tan", "then", "tent")},
        **{f"{at} {heard}": f"{at} 6" for at in ("at", "past") for heard in ("sicks", "sex")},
        **{f"{at} {heard}": f"{at} {hour}" for at in ("past", "at") for heard, hour in _HOURS},
    },
    "de": {
        "ueber morgen": "uebermorgen", "diens tag": "dienstag", "mon tag": "montag", "mitt woch": "mittwoch",
        "donners tag": "donnerstag", "frei tag": "freitag", "sams tag": "samstag", "sonn tag": "sonntag",
        "nach mittag": "nachmittag", "vor mittag": "vormittag", "drei viertel": "dreiviertel",
        "mitter nacht": "mitternacht",
    },
}  # fmt: skip
_DAYS = {
    language: {w.lower().translate(_PLAIN) for w in (*WEEKDAYS[language], *MONTHS[language])} for language in WEEKDAYS
}
_TARGETS = {
    "en": sorted({w for w in _DAYS["en"] if len(w) > 5} | {"tomorrow", "afternoon"}),
    "de": sorted({w for w in _DAYS["de"] if len(w) > 5} | {"uebermorgen", "nachmittag", "vormittag"}),
}
_PLURALS = vocabulary("afternoons tomorrows nachmittags vormittags uebermorgens")
_KNOWN = {
    language: frozenset(_DAYS[language]) | frozenset(_TARGETS[language]) | NUMBER_WORDS[language] | _PLURALS
    for language in _SAME
}
_UNLIKE = vocabulary("montage augusta augustin augustus sundry sundae marcher")
"""Real words and names that lie one letter from a day or month."""


@lru_cache(maxsize=8192)
def repaired(word: str, language: str) -> tuple[str, float]:
    """The word that `word` (folded) was meant to be, and how sure that is; most words come back unchanged."""
    same = _SAME[language].get(word)
    if same:
        return same, 1.0
    if word.endswith("'s") and word[:-2] in NUMBER_WORDS[language]:
        return word[:-2], 1.0  # "eleven's fine"
    if word.endswith("ths") and word[:-1] in NUMBER_WORDS[language]:
        return word[:-1], 0.7
    if word in _KNOWN[language] or word in _UNLIKE or len(word) < 5:
        return word, 1.0
    stem = word.removesuffix("'s").removesuffix("s")
    if stem in _DAYS[language]:
        return stem, 1.0 if word.endswith("'s") else 0.7
    return _nearest(word, language)


def _nearest(word: str, language: str) -> tuple[str, float]:
    found = process.extract(word, _TARGETS[language], scorer=OSA.distance, score_cutoff=2, limit=2)
    allowed = 2 if len(word) >= 9 else 1
    near = [(target, distance) for target, distance, _ in found if distance <= allowed and target[0] == word[0]]
    if not near or (len(near) > 1 and near[0][1] == near[1][1]):
        return word, 1.0
    return near[0][0], 0.7


def join_halves(tokens: list[Token], language: str) -> list[Token]:
    """Words that the recogniser cut in two ("choose day", "über morgen"), put together again."""
    halves = _HALVES[language]
    joined: list[Token] = []
    for token in tokens:
        whole = token
        while joined and (text := _joined(joined[-1].form, whole.form, halves)):
            whole = Token(text, joined.pop().start, token.end, 0.7)
        joined.append(whole)
    return joined


def _joined(first: str, second: str, halves: dict[str, str]) -> str:
    """What `first`, which may itself have been joined ("half past"), and `second` make together, if anything."""
    before, _, last = first.rpartition(" ")
    if f"{first} {second}" in halves:
        return halves[f"{first} {second}"]
    whole = halves.get(f"{last} {second}")
    return f"{before} {whole}".strip() if whole else ""


_HOUR_WORDS = {"en": {"to": "2", "too": "2", "for": "4", "fore": "4"}, "de": {}}
_MINUTE_WORDS = vocabulary("ten fifteen twenty thirty forty 10 15 20 30 40 45")
_HALF_OF_A_DAY = ("in the afternoon", "this afternoon", "in the morning", "p.m.", "a.m.")


def hours_misheard(tokens: list[Token], language: str) -> list[Token]:
    """Hours that were written as small words, before minutes and the half of the day ("to thirty in the afternoon")."""
    hours = _HOUR_WORDS[language]
    if not any(token.form in hours for token in tokens):
        return tokens
    forms = [token.form for token in tokens]
    heard = list(tokens)
    for at, token in enumerate(tokens):
        told = at and forms[at - 1][-1:].isdigit()  # "from ten to thirty"
        rest = " ".join(forms[at + 2 : at + 5])
        minutes = at + 1 < len(forms) and forms[at + 1] in _MINUTE_WORDS and rest.startswith(_HALF_OF_A_DAY)
        if token.form in hours and minutes and not told and not _numeral(forms[at - 1] if at else "", language):
            heard[at] = Token(hours[token.form], token.start, token.end, 0.7)
    return heard


def _numeral(form: str, language: str) -> bool:
    return form in NUMBER_WORDS[language] or form in ("quarter", "minutes", "half", "past")
