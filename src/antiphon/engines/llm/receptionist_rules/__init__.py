"""A scripted receptionist: rules instead of a language model, deterministic, English and German.

`tokens` and `cues` find words, `intents` and `hearing` tell what a caller's turn says, `calendar` knows when the
practice is open, `memory` is what is kept between turns, `exchange` holds one turn in the making, `agenda` knows what
each task still needs, `policy` decides the reply, and `wording` has every sentence that is said.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from antiphon.engines.llm.receptionist_rules import other_readings, policy, recovery
from antiphon.engines.llm.receptionist_rules.calendar import Calendar
from antiphon.engines.llm.receptionist_rules.exchange import Exchange, Patience
from antiphon.engines.llm.receptionist_rules.heard import Ears, Heard
from antiphon.engines.llm.receptionist_rules.hearing import hear
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.memory import Item, Memory, Task
from antiphon.engines.llm.receptionist_rules.wording import SENTENCES
from antiphon.errors import EngineUnavailable
from antiphon.events.dialogue import ReplyPart, ReplyRequest
from antiphon.events.practice import Practice
from antiphon.language.languages import read_language
from antiphon.ports.card import Card, Port
from antiphon.settings import setting

CARD = Card(
    name="receptionist",
    port=Port.LLM,
    summary="Rules, not a model: books, moves and cancels appointments, takes messages, answers questions about the "
    "practice; it knows nothing else.",
    languages=tuple(SENTENCES),
    streaming=True,
)

_SURE_OF_LANGUAGE = 0.7
_DAY_ASKED = (Item.SLOT, Item.DAY, Item.TIME, Item.OLD, Item.OFFER)
_NAME_MAY_FOLLOW = (Item.DOUBT, Item.CHANGE, Item.OFFER, Item.HUMAN)


@dataclass(frozen=True, slots=True)
class Options:
    """How the receptionist works.

    Attributes:
        practice: the place it answers for.
    """

    practice: Practice
    confirm_below: float = setting(0.1, "facts heard with less confidence are confirmed at once", low=0.0, high=1.0)
    repeat_below: float = setting(0.15, "turns without sense at less confidence are asked again", low=0.0, high=1.0)
    failures_before_human: int = setting(2, "turns in a row without sense before a person is offered", low=1, high=10)


class Receptionist:
    """Answers calls for a practice by rules; see `receptionist.policy` for their order."""

    card = CARD

    def __init__(self, options: Options) -> None:
        self._practice = options.practice
        self._languages = tuple(code for code in options.practice.languages if code in SENTENCES) or ("en",)
        self._patience = Patience(options.confirm_below, options.repeat_below, options.failures_before_human)

    async def reply(self, request: ReplyRequest) -> AsyncIterator[ReplyPart]:
        """The reply to `request`: facts, actions, sentences, and how it goes on."""
        for part in self._exchange(request).parts():
            yield part

    def close(self) -> None:
        """Nothing is held."""

    def _exchange(self, request: ReplyRequest) -> Exchange:
        memory = Memory.from_json(request.state)
        text = "" if request.idle else request.text
        spoken = self._language_of(text, request.language)
        heard = self._hear(text, request, memory, spoken)
        others = (self._hear(other, request, memory, spoken) for other in request.alternatives)
        other = other_readings.choose(heard, others, memory.asked, Calendar(self._practice, request.now))
        if other is not None:
            heard = other
            request = replace(request, text=other.text, confidence=request.confidence * other_readings.TRUST)
        ex = Exchange(self._practice, self._patience, request, memory, heard, self._language_for(heard, spoken))
        if request.idle:
            policy.nudge(ex)
        elif not text.strip() and not memory.said:
            policy.greet(ex)
        elif not heard.words:
            recovery.not_heard(ex)
        else:
            policy.answer(ex)
        return ex

    def _hear(self, text: str, request: ReplyRequest, memory: Memory, language: str) -> Heard:
        knows_name = "caller_name" in request.facts
        doubted = memory.asked is Item.DOUBT and "caller_name" in memory.doubts
        asked = doubted or memory.asked is Item.NAME
        heard = hear(text, self._ears(request, language, memory, name_asked=asked))
        bare = not heard.names and not knows_name and memory.task is not Task.NONE
        if bare and memory.asked in _NAME_MAY_FOLLOW and not _tells(heard):
            again = hear(text, self._ears(request, language, memory, name_asked=True))
            return again if any(" " in name.value for name in again.names) else heard
        return heard

    def _ears(self, request: ReplyRequest, language: str, memory: Memory, *, name_asked: bool) -> Ears:
        return Ears(
            self._practice,
            request.now,
            language,
            name_asked,
            phone_asked=memory.asked is Item.PHONE,
            day_asked=memory.asked in _DAY_ASKED,
            task_asked=memory.asked is Item.TASK,
        )

    def _language_of(self, text: str, spoken: str) -> str:
        """The language the caller speaks; the one spoken so far where the words do not tell."""
        current = spoken if spoken in self._languages else self._languages[0]
        read = read_language(text, self._languages)
        return read.value if read and read.confidence >= _SURE_OF_LANGUAGE else current

    def _language_for(self, heard: Heard, spoken: str) -> str:
        """The language of the reply: the caller's, unless they ask for another."""
        for asked, code in ((Intent.SPEAK_DE, "de"), (Intent.SPEAK_EN, "en")):
            if heard.means(asked) and code in self._languages:
                return code
        return spoken


def _tells(heard: Heard) -> bool:
    """Whether the turn says anything that is not a name."""
    read = heard.yes or heard.slots or heard.phones or heard.digits or heard.service or heard.answers
    return bool(read or heard.symptoms or heard.refusals or any(heard.means(intent) for intent in heard.scores))


def load(options: Options) -> Receptionist:
    """A receptionist for the practice in `options`.

    Raises:
        EngineUnavailable: the practice speaks no language that there are rules for.
    """
    if not any(code in SENTENCES for code in options.practice.languages):
        raise EngineUnavailable(
            f"no rules for {', '.join(options.practice.languages)}; there are {', '.join(SENTENCES)}"
        )
    return Receptionist(options)
