"""How strong the pain is, from 0 to 10: "seven out of ten", "I'd put it at five", "a ten, honestly"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from antiphon.language.numbers import read_numbers
from antiphon.language.reading import Reading

_OUT_OF_TEN = re.compile(
    r"(?i)[\s-]*(?:(?:out[\s-]of|of|von|/)[\s-]*(?:ten|10|zehn)\b"
    r"|(?:on|in|auf) (?:the |that |your |der )?(?:pain )?(?:scale|schmerzskala|skala)\b)"
)
_FREE = re.compile(r"(?i)\bfree(?= out of (?:ten|10)\b)")
"""Three, as a recogniser writes it."""
SCALE = re.compile(
    r"(?i)\b(?:scale|skala)\W+(?:(?:of|from|von|zero|nought|one|null|eins|[01]|to|up|bis)\W+)*(?:ten|10|zehn)\b"
    r"|\b(?:out of|von) (?:ten|10|zehn)(?=,)|(?:^|[.,;!?])\s*(?:out of|von) (?:ten|10|zehn)\b"
    r"|\b(?:ten|10|zehn)(?:[ -]point)?[ -](?:scale|skala)\b"
    r"|\bput an? (?:number|figure|value) (?:on|to) (?:it|this|that|the \w+)"
    r"|\b(?:zero|one|null|eins|[01]) (?:to|bis) (?:ten|10|zehn)\b"
    r"|\b(?:ten|10|zehn),? (?:is|was|being|means|ist|wäre|heisst|heißt) (?:the|das|der|die|un|as)\w*[^.,;]{0,30}"
)
"""What a level of pain is measured by, not the level itself."""
_PAIN_BEFORE = re.compile(
    r"(?i)(?:(?:\bpain|schmerz\w*|\blevel|stärke)\W*(?:{word}\W+){{0,4}}"
    r"|\bpain(?: level)?(?:[’']s)?(?: {word}){{0,2}} at "
    r"|(?:ache|\bhurt\w*|\bpain|\btooth|zahn)(?:[’']s)?(?: {word}){{0,4}} (?:an?|about|around|eine?|etwa) )$".format(
        word=r"(?!(?:at(?! an? )|on|um|am|since|seit|for|the|by|after|until|before)\b)"
        r"(?!(?:number|tooth|began|started|woke|wakes|kept|\w+day)\b)\w+"
    )
)
_STRENGTH = "(?:good |solid |strong |clear |steady |full |low |high |big )?"
_PUT_AT = re.compile(
    r"(?i)(?:\b(?:put|rate|call|score|give)\b[^.?!,;]{0,25}\b(?:pain|it|that|this)(?: (?:at|as))?"
    r"(?: (?:about|around))?(?: an?)? "
    rf"|\b(?:about|around|maybe|say|guess|reckon|like|easily|it[’']?s|is|almost) (?:an? |eine ){_STRENGTH}"
    rf"|\b(?:i(?:[’']d| would)?|let[’']?s) (?:say|guess|go with|reckon)(?:,? it[’']s)? (?:an? )?"
    r"(?:(?:about|around|maybe|perhaps) )?"
    rf"|\bi(?:[’']m| am) at (?:about |an? )?|\bbetween |(?:^|[\s,])an? {_STRENGTH})$"
)
"""Beside a complaint, what stands before a level that ends its clause ("it's a good seven")."""
_HEDGE = (
    r"(?:[- ]?ish\b|,? (?:maybe|perhaps|probably|easily|honestly|really|or so"
    r"|i(?:[’']d)? (?:say|guess|think|reckon)))"
)
_NOW = r"(?:,? (?:now|by now|today|right now|at the moment|this time))"
_FOR_PAIN = r"(?: (?:with|for|of|in|on) (?:the |my |this )?(?:pain|toothache|ache)\w*)"
_ENDS = re.compile(rf"(?i){_FOR_PAIN}?{_NOW}?{_HEDGE}?\W*(?:[.,;!?]|$)")
_HEDGED = re.compile(rf"(?i){_HEDGE}\W*(?:[.,;!?]|$)")
_ALONE = re.compile(r"(?i)\b(?:ache|aches|aching|hurts?|hurting|pain|sore|toothache|throb\w*|bad)\b[^.!?]*,\s*$")
"""Before a level that, hedged, is all that its clause says ("it hurts, three maybe")."""
_COMES = re.compile(r"(?i)\b(?:come|coming|see|fit|squeeze|appointment|slot|free|pop|suits?|works?)\b[^.!?]*$")
"""Before a time rather than a level ("could I come between eight and nine?")."""
_RANGE = re.compile(r"(?i),?\s*(?:(?:or|to|and|oder|bis|maybe|or maybe)\s+)?(?:even )?(?:an? |eine )?|\s*[-–]\s*")
_WIDEST = 2
"""The most by which the ends of a level like "six or seven" differ."""
_A_ONE = re.compile(r"(?i)(?:\b(?:an?|about|at|level|is|maybe|say|only|just)|[|.,:;]|^)\W*$")
"""What stands before a level of one: "a bad one" is none."""
_PAST = re.compile(r"(?i)\b(?:was|were|started|began|war|gestern)\b(?:(?!\b(?:now|today|jetzt|heute)\b)[^.,;!?])*$")
"""Before a level that is no longer so."""
_NO_LEVEL = re.compile(
    r"(?i)\W*(?:o['’]?clock|uhr|past|to (?!ten)|days?|nights?|weeks?|months?|hours?|years?|teeth|tooth|times|minutes?"
    r"|th\b|st\b|tag\w*|wochen?|monate?n?|stunden?|zähne?n?|jahre?n?|mal)\b"
    r"| (?:tomorrow|tonight|fine|possible|free|available|all right|ok|okay|in the (?:morning|afternoon|evening)"
    r"|(?:on |next |this )?(?:mon|tues|wednes|thurs|fri|satur)day"
    r"|on the (?:left|right|top|bottom|upper|lower)|of (?:my|the|them)|p\.?m|a\.?m)\b"
)


def read_pain_level(text: str, language: str, *, hurts: bool) -> Reading[int] | None:
    """The level named, out of ten, of pain, or on a scale that is spoken of; one of the past only where none is now."""
    on_scale = SCALE.search(text) is not None
    text = _FREE.sub("3   ", text)  # of the same length: readings tell places
    text = SCALE.sub(lambda match: "|" * len(match[0]), text)
    numbers = _larger_of_ranges(text, read_numbers(text, language))
    levels = [level for number in numbers if (level := _level(text, number, on_scale=on_scale, hurts=hurts))]
    if on_scale:  # "awake two nights running; on a scale of one to ten it's a seven"
        levels.sort(key=lambda level: _clauses_from_scale(text, level))
    now = (level for level in levels if not _PAST.search(text[: level.start]))
    return next(now, None) or next(iter(levels), None)


def _clauses_from_scale(text: str, level: Reading[int]) -> int:
    """How many clauses lie between a level and the scale, which is struck out."""
    at = text.find("|")
    return len(re.findall(r"[.,;!?]", text[min(at, level.start) : max(at, level.start)]))


def _larger_of_ranges(text: str, numbers: Sequence[Reading[int]]) -> list[Reading[int]]:
    """The numbers; of "six or seven" only the larger, in the place of both: what hurts more is seen sooner."""
    found: list[Reading[int]] = []
    for number in numbers:
        last = found[-1] if found else None
        if last and 0 < number.value - last.value <= _WIDEST and _RANGE.fullmatch(text[last.end : number.start]):
            found[-1] = replace(number, start=last.start)
        else:
            found.append(number)
    return found


def _level(text: str, number: Reading[int], *, on_scale: bool, hurts: bool) -> Reading[int] | None:
    """`number` as a level of pain, or None where it is none."""
    if not 0 <= number.value <= 10:
        return None
    before = text[: number.start]
    out_of = _OUT_OF_TEN.match(text, number.end)
    if out_of:
        return replace(number, end=out_of.end())
    if _NO_LEVEL.match(text, number.end) or (number.value == 1 and not _A_ONE.search(before)):
        return None
    if on_scale or _PAIN_BEFORE.search(before):
        return number
    if not hurts or _COMES.search(before) or not _ENDS.match(text, number.end):
        return None
    alone = _ALONE.search(before) and (_HEDGED.match(text, number.end) or " " in text[number.start : number.end])
    return number if _PUT_AT.search(before) or alone else None
