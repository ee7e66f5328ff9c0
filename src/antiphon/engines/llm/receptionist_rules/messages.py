"""What a caller wants to be told to the person who calls back."""

import re

from antiphon.engines.llm.receptionist_rules import agenda
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.memory import Item, Task

_WORDS_OF_A_MESSAGE = 5
_MESSAGE_AFTER = re.compile(
    r"(?i)\b(?:message|tell|let|nachricht|ausrichten|sagen sie)\b.{0,40}?(?:\bthat\b|\bdass\b|:|\bis\b)\W+"
    r"(?P<message>\S.{8,})"
)
_ABOUT = re.compile(
    r"(?i)\b(?:about|regarding|concerning|because|as i|wegen|weil|bezüglich|es geht um)\b\W*(?P<message>\S.{3,})"
)
_PRESSING = re.compile(
    r"(?i)\b(?:running|am|be|komme|bin)\b.{0,20}\b(?:late|später|zu spät)\b|prescription|rezept|results|befund"
)


_POLITE = frozenset(("please", "thanks", "thank", "you", "bitte", "danke", "ja", "yes", "no", "nein"))


def keep_message(ex: Exchange) -> None:
    """A message that came along with the wish to leave one, or that was just asked for."""
    memory, heard = ex.memory, ex.heard
    if memory.task is not Task.CALLBACK or memory.message:
        return
    match = _MESSAGE_AFTER.search(heard.text) or _ABOUT.search(heard.text)
    if match and not _PRESSING.search(heard.text):
        agenda.keep_message(ex, match["message"])
    elif (
        (memory.asked is Item.MESSAGE and not heard.means(Intent.BYE, Intent.WAIT) and _says_more_than_yes(ex))
        or _PRESSING.search(heard.text)
        or heard.service
        or _tells_something(ex)
    ):
        agenda.keep_message(ex, heard.text)


def _says_more_than_yes(ex: Exchange) -> bool:
    """Whether there is more in the answer than a yes, a no or a single word."""
    yes, heard = ex.heard.yes, ex.heard
    rest = heard.text if yes is None else heard.text[: yes.start] + heard.text[yes.end :]
    return heard.words > 1 and len(set(re.findall(r"\w+", rest.lower())) - _POLITE) > 1


def _tells_something(ex: Exchange) -> bool:
    """A sentence without any fact while we take a message is the message."""
    begun, heard = "task" in ex.news, ex.heard
    facts = ex.news & {"caller_name", "phone_e164", "digits"}
    other = heard.means(Intent.WAIT, Intent.THANKS, Intent.BYE, Intent.ABORT, Intent.UNSURE) or heard.yes
    return not begun and not facts and not other and heard.words >= _WORDS_OF_A_MESSAGE
