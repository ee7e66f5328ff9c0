"""Times of day as callers say them, and which half of the day they mean."""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from antiphon.language import times_de, times_en
from antiphon.language.canonical import canonical
from antiphon.language.clock import Clock, TimeGrammar
from antiphon.language.lexicon import known
from antiphon.language.parts import SPANS, Bound, Part
from antiphon.language.reading import Reading

_GRAMMARS = {"en": times_en.GRAMMAR, "de": times_de.GRAMMAR}
_NEAR_FIGURE = re.compile(r"(?:^|.*[ #])[0-9]\S* (?:[,\-] )?$")
_BEFORE_YEARS = (" in ", " year ", " jahr ", " born ", " since ", " seit ", " geboren ")
_FIGURE_NEXT = re.compile(r" (?:[,\-] )?[0-9]+[0-9.\-/]* ")


@dataclass(frozen=True, slots=True)
class DayTime:
    """A time of day.

    Attributes:
        time: as said; without a known half of the day, the reading from 01:00 to 12:59.
        certain: whether the half of the day is known ("10 a.m.", "fifteen hundred", "14 Uhr").
        bound: exactly then, around then, after it, before it.
        until: the end of a span ("between ten and twelve"), read like `time`, else None.
        part: the part of the day said with it ("ten in the morning").
    """

    time: datetime.time
    certain: bool = False
    bound: Bound = Bound.AT
    until: datetime.time | None = None
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    said: DayTime
    sure: float


def read_times(text: str, language: str, exclude: Sequence[tuple[int, int]] = ()) -> list[Reading[DayTime]]:
    """Times of day in `text`, in their order.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        exclude: spans that are known to be something else (dates, telephone numbers); nothing is read from them.
    """
    grammar = _GRAMMARS[known(language)]
    form = canonical(text, language)
    hidden = form.hidden(tuple(exclude)) if exclude else form.text
    readings = []
    for found in _chained(list(_kept(hidden, grammar)), hidden, grammar):
        start, end, sure = form.span(found.start, found.end)
        readings.append(Reading(found.said, start, end, min(sure, found.sure)))
    return readings


def _kept(text: str, grammar: TimeGrammar) -> Iterator[_Found]:
    found = sorted(_candidates(text, grammar), key=lambda one: (one.start, -one.end))
    reach = 0
    for one in found:
        if one.start >= reach:
            reach = one.end
            yield one


def _candidates(text: str, grammar: TimeGrammar) -> Iterator[_Found]:
    patterns = grammar.patterns
    for match in patterns.span.finditer(text):
        yield from _span(match, grammar, opened=True)
    for match in patterns.joined.finditer(text):
        yield from _span(match, grammar, opened=False)
    for match in patterns.prefixed.finditer(text):
        yield from _single(match, grammar, _bound(match["prefix"], grammar), open_start=True)
    for match in patterns.replaced.finditer(text):
        yield from _single(match, grammar, Bound.AT, open_start=True, sure=0.7)
    for judged in (patterns.judged, patterns.closing, patterns.last):
        for match in judged.finditer(text):
            yield from _single(match, grammar, Bound.AT, open_start=True, sure=0.65, inner=True)
    for match in patterns.plain.finditer(text):
        yield from _plain(match, grammar)
    whole = patterns.answer.fullmatch(text)
    if whole:
        yield from _single(whole, grammar, Bound.AT, open_start=True, sure=0.5, inner=True)


def _bound(prefix: str, grammar: TimeGrammar) -> Bound:
    return next(bound for words, bound in grammar.prefixes if re.fullmatch(words, prefix))


def _plain(match: re.Match[str], grammar: TimeGrammar) -> Iterator[_Found]:
    """A time without words before it: one that stands alone, or an hour beside a day or with its part of the day."""
    before = match.string[: match.start()]
    if _NEAR_FIGURE.match(before[-12:]) or (before.endswith(_BEFORE_YEARS) and not match["tail"]):
        return
    beside = re.search(r"# (?:[,.] )?$", before) or re.match(r" (?:on )?#", match.string[match.end() :])
    yield from _single(match, grammar, Bound.AT, open_start=bool(beside), sure=0.6 if beside else 1.0)


def _single(
    match: re.Match[str],
    grammar: TimeGrammar,
    bound: Bound,
    *,
    open_start: bool,
    sure: float = 1.0,
    inner: bool = False,
) -> Iterator[_Found]:
    """The time in `match["clock"]`, if it is one; a bare hour only where `open_start` and nothing makes it a number."""
    clock = _clock(match["clock"], grammar)
    rest = match.string[match.end("tail") :]
    if clock is None or grammar.patterns.unit.match(rest):
        return
    part = _part(match["tail"], grammar)
    confirmed = clock.alone or bool(match["tail"])
    if not confirmed and not grammar.patterns.follower.match(rest):
        # "At eleven" with an unknown word behind it is still a time more often than a house number.
        open_start = open_start and (match.groupdict().get("prefix") or "").split(" ")[-1] in ("at", "um")
        sure = min(sure, 0.75)
    if not confirmed and not open_start:
        return
    if not match["tail"] and _FIGURE_NEXT.match(rest) and clock.sure < 1:
        return
    said = _said(clock, part, Bound.AROUND if " ish" in match["tail"] or " so" in match["tail"] else bound)
    if match.groupdict().get("prefix") == "for" and not confirmed:
        sure = 0.6  # "for three" may count people
    start = match.start("clock") if inner else match.start()
    yield _Found(start, match.end("tail"), said, clock.sure if confirmed else min(sure, clock.sure))


def _span(match: re.Match[str], grammar: TimeGrammar, *, opened: bool) -> Iterator[_Found]:
    first, last = _clock(match["clock"], grammar), _clock(match["clock2"], grammar)
    rest = match.string[match.end() :]
    if first is None or last is None or grammar.patterns.unit.match(rest):
        return
    confirmed = first.alone or match["tail"] or (match["join"] != "to" and (last.alone or match["tail2"]))
    if not (opened or confirmed):
        return
    part2 = _part(match["tail2"], grammar)
    part = _part(match["tail"], grammar) or (part2 if first.minutes <= last.minutes else None)
    start, end = _said(first, part, Bound.AT), _said(last, part2, Bound.AT)
    if start.time != end.time:
        sure = min(first.sure, last.sure)
        yield _Found(match.start(), match.end(), replace(start, bound=Bound.AFTER, until=end.time), sure)


def _chained(found: list[_Found], text: str, grammar: TimeGrammar) -> list[_Found]:
    """`found` and the bare hours that stand beside them to choose from ("at ten or eleven")."""
    chained: list[_Found] = []
    limits = [*(one.start for one in found), len(text)][1:]
    for one, following in zip(found, limits, strict=False):
        earlier = grammar.patterns.earlier.search(text, chained[-1].end if chained else 0, one.start)
        if earlier:
            chained += _single(earlier, grammar, one.said.bound, open_start=True, sure=0.6, inner=True)
        chained.append(one)
        while match := grammar.patterns.chained.match(text, chained[-1].end):
            more = next(_single(match, grammar, chained[-1].said.bound, open_start=True, sure=0.8, inner=True), None)
            if more is None or more.end > following or one.said.until:
                break
            chained.append(more)
    return chained


def _clock(words: str, grammar: TimeGrammar) -> Clock | None:
    for atom, pattern in grammar.patterns.atoms:
        match = pattern.fullmatch(words)
        if match is None:
            continue
        if atom.at is not None:
            return Clock(atom.at, certain=True, sure=atom.sure, alone=atom.alone)
        groups = match.groupdict()
        said_hour = groups.get("h") or {"noon": "12", "midnight": "0"}.get(groups.get("word") or "", "")
        hour = 1 if said_hour in ("ein", "eins") else int(said_hour)
        said_minute = groups.get("m") or groups.get("mm") or "0"
        minute = grammar.minutes.get(said_minute) or int(said_minute)
        shift = atom.shift + (-minute if groups.get("rel") in grammar.back else minute)
        written_early = len(said_hour) == 2 and said_hour[0] == "0" and "m" in groups
        certain = hour > 12 or hour == 0 or written_early or bool(groups.get("word"))
        total = (hour * 60 + shift) % 1440
        if not certain and total < 60:
            total += 720
        # Two figures with a late hour are as often half a year ("twenty twelve").
        doubtful = hour > 12 and atom.sure < 1 and re.fullmatch(r"[0-9]+ [0-9]+", words)
        return Clock(total, certain, min(atom.sure, 0.7) if doubtful else atom.sure, atom.alone)
    return None


def _part(tail: str, grammar: TimeGrammar) -> tuple[Part, bool] | None:
    """The part of the day in the words after a time, and whether it is `a.m.` or `p.m.`."""
    for words, part in grammar.parts:
        if part and re.search(rf"(?<= )(?:{words})(?= |$)", tail):
            return part, bool(re.search(r" [ap]\.?m", tail))
    return None


def _said(clock: Clock, named: tuple[Part, bool] | None, bound: Bound) -> DayTime:
    minutes, certain = clock.minutes, clock.certain
    part = named[0] if named else None
    if named and minutes < 13 * 60:
        minutes, certain = _in_part(minutes, *named), True
    at = datetime.time(minutes // 60, minutes % 60)
    return DayTime(at, certain, bound, None, None if named and named[1] else part)


def _in_part(minutes: int, part: Part, meridiem: bool) -> int:
    """Minutes since midnight of a clock time of the first half of the day or of twelve o'clock, in that part."""
    noon = 720
    if meridiem:
        return minutes % noon + (noon if part is Part.AFTERNOON else 0)
    if part is Part.EVENING:
        return minutes if minutes < 300 else (minutes % noon + noon if minutes < noon else minutes % noon)
    if part is Part.AFTERNOON or (part is Part.NOON and minutes < 300):
        return minutes % noon + noon
    return minutes


def resolve(
    said: DayTime, opens: datetime.time | None = None, closes: datetime.time | None = None, part: Part | None = None
) -> datetime.time:
    """The time of day that is meant: the half of the day in which the practice is open.

    Args:
        said: the time as read.
        opens: when the practice opens that day, if known.
        closes: when it closes, if known.
        part: the part of the day the caller named elsewhere.

    Returns:
        `said.time`, or twelve hours later. When both halves fit or none does, the one nearer to a working day.
    """
    if said.certain:
        return said.time
    early = said.time.replace(hour=said.time.hour % 12)
    late = early.replace(hour=early.hour + 12)
    wanted = part or said.part
    spans = [SPANS[wanted]] if wanted else []
    if opens and closes:
        spans.append((opens, closes))
    spans.append((datetime.time(7), datetime.time(18, 59)))
    return min((late, early), key=lambda at: [_distance(at, *span) for span in spans])


def _distance(at: datetime.time, start: datetime.time, end: datetime.time) -> int:
    """Minutes from a time to a span; 0 within."""
    minutes, first, last = (t.hour * 60 + t.minute for t in (at, start, end))
    return max(first - minutes, minutes - last, 0)
