"""Names in a turn: said, spelled, closing a sentence, or all that it holds."""

import re

from antiphon.engines.llm.receptionist_rules.heard import Ears, Heard
from antiphon.engines.llm.receptionist_rules.practice_words import is_staff, service_meant
from antiphon.engines.llm.receptionist_rules.tokens import fold, tokens
from antiphon.language.answers import read_yes_no
from antiphon.language.given_names import GIVEN_NAMES
from antiphon.language.name_words import OPENERS
from antiphon.language.names import capitalised, read_names, read_spelling
from antiphon.language.reading import Reading
from antiphon.language.spelling import misheard

_CLAUSE = re.compile(r"(?:(?! and (?:I|my|it|I['’]\w+)\b)[^.!?,;:])+")
_CLOSING_NAME = re.compile(r"[,.] (?P<name>[A-ZÄÖÜ][\w'-]+(?: [A-ZÄÖÜ][\w'-]+){1,2})[.!]?\s*$")
_STANDING_NAME = re.compile(
    r"[.?!] (?P<name>[A-ZÄÖÜ][^\W\d_]+(?:['’-][^\W\d_]+)*(?: [A-ZÄÖÜ][\w'’-]+){1,2})[.,!] (?=\S)"
)
"""First and last name as all that a later sentence begins with ("I need a filling. Ann Lee, and I'm a new patient")."""
_SPELLS = re.compile(r"(?i)\b(?:spell\w*|spelt|buchstabier\w*|geschrieben|schreib\w*)\W+(?:\w+\W+)?$")
_SPELLED_WORD = re.compile(r"(?P<word>[^\W\d_]{2,})[\s,.:]+$")
_FOR = re.compile(
    r"\b(?:[Ff]or|[Ff]ür|(?:(?:[Ff]or|[Ff]ür) )?(?:[Mm]y|our|meinen?|unseren?|unsere)"
    r" (?:son|daughter|wife|husband|mother|father|mum|mom|dad|child|boy|girl|partner|Sohn|Tochter|Frau|Mann|Mutter"
    r"|Vater|Kind|Partnerin)),?"
    r" (?P<name>(?!Dr)[A-ZÄÖÜ][\w'-]+(?: [A-ZÄÖÜ][\w'-]+){1,2})\b"
)
_TO_CALL = re.compile(
    r"\b(?:[Rr]ing|[Cc]all|[Pp]hone|[Cc]ontact|[Rr]each)(?: back)? "
    r"(?P<name>(?!Dr|Doctor)[A-ZÄÖÜ][\w'-]+(?: [A-ZÄÖÜ][\w'-]+){1,2})(?= (?:back )?(?:on|at|under)\b| back\b)"
)
"""Whom to call back, and where ("ring Anna Lee on 079 …")."""
_GREETED = re.compile(
    r"(?i)(?:\W*\b(?:hello|hi|hey|yes|yeah|(?:good )?(?:morning|day|afternoon|evening)|there|um+|uh+"
    r"|er+m?|ah|ja|hallo|grüezi|guten (?:tag|morgen|abend)|grüss gott|äh+m?)\b)*[^\w]*"
)
_OPENING_NAME = re.compile(
    r"(?:(?:Sister|Brother|Reverend|Captain|Doctor|Dr|Mr|Mrs|Ms|Miss|Professor|Frau|Herr)\.? )?"
    r"(?P<name>(?P<one>[A-ZÄÖÜ][^\W\d_]+(?:['’-][^\W\d_]+)*)"
    r"(?: (?:(?:de|da|di|von|van|der|del|la|le) ){0,2}[A-ZÄÖÜ][\w'’-]+){0,2})"
    r"(?: (?:from|of|aus|von) [A-ZÄÖÜ][\w-]+)?[.,!]\s+(?=\S)"
)
"""First and last name, or one of them, as all that a sentence or clause at the start of a call holds."""
_FAMILY_FIRST = re.compile(r"(?P<family>[A-ZÄÖÜ][^\W\d_]+), (?P<given>[A-ZÄÖÜ][^\W\d_]+)[.,!] ")
_WHOLE_NAME = re.compile(
    r"(?<=[a-z,:] )[A-ZÄÖÜ][^\W\d_]+(?:['’-][^\W\d_]+)*"
    r"(?: (?:(?:de|da|di|von|van|der|den|del|la|le) ){0,2}[A-ZÄÖÜ][\w'’-]+){1,2}"
)
_SHORT_CLAUSE = re.compile(r"(?:[\w'’-]+ ){0,4}[\w'’-]+[.,!] ")
_NO_SURNAME = re.compile(
    r"(?i).*(?:ing|ly|ed|tion|ment|ness|ache|able|ful|less|ity|ish|lich|keit|heit|ung)$|.*[’'](?!\w{2})|[oa]h+"
)
"""What the only word of a clause ends in that is no name."""
_TO_STAFF = re.compile(r"(?i)\b(?:dr|doctor|doktor|with|see|by|bei|zu)\W*$")
_ONE_WORD = 0.62
_NAMED = 0.89
SURE_NAME = 0.69
_UNLIKELY_NAME = 0.5
_AFTER_NAMES = frozenset(("speaking", "here", "calling", "hier", "apparat"))


def names_in(text: str, ears: Ears, *, in_clauses: bool) -> list[Reading[str]]:
    """Names in the text; a bare answer may also stand in a clause of its own beside something else."""
    names = read_names(text, ears.language, ears.name_asked)
    spelled_only = ears.name_asked and len(names) == 1 and " " not in names[0].value and "," in text
    if (not names or spelled_only) and (ears.name_asked or in_clauses):
        for part in _CLAUSE.finditer(text):
            for name in read_names(part[0], ears.language, asked=True):
                start, end = part.start() + name.start, part.start() + name.end
                if " " in name.value or (ears.name_asked and not read_yes_no(text, ears.language)):
                    whole = spelled_only and " " in name.value
                    names.append(Reading(name.value, start, end, max(name.confidence, _NAMED if whole else 0.0)))
        names = _spelled_out(text, names, ears)
    told = () if names else (*_FOR.finditer(text), *_TO_CALL.finditer(text))
    names += [Reading(match["name"], match.start("name"), match.end("name"), SURE_NAME) for match in told]
    if ears.name_asked and not names and not ears.task_asked:
        names = _in_capitals(text, ears)
    known = {token.start for token in tokens(text) if token.known}
    names = names or _opening_name(text, ears, known) or _closing_name(text, ears, known) or _respelled(text, ears)
    # "Forget it" is no Mr Forget; a first and last name that are both words of ours are too rare to mind.
    likely = [name for name in names if " " in name.value or name.start not in known or name.confidence > _NAMED]
    callers = [name for name in likely if not _names_staff(text, name, ears)]
    return sorted(callers, key=lambda name: (-round(name.confidence, 1), -len(name.value.split())))


def _in_capitals(text: str, ears: Ears) -> list[Reading[str]]:
    """What is written as a whole name, whatever stands before it, when it was asked for ("they know me as Ann Lee")."""
    found = []
    for match in _WHOLE_NAME.finditer(text):
        whole = read_names(match[0], ears.language, asked=True)
        found += [Reading(name.value, match.start(), match.end(), SURE_NAME) for name in whole if " " in name.value]
    return found


def _names_staff(text: str, name: Reading[str], ears: Ears) -> bool:
    """Whether one of the staff is meant; a caller who was asked for a name may have the same."""
    of_staff = is_staff(name.value, ears.practice)
    return of_staff and (not ears.name_asked or bool(_TO_STAFF.search(text[: name.start])))


def _opening_name(text: str, ears: Ears, known: set[int]) -> list[Reading[str]]:
    """The name with which a caller introduces themselves before the matter ("Hello, Ann Lee, I need a check-up")."""
    greeting = _GREETED.match(text)
    begins = greeting.end() if greeting else 0
    family = _FAMILY_FIRST.match(text, begins)
    if family and ears.task_asked and fold(family["given"]) in GIVEN_NAMES:
        whole = read_names(family[0], ears.language, asked=True)
        return [Reading(name.value, family.start(), family.end() - 2, SURE_NAME) for name in whole[:1]]
    first = _SHORT_CLAUSE.match(text, begins)
    opening = _OPENING_NAME.match(text, begins) or (first and _OPENING_NAME.match(text, first.end()))
    if not opening or not ears.task_asked or (opening.start() > begins and " " not in opening["name"]):
        return []
    start, end = opening.span("name")
    said = [token for token in tokens(text) if start <= token.start < end]
    whole = read_names(opening["name"], ears.language, asked=True)
    if service_meant(said, ears.language, ears.practice) or [name.value for name in whole] != [opening["name"]]:
        return []
    if " " in opening["name"]:
        return [] if any(token.known for token in said) else [Reading(whole[0].value, start, end, SURE_NAME)]
    one = opening["one"]
    told = any(token.known for token in said) or fold(one) in OPENERS or _NO_SURNAME.fullmatch(one)
    return [] if told else [Reading(whole[0].value, start, end, _ONE_WORD)]


def _closing_name(text: str, ears: Ears, known: set[int]) -> list[Reading[str]]:
    """First and last name after a sentence that says something else ("… on Thursday at ten, Ann Lee")."""
    closing = _CLOSING_NAME.search(text) or _STANDING_NAME.search(text)
    if closing is None:
        return []
    start, end = closing.span("name")
    if any(token.start in known for token in tokens(text) if start <= token.start < end):
        return []
    whole = [name for name in read_names(closing["name"], ears.language, asked=True) if name.value == closing["name"]]
    meant = service_meant(tokens(closing["name"]), ears.language, ears.practice)
    return [] if meant else [Reading(name.value, start, end, SURE_NAME) for name in whole]


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
    if fold(last)[:1] == fold(letters.value)[:1] and not misheard(letters.value, last):
        after = read_names(text[letters.end :], ears.language, asked=True) if not given else []
        given = [one.value for one in after if " " not in one.value][:1] or given  # "Kowalski, K O W …, Piotr"
        names[0] = Reading(" ".join([*given, letters.value]), names[0].start, letters.end, letters.confidence)
    return names


def unlikely_name(heard: Heard) -> list[Reading[str]]:
    """Two or three words that mean nothing, said when asked for the name ("brian may"); to be confirmed."""
    said = [token for token in heard.said if token.word not in _AFTER_NAMES]
    if not 2 <= len(said) <= 3 or said[0].known or not all(token.word.isalpha() for token in said):
        return []
    if len({token.start for token in said}) < len(said):
        return []  # "let's" is two words and no name
    start, end = said[0].start, said[-1].end
    return [Reading(capitalised(heard.text[start:end]), start, end, _UNLIKELY_NAME)]
