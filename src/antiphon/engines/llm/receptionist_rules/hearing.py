"""All that one turn of the caller says, read before anything is decided."""

import re

from antiphon.engines.llm.receptionist_rules.heard import Ears, Heard, blank, hide
from antiphon.engines.llm.receptionist_rules.hearing_figures import read_figures
from antiphon.engines.llm.receptionist_rules.hearing_names import SURE_NAME, names_in, unlikely_name
from antiphon.engines.llm.receptionist_rules.intents import Intent, emergencies, insurers, intent_scores, symptoms
from antiphon.engines.llm.receptionist_rules.practice_words import (
    answers_asked,
    dental,
    placed,
    practitioner_named,
    service_meant,
)
from antiphon.engines.llm.receptionist_rules.tokens import tokens
from antiphon.language.answers import read_yes_no
from antiphon.language.phones import read_phones

_DAY_WORDS = re.compile(
    r"(?i)\b(?:day|week) (?:after (?:tomorrow|next)|before yesterday"
    r"|(?:after|before) (?:christmas|new year|boxing|easter|my|our|his|her|the)\b"
    r"|(?:after|before|from) (?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
    r"|\bwoche (?:nach|vor) (?:dem )?(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)\b"
)
"""Names of days in which cues would find "a day later"."""
_CALL_ME = re.compile(r"(?i)\bcall me(?= {3})")
"""What stands before a name that is hidden: no wish to be called."""
_JOINS = re.compile(r"(?i)\b(?:and|or|then|also|plus|und|oder|dann|auch)\b")


def hear(text: str, ears: Ears) -> Heard:
    """Read everything `text` says. What has been read is hidden from later readers: a telephone number has no times."""
    language = ears.language
    phones = read_phones(text, language, ears.practice.phone_region)
    names = names_in(hide(text, phones), ears, in_clauses=bool(phones))
    told = [name for name in names if name.confidence >= SURE_NAME or (ears.name_asked and " " in name.value)]
    said = tokens(_DAY_WORDS.sub(blank, _CALL_ME.sub(blank, hide(text, told))))  # Mr Parker asks for no parking
    heard = Heard(text, language, said, intent_scores(said, language), names=names, phones=phones)
    heard.yes = read_yes_no(text, language)
    heard.emergencies = emergencies(said, language)
    heard.symptoms = [placed(name, hit, said) for name, hit in symptoms(said, language).items()]
    heard.insurance = next((placed(name, hit, said) for name, hit in insurers(said, language).items()), None)
    heard.practitioner = practitioner_named(tokens(text), ears.practice)
    heard.service = service_meant(dental(said, heard.symptoms), language, ears.practice)
    heard.answers = answers_asked(heard, ears.practice)
    read_figures(heard, ears)
    _keep_first_visit(heard, ears)
    if ears.name_asked and not heard.made_sense:
        heard.names = unlikely_name(heard)
    return heard


def _keep_first_visit(heard: Heard, ears: Ears) -> None:
    """Of two visits with a service and a time each, leave the first: one is arranged at a time."""
    whole = [slot for slot in heard.slots if slot.value.date and slot.value.time is not None]
    if len(whole) < 2 or whole[0].value.date == whole[1].value.date or heard.means(Intent.MOVE, Intent.CHANGED):
        return
    joint = _JOINS.search(heard.text, whole[0].end)
    if joint is None:
        return
    said = dental(heard.said, heard.symptoms)
    parts = ([token for token in said if (token.start < joint.start()) is first] for first in (True, False))
    mine, other = (service_meant(part, heard.language, ears.practice) for part in parts)
    if other and (other.start < whole[1].start or (mine and mine.value != other.value)):
        heard.service, heard.slots, heard.earlier_slots = mine, whole[:1], []
        heard.scores[Intent.BOOK] = max(1.0, heard.score(Intent.BOOK))  # the service left out told as much
