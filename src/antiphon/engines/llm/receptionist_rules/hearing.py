"""All that one turn of the caller says, read before anything is decided."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from antiphon.engines.llm.receptionist_rules.cues import Cue, Hit, compile_phrase, find
from antiphon.engines.llm.receptionist_rules.intents import (
    NOT_DENTAL,
    THRESHOLD,
    Intent,
    emergencies,
    insurers,
    intent_scores,
    symptoms,
)
from antiphon.engines.llm.receptionist_rules.tokens import Token, fold, tokens
from antiphon.events.practice import Answer, Practice
from antiphon.language.answers import read_yes_no
from antiphon.language.birth_dates import read_birth_dates
from antiphon.language.dates import Day, NoDay, read_impossible_days
from antiphon.language.names import capitalised, read_names, read_spelling
from antiphon.language.numbers import read_digits, read_numbers
from antiphon.language.phones import read_phones
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot, read_refusals, read_refused_slots, read_slots

_MOST_DIGITS_OF_A_TIME = 4
_CLOCK = re.compile(r"(?i)\b(?:at|um|o'?clock|uhr|past|half|halb|quarter|viertel)\b")
_BIRTH = re.compile(r"(?i)\b(?:born|birth\w*|dob|d\.o\.b|geboren|geburt\w*|jahrgang)\b")
_DAY_WORDS = re.compile(
    r"(?i)\b(?:day|week) (?:after (?:tomorrow|next)|before yesterday"
    r"|(?:after|before|from) (?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
    r"|\bwoche (?:nach|vor) (?:dem )?(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)\b"
)
"""Names of days in which cues would find "a day later"."""
_WORDS = re.compile(r"[^\W_]+")
_CLAUSE = re.compile(r"[^.!?,;]+")
_CALL_ME = re.compile(r"(?i)\bcall me(?= {3})")
"""What stands before a name that is hidden: no wish to be called."""
_CLOSING_NAME = re.compile(r"[,.] (?P<name>[A-ZÄÖÜ][\w'-]+(?: [A-ZÄÖÜ][\w'-]+){1,2})[.!]?\s*$")
_SPELLS = re.compile(r"(?i)\b(?:spell\w*|spelt|buchstabier\w*|geschrieben|schreib\w*)\W+(?:\w+\W+)?$")
_SPELLED_WORD = re.compile(r"(?P<word>[^\W\d_]{2,})[\s,.:]+$")
_TOLD_OF = re.compile(
    r"(?i)\b(?:since|seit|was|were|war|missed|verpasst|from|of|von|vom|appointment|termin|booked|called|rang|cancelled"
    r"|angerufen|here|da|hier|until|bis|already|schon)\W+(?:on\W+|am\W+|the\W+)?$"
)
_ONE_WORD = re.compile(r"\W*\w+\W*")
_JOINS = re.compile(r"(?i)\b(?:and|or|then|also|plus|und|oder|dann|auch)\b")
_FOR = re.compile(
    r"\b(?:for|für)(?: (?:my|our|meinen?|unseren?|unsere) (?:son|daughter|wife|husband|mother|father|mum|dad|child|boy"
    r"|girl|partner|Sohn|Tochter|Frau|Mann|Mutter|Vater|Kind|Partnerin))?,?"
    r" (?P<name>(?!Dr)[A-ZÄÖÜ][\w'-]+(?: [A-ZÄÖÜ][\w'-]+){1,2})\b"
)
_NAMED = 0.89
_SURE_NAME = 0.69
_UNLIKELY_NAME = 0.5
_AFTER_NAMES = frozenset(("speaking", "here", "calling", "hier", "apparat"))
_OUT_OF_TEN = re.compile(r"(?i)\s*(?:out of|of|von|/)\s*(?:ten|10|zehn)\b")
_PAIN_BEFORE = re.compile(r"(?i)(?:\bpain|schmerz|\blevel|\bscale|skala|stärke)\W*(?:\w+\W+){0,4}$")
_BACK_TRACK = frozenset(
    ["actually", "no", "sorry", "wait", "rather", "instead", "meant", "nein", "doch", "sondern", "eigentlich"]
)


@dataclass(slots=True)
class Heard:
    """What was read from a turn.

    Attributes:
        text: the caller's words.
        said: its tokens, without the words of names.
        scores: intents with cues in it.
        yes: agrees, refuses, or neither.
        slots: wishes for appointments, in their order.
        earlier_slots: what was named before the last wish, such as the appointment that is to be moved.
        refusals: days that are ruled out.
        refused_slots: days that are ruled out wholly or at a time, with the times that were said with them.
        impossible: days that are wished for but have passed or do not exist.
        names: names, surest first.
        phones: telephone numbers.
        digits: digits that are no complete telephone number.
        birth_date: a date of birth.
        service: the name of the service it is about, with its place.
        answers: questions of the practice's list that are asked.
        symptoms: with their places.
        emergencies: kinds, gravest first.
        pain_level: 0 to 10.
        insurance: the insurer's name.
        practitioner: one of the staff.
    """

    text: str
    language: str
    said: Sequence[Token]
    scores: dict[Intent, float]
    yes: Reading[bool] | None = None
    slots: list[Reading[Slot]] = field(default_factory=list)
    earlier_slots: list[Reading[Slot]] = field(default_factory=list)
    refusals: list[Reading[Day]] = field(default_factory=list)
    refused_slots: list[Reading[Slot]] = field(default_factory=list)
    impossible: list[Reading[NoDay]] = field(default_factory=list)
    names: list[Reading[str]] = field(default_factory=list)
    phones: list[Reading[str]] = field(default_factory=list)
    digits: list[Reading[str]] = field(default_factory=list)
    birth_date: Reading[date] | None = None
    service: Reading[str] | None = None
    answers: list[Answer] = field(default_factory=list)
    symptoms: list[Reading[str]] = field(default_factory=list)
    emergencies: list[str] = field(default_factory=list)
    pain_level: Reading[int] | None = None
    insurance: Reading[str] | None = None
    practitioner: Reading[str] | None = None

    def means(self, *intents: Intent) -> bool:
        """Whether any of `intents` is meant."""
        return any(self.scores.get(intent, 0.0) >= THRESHOLD - 1e-6 for intent in intents)

    def score(self, intent: Intent) -> float:
        """How strongly `intent` is meant."""
        return self.scores.get(intent, 0.0)

    @property
    def made_sense(self) -> bool:
        """Anything at all could be read from it."""
        facts = (self.yes, self.slots, self.names, self.phones, self.digits, self.birth_date, self.service)
        more = (self.answers, self.symptoms, self.pain_level, self.insurance, self.practitioner, self.refusals)
        return any(facts) or any(more) or self.means(*self.scores)

    @property
    def agrees(self) -> bool:
        """The caller said yes."""
        return self.yes is not None and self.yes.value

    @property
    def refuses(self) -> bool:
        """The caller said no."""
        return self.yes is not None and not self.yes.value

    @property
    def words(self) -> int:
        """How many words were said."""
        return len(_WORDS.findall(self.text))


@dataclass(frozen=True, slots=True)
class Ears:
    """What makes one turn readable: who is called, when, in which language, and what was just asked."""

    practice: Practice
    now: datetime
    language: str
    name_asked: bool = False
    phone_asked: bool = False
    day_asked: bool = False


def hear(text: str, ears: Ears) -> Heard:
    """Read everything `text` says. What has been read is hidden from later readers: a telephone number has no times."""
    language = ears.language
    phones = read_phones(text, language, ears.practice.phone_region)
    names = _names(_hide(text, phones), ears, in_clauses=bool(phones))
    told = [name for name in names if name.confidence >= _SURE_NAME or (ears.name_asked and " " in name.value)]
    said = tokens(_DAY_WORDS.sub(_blank, _CALL_ME.sub(_blank, _hide(text, told))))  # Mr Parker asks for no parking
    heard = Heard(text, language, said, intent_scores(said, language), names=names, phones=phones)
    heard.yes = read_yes_no(text, language)
    heard.emergencies = emergencies(said, language)
    heard.symptoms = [_placed(name, hit, said) for name, hit in symptoms(said, language).items()]
    heard.insurance = next((_placed(name, hit, said) for name, hit in insurers(said, language).items()), None)
    heard.practitioner = _practitioner(tokens(text), ears.practice)
    heard.service = _service(_dental(said, heard.symptoms), language, ears.practice)
    heard.answers = _answers(heard, ears.practice)
    _read_figures(heard, ears)
    _keep_first_visit(heard, ears)
    if ears.name_asked and not heard.made_sense:
        heard.names = _unlikely_name(heard)
    return heard


def _keep_first_visit(heard: Heard, ears: Ears) -> None:
    """Of two visits with a service and a time each, leave the first: one is arranged at a time."""
    whole = [slot for slot in heard.slots if slot.value.date and slot.value.time is not None]
    if len(whole) < 2 or whole[0].value.date == whole[1].value.date or heard.means(Intent.MOVE, Intent.CHANGED):
        return
    joint = _JOINS.search(heard.text, whole[0].end)
    if joint is None:
        return
    said = _dental(heard.said, heard.symptoms)
    parts = ([token for token in said if (token.start < joint.start()) is first] for first in (True, False))
    mine, other = (_service(part, heard.language, ears.practice) for part in parts)
    if other and (other.start < whole[1].start or (mine and mine.value != other.value)):
        heard.service, heard.slots, heard.earlier_slots = mine, whole[:1], []
        heard.scores[Intent.BOOK] = max(1.0, heard.score(Intent.BOOK))  # the service left out told as much


def _unlikely_name(heard: Heard) -> list[Reading[str]]:
    """Two or three words that mean nothing, said when asked for the name ("brian may"); to be confirmed."""
    said = [token for token in heard.said if token.word not in _AFTER_NAMES]
    if not 2 <= len(said) <= 3 or said[0].known or not all(token.word.isalpha() for token in said):
        return []
    if len({token.start for token in said}) < len(said):
        return []  # "let's" is two words and no name
    start, end = said[0].start, said[-1].end
    return [Reading(capitalised(heard.text[start:end]), start, end, _UNLIKELY_NAME)]


def _names(text: str, ears: Ears, *, in_clauses: bool) -> list[Reading[str]]:
    """Names in the text; a bare answer may also stand in a clause of its own beside something else."""
    names = read_names(text, ears.language, ears.name_asked)
    spelled_only = ears.name_asked and len(names) == 1 and " " not in names[0].value and "," in text
    if (not names or spelled_only) and (ears.name_asked or in_clauses):
        for part in _CLAUSE.finditer(text):
            for name in read_names(part[0], ears.language, asked=True):
                start, end = part.start() + name.start, part.start() + name.end
                if " " in name.value or (ears.name_asked and not read_yes_no(text, ears.language)):
                    names.append(Reading(name.value, start, end, name.confidence))
        names = _spelled_out(text, names, ears)
    names += [] if names else [Reading(m["name"], m.start("name"), m.end(), _SURE_NAME) for m in _FOR.finditer(text)]
    known = {token.start for token in tokens(text) if token.known}
    names = names or _closing_name(text, ears, known) or _respelled(text, ears)
    # "Forget it" is no Mr Forget; a first and last name that are both words of ours are too rare to mind.
    sure = [name for name in names if " " in name.value or name.start not in known or name.confidence > _NAMED]
    callers = [name for name in sure if not _is_staff(name.value, ears.practice)]
    return sorted(callers, key=lambda name: (-round(name.confidence, 1), -len(name.value.split())))


def _closing_name(text: str, ears: Ears, known: set[int]) -> list[Reading[str]]:
    """First and last name at the end of a sentence that says something else ("… on Thursday at ten, Ann Lee")."""
    closing = _CLOSING_NAME.search(text)
    if closing is None or any(token.start in known for token in tokens(text) if token.start >= closing.start()):
        return []
    start = closing.start("name")
    whole = [name for name in read_names(closing["name"], ears.language, asked=True) if name.value == closing["name"]]
    meant = _service(tokens(closing["name"]), ears.language, ears.practice)
    return [] if meant else [Reading(name.value, start, closing.end("name"), _SURE_NAME) for name in whole]


def _respelled(text: str, ears: Ears) -> list[Reading[str]]:
    """A name said and then spelled, unasked, to correct it ("no, Lee, L E E")."""
    for letters in read_spelling(text, ears.language):
        word = _SPELLED_WORD.search(text[: letters.start])
        if word and fold(word["word"])[:2] == fold(letters.value)[:2]:
            return [Reading(letters.value, word.start("word"), letters.end, letters.confidence)]
        if _SPELLS.search(text[: letters.start]):
            return [letters]
    return []


def _spelled_out(text: str, names: list[Reading[str]], ears: Ears) -> list[Reading[str]]:
    """The fullest name first, its last part as it was spelled ("Emily Clark, that's C L A R K")."""
    names = sorted(names, key=lambda name: -len(name.value.split()))
    spelled = read_spelling(text, ears.language)
    if not spelled or not names:
        return names or spelled
    letters = spelled[-1]
    *given, last = names[0].value.split()
    if fold(last)[:1] == fold(letters.value)[:1]:
        names[0] = Reading(" ".join([*given, letters.value]), names[0].start, letters.end, letters.confidence)
    return names


def _read_figures(heard: Heard, ears: Ears) -> None:
    """Dates of birth, telephone numbers, pain levels, and from what is left of the text days and times."""
    text, language = heard.text, ears.language
    rest = _hide(text, heard.phones)
    heard.birth_date = _birth_date(rest, ears)
    if heard.birth_date:
        rest = _BIRTH.sub(_blank, _hide(rest, [heard.birth_date]))
    heard.pain_level = _pain_level(rest, language)
    if heard.pain_level:
        level = heard.pain_level
        rest = _hide(rest, [Reading(0, level.start, level.end)])
    heard.digits = [] if heard.phones else read_digits(rest, language)
    if not heard.digits and heard.means(Intent.LAST_DIGITS):
        numbers = (number for number in read_numbers(rest, language) if 0 <= number.value <= 99)
        heard.digits = [Reading(str(n.value), n.start, n.end, n.confidence) for n in numbers]
    spoken = sum(len(digits.value) for digits in heard.digits)
    if ears.phone_asked and (spoken > _MOST_DIGITS_OF_A_TIME or (spoken >= 3 and not _CLOCK.search(rest))):
        return
    if ears.phone_asked and _ONE_WORD.fullmatch(rest):
        numbers = (number for number in read_numbers(rest, language) if number.value < 10)
        digit = [Reading(str(one.value), one.start, one.end, one.confidence) for one in numbers]
        if digit:
            heard.digits = digit
            return
    heard.slots = read_slots(rest, language, ears.now, ears.practice.hours)
    if heard.slots:
        heard.earlier_slots = read_slots(rest[: heard.slots[-1].start], language, ears.now, ears.practice.hours)
    if heard.slots and spoken <= _MOST_DIGITS_OF_A_TIME and not heard.means(Intent.LAST_DIGITS):
        heard.digits = []
    impossible = read_impossible_days(rest, language, ears.now.date())
    heard.impossible = [day for day in impossible if _wishes(heard, rest, day)]
    heard.refusals = read_refusals(rest, language, ears.now)
    heard.refused_slots = read_refused_slots(rest, language, ears.now, ears.practice.hours)


def _wishes(heard: Heard, text: str, day: Reading[NoDay]) -> bool:
    """Whether an impossible day is wished for: what has hurt since yesterday is only told."""
    if day.value is NoDay.PAST and (heard.symptoms or heard.birth_date):
        return False
    return not _TOLD_OF.search(text[: day.start])


def _birth_date(text: str, ears: Ears) -> Reading[date] | None:
    """The date that is named as one of birth; unnamed, "the ninth, eight forty-five" is an appointment."""
    named = _BIRTH.search(text)
    if named is None and ears.day_asked:
        return None
    births = read_birth_dates(text, ears.language, ears.now.date(), full_year=named is None)
    if named is None:  # "November 3rd 2026" may be a slip in the year, or a visit
        births = [birth for birth in births if birth.value.year < ears.now.year - 1]
        return next(iter(births), None)
    return min(births, key=lambda birth: _apart(text, named, birth), default=None)


def _apart(text: str, word: re.Match[str], birth: Reading[date]) -> tuple[bool, int]:
    """How far a date stands from the word that names it; one in another clause is farther than any in its own."""
    between = text[word.end() : birth.start] if birth.start >= word.end() else text[birth.end : word.start()]
    return bool(re.search("[,.;]", between)), len(between)


def _hide(text: str, readings: Sequence[Reading[str] | Reading[date] | Reading[int]]) -> str:
    for reading in readings:
        text = text[: reading.start] + " " * (reading.end - reading.start) + text[reading.end :]
    return text


def _dental(said: Sequence[Token], told: Sequence[Reading[str]]) -> Sequence[Token]:
    """The words without those of complaints that no dentist treats: "chest pain" is no visit for pain."""
    elsewhere = [symptom for symptom in told if symptom.value in NOT_DENTAL]
    return [token for token in said if not any(one.start <= token.start < one.end for one in elsewhere)]


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _placed(name: str, hit: Hit, said: Sequence[Token]) -> Reading[str]:
    return Reading(name, said[hit.first].start, said[hit.last - 1].end)


def _pain_level(text: str, language: str) -> Reading[int] | None:
    for number in read_numbers(text, language):
        out_of = _OUT_OF_TEN.match(text, number.end)
        if 0 <= number.value <= 10 and (out_of or _PAIN_BEFORE.search(text[: number.start])):
            return Reading(number.value, number.start, out_of.end() if out_of else number.end, number.confidence)
    return None


# Words of the practice's own file. ------------------------------------------------------------------------------------


@cache
def _phrases(words: tuple[str, ...]) -> tuple[Cue, ...]:
    return tuple(compile_phrase(phrase) for phrase in words)


def _all_words(words: dict[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    return tuple(words.get(language) or next(iter(words.values()), ()))


def _service(said: Sequence[Token], language: str, practice: Practice) -> Reading[str] | None:
    """The service that is meant: the longest phrase wins; after "no, …" or "actually" the last one."""
    found: list[tuple[Hit, str]] = []
    for service in practice.services:
        hits = list(find(_phrases(_all_words(service.words, language)), said))
        found += [(hit, service.name) for hit in hits]
    if not found:
        return None
    found.sort(key=lambda pair: (-len(pair[0].cue.elements), pair[0].first))
    hit, name = found[0]
    for other, other_name in found[1:]:
        between = {token.word for token in said[hit.last : other.first]}
        if other_name != name and other.first >= hit.last and between & _BACK_TRACK:
            hit, name = other, other_name
    return _placed(name, hit, said)


def _answers(heard: Heard, practice: Practice) -> list[Answer]:
    """Questions asked, best first. A single word counts only within a question: "my insurance" asks for nothing."""
    asks = heard.means(Intent.QUESTION) or "?" in heard.text or heard.words <= 3
    scored: list[tuple[float, Answer]] = []
    for answer in practice.answers:
        hits = list(find(_phrases(_all_words(answer.cues, heard.language)), heard.said))
        longest = max((len(hit.cue.elements) for hit in hits), default=0)
        if longest >= 2 or (longest and asks):
            scored.append((longest + 0.1 * len(hits), answer))
    scored.sort(key=lambda pair: -pair[0])
    return [answer for _, answer in scored]


def _practitioner(said: Sequence[Token], practice: Practice) -> Reading[str] | None:
    """One of the staff, named with title or function ("with Dr. Weber", "bei Frau Huber")."""
    lead = {"dr", "doctor", "doktor", "with", "bei", "zu", "frau", "herrn", "herr", "mrs", "mr", "ms", "see"}
    for member in practice.staff:
        surname = fold(member.split()[-1])
        for index, token in enumerate(said):
            before = {said[i].word for i in range(max(0, index - 2), index)}
            if token.word == surname and before & lead:
                return Reading(member, token.start, token.end)
    return None


def _is_staff(name: str, practice: Practice) -> bool:
    return any(fold(name) == fold(re.sub(r"^(Dr|Prof)\.?\s+", "", member)) for member in practice.staff)
