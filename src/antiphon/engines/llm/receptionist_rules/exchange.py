"""One turn in the making: what was heard, what is known, and the reply as it grows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from antiphon.engines.llm.receptionist_rules.calendar import Calendar
from antiphon.engines.llm.receptionist_rules.heard import Heard
from antiphon.engines.llm.receptionist_rules.memory import Item, Memory
from antiphon.engines.llm.receptionist_rules.wording import Wording
from antiphon.events.dialogue import (
    ActionAsked,
    ActionRequest,
    ActionType,
    Fact,
    FactLearnt,
    FactStatus,
    Json,
    ReplyDone,
    ReplyPart,
    ReplyRequest,
    TextDelta,
)
from antiphon.events.practice import Practice, Service
from antiphon.events.speech import Expectation
from antiphon.language.reading import Reading
from antiphon.language.sentences import split_sentences

_DRIVING = (FactStatus.STATED, FactStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Patience:
    """How sure the receptionist must be.

    Attributes:
        confirm_below: a fact less sure than this is confirmed at once.
        repeat_below: a turn less sure than this is asked again.
        failures_before_human: turns in a row without sense before a person is offered.
    """

    confirm_below: float
    repeat_below: float
    failures_before_human: int


class Exchange:
    """A caller's turn and the reply to it.

    Attributes:
        news: names of facts that this turn has told or changed; `slot` and `old` for appointments.
        answered: the caller asked a question, and the reply answers it.
        facts: everything known, this turn included.
        language: the language of the reply; the caller may have asked for another than they spoke.
    """

    def __init__(
        self, practice: Practice, patience: Patience, request: ReplyRequest, memory: Memory, heard: Heard, language: str
    ) -> None:
        self.practice = practice
        self.patience = patience
        self.request = request
        self.memory = memory
        self.heard = heard
        self.calendar = Calendar(practice, request.now)
        self.language = language
        self.wording = Wording(language, self.calendar)
        self.facts = dict(request.facts)
        self.news: set[str] = set()
        self.learnt: list[Fact] = []
        self.actions: list[ActionRequest] = []
        self.expect = Expectation.FREE
        self.phrases: tuple[str, ...] = ()
        self.hang_up = False
        self.transfer = False
        self.understood = True
        self.answered = False
        self._said: list[str] = []

    # Facts ------------------------------------------------------------------------------------------------------------

    def value(self, name: str) -> Json:
        """The value of a fact that may drive actions, or None."""
        fact = self.facts.get(name)
        return fact.value if fact and fact.status in _DRIVING else None

    def text_value(self, name: str) -> str:
        """The value of a fact as text; empty when it is not known."""
        value = self.value(name)
        return value if isinstance(value, str) else ""

    def learn(self, name: str, reading: Reading[Json], status: FactStatus = FactStatus.STATED) -> None:
        """Take a fact from the caller's words; one that is known already with this value is no news."""
        known = self.facts.get(name)
        if known and known.value == reading.value and known.status in (status, FactStatus.CONFIRMED):
            return
        sure = min(1.0, max(0.0, self.request.confidence * reading.confidence))
        span = self.heard.text[reading.start : reading.end]
        self._put(Fact(name, reading.value, round(sure, 4), status, self.request.turn, span))
        if status is FactStatus.STATED:
            self.news.add(name)

    def forget(self, name: str) -> None:
        """Take a fact back."""
        if name in self.facts:
            self.learnt.append(Fact(name, None, 1.0, FactStatus.STATED, self.request.turn))
            del self.facts[name]

    def confirm(self, names: Iterable[str]) -> None:
        """The caller has agreed to these facts."""
        for name in names:
            fact = self.facts.get(name)
            if fact and fact.status is not FactStatus.CONFIRMED:
                sure = max(fact.confidence, round(min(1.0, self.request.confidence), 4))
                self._put(Fact(name, fact.value, sure, FactStatus.CONFIRMED, fact.turn, fact.span))

    def _put(self, fact: Fact) -> None:
        self.facts[fact.name] = fact
        self.learnt.append(fact)

    # The reply --------------------------------------------------------------------------------------------------------

    def say(self, key: str, **fields: str) -> None:
        """Add a sentence of the wording."""
        self._said.append(self.wording.sentence(key, **fields))

    def say_text(self, text: str) -> None:
        """Add a sentence of the practice's own."""
        if text.strip():
            self._said.append(text.strip())

    def unsay(self) -> None:
        """Take back what the reply says so far."""
        self._said.clear()

    def asks_again(self, item: Item) -> bool:
        """Whether asking for `item` means that the caller's answer to it was not understood."""
        return self.memory.asked is item and not self.news and not self.answered

    def ask(self, item: Item, expect: Expectation, phrases: Sequence[str] = ()) -> None:
        """Remember what the reply asks for."""
        self.memory.asked = item
        self.expect = expect
        self.phrases = tuple(phrases)

    def act(self, kind: ActionType, names: Iterable[str], extra: dict[str, Json] | None = None) -> None:
        """Ask for an action that rests on the facts `names`, as far as they are known."""
        used = [self.facts[name] for name in names if self.value(name) is not None]
        values = {fact.name: fact.value for fact in used}
        sure = min((fact.confidence for fact in used), default=self.request.confidence)
        self.actions.append(ActionRequest(kind, {**values, **(extra or {})}, round(sure, 4)))

    def parts(self) -> Iterator[ReplyPart]:
        """The finished reply: facts and actions first, so that they are kept even if the caller interrupts it."""
        yield from (FactLearnt(fact) for fact in self.learnt)
        yield from (ActionAsked(action) for action in self.actions)
        text = " ".join(self._said)
        yield from (TextDelta(sentence) for sentence in split_sentences(text, self.language) if sentence.strip())
        if not self.request.idle:
            self.memory.said = text  # what is repeated, or asked again, is never "are you still there?"
        yield ReplyDone(
            expect=self.expect,
            phrases=self.phrases,
            language=self.language,
            state=self.memory.to_json(),
            hang_up=self.hang_up,
            transfer=self.transfer,
            understood=self.understood,
        )

    # The practice -----------------------------------------------------------------------------------------------------

    def service(self, name: str) -> Service | None:
        """The service called `name`."""
        return next((service for service in self.practice.services if service.name == name), None)

    @property
    def minutes(self) -> int:
        """How long the visit takes that is being arranged."""
        service = self.service(self.text_value("reason"))
        return service.minutes if service else 30
