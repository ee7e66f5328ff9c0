"""A scripted caller who works with any sensible receptionist: answers what is asked, in whatever order it is asked."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from antiphon.events.dialogue import (
    ActionAsked,
    ActionRequest,
    Fact,
    FactLearnt,
    Json,
    Message,
    ReplyDone,
    ReplyRequest,
    Speaker,
    TextDelta,
)
from antiphon.events.speech import Expectation, Transcript
from antiphon.ports.llm import LanguageModel

Script = Mapping[str, str | Sequence[str]]
Hear = Callable[[str, ReplyDone], Awaitable[Transcript]]

_DAY = re.compile(
    r"\b((mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|january|february|march|april|june|july|august|"
    r"september|october|november|december)\b"
)
_CONFIRM = re.compile(
    r"(is|was) (that|this|it|everything) (all )?(right|correct|ok)|correct\?|right\?|shall i|should i|"
    r"(did|do) you (mean|say|want me)|would you like me to|does (that|this) (suit|work)|to confirm"
)
# What a question asks for, by its words; the first that fits counts.
_CUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "reason",
        re.compile(r"\b(move|change|reschedule)\b.*\bor\b.*\bcancel|\bcancel\b.*\bor\b.*\b(move|change|reschedule)"),
    ),
    ("date_of_birth", re.compile(r"\b(birth|born)")),
    (
        "existing_patient",
        re.compile(r"(new|existing|already an?|registered) patient|been (here|to|with) |first (visit|time)|visited us"),
    ),
    ("anything_else", re.compile(r"anything else|what else|(is|was) there something else")),
    ("pain_level", re.compile(r"scale|(zero|one|0|1) to (ten|10)|how (bad|strong|severe)")),
    ("urgency", re.compile(r"urgent|how soon")),
    ("change", re.compile(r"what .*(change|correct|wrong)")),
    ("transfer", re.compile(r"(would|do|may|shall|can|should) .*(put you through|transfer you|connect you)")),
    ("callback", re.compile(r"(would|do|may|shall|can|should) .*(call|ring|phone) you back")),
)
_EXISTING_APPOINTMENT = re.compile(
    r"(current|existing|present|old|original|which|booked|previous) appointment|"
    r"when (is|was) (it|your|the)\b.*appointment|appointment (that )?(do )?you('d| have| had| would| want| wish)"
)
_NAME = re.compile(r"\bname\b|who('s| is| am i)? (calling|speaking)")
_PHONE = re.compile(r"\b(phone|number|digits)\b")
_REASON = re.compile(r"help|reason|treatment|service|brings|come in for|what .*(for|about|need)")
# Where a script has no answer of its own to a question, it gives the answer to one of these.
_INSTEAD: Mapping[str, tuple[str, ...]] = {
    "confirm_slot": ("confirm",),
    "existing_appointment": ("day_time",),
    "day": ("day_time",),
    "time": ("day_time",),
    "opening": ("reason",),
    "change": ("correction",),
}


def asked(words: str, expect: Expectation) -> str:
    """What the agent has just asked for, as a key of a script; `fallback` where it cannot be told."""
    sentences = re.findall(r"[^.?!]*[.?!]+|[^.?!]+$", words.lower().replace("’", "'"))
    questions = [one for one in sentences if "?" in one] or [one for one in sentences if one.strip()][-1:]
    question = questions[-1] if questions else ""
    for key, cue in _CUES:
        if cue.search(question):
            return key
    open_question = re.match(r"\W*(what|which|when|who|how|where)\b", question)
    if expect is Expectation.YES_NO or (expect is Expectation.FREE and not open_question and _CONFIRM.search(question)):
        return "confirm_slot" if _DAY.search(words.lower()) else "confirm"
    return _detail(question, expect)


def _detail(question: str, expect: Expectation) -> str:
    if expect is Expectation.DIGITS:
        return "phone"
    if expect is Expectation.NAME:
        return "name"
    if _EXISTING_APPOINTMENT.search(question):
        return "existing_appointment"
    day, time = re.search(r"\b(day|date)\b", question) is not None, "time" in question
    if expect is Expectation.DATE:
        return "day_time" if time or "when" in question else "day"
    if expect is Expectation.TIME:
        return "day_time" if day else "time"
    if _NAME.search(question):
        return "name"
    if _PHONE.search(question):
        return "phone"
    if day or time or "when" in question:
        return "day_time" if day == time else "day" if day else "time"
    return "reason" if _REASON.search(question) else "fallback"


class Answers:
    """A caller's answers by what is asked; a list is said item by item, its last item from then on."""

    def __init__(self, *scripts: Script, must_hear: str = "") -> None:
        """Earlier scripts win over later ones; a read-back of a day without `must_hear` gets the `correction`."""
        self._scripts = scripts
        self._must_hear = must_hear
        self._given: Counter[str] = Counter()

    def to(self, key: str, words: str = "", *, served: bool = False) -> str:
        """The next answer to the question `key`, asked with these words; who has been `served` wants nothing else."""
        if key == "confirm_slot" and self._must_hear not in words.lower():
            key = "correction"
        for name in (key, *_INSTEAD.get(key, ()), "fallback"):
            for script in self._scripts:
                if name in script:
                    return self._next(name, script[name], last=served and name == "anything_else")
        raise KeyError(key)

    def _next(self, name: str, answer: str | Sequence[str], *, last: bool) -> str:
        answers = [answer] if isinstance(answer, str) else answer
        self._given[name] += len(answers) if last else 1
        return answers[min(self._given[name], len(answers)) - 1]


@dataclass
class Conversation:
    """A conversation held with a language model as the product holds it, and everything that came of it."""

    model: LanguageModel
    now: datetime
    facts: dict[str, Fact] = field(default_factory=dict)
    actions: list[ActionRequest] = field(default_factory=list)
    history: list[Message] = field(default_factory=list)
    done: ReplyDone = field(default_factory=ReplyDone)
    turns: int = 0

    @property
    def words(self) -> str:
        """The agent's last reply."""
        return next((m.text for m in reversed(self.history) if m.speaker is Speaker.AGENT), "")

    @property
    def over(self) -> bool:
        """Whether the agent has hung up or handed the call over."""
        return self.done.hang_up or self.done.transfer

    @property
    def asked(self) -> str:
        """What the agent has just asked for."""
        return asked(self.words, self.done.expect)

    def values(self) -> dict[str, Json]:
        """The facts known now."""
        return {name: fact.value for name, fact in self.facts.items()}

    async def open(self) -> None:
        """Let the agent greet."""
        await self._reply(Transcript("", 1.0, "en", 0.0, ""))

    async def say(self, text: str) -> None:
        """One turn of the caller, word for word, and the agent's reply."""
        await self.heard(Transcript(text, 1.0, "en", 0.0, "perfect"))

    async def heard(self, transcript: Transcript) -> None:
        """One turn of the caller as it was understood, and the agent's reply."""
        await self._reply(transcript)
        self.turns += 1

    async def _reply(self, caller: Transcript) -> None:
        request = ReplyRequest(
            text=caller.text,
            now=self.now,
            confidence=caller.confidence,
            alternatives=caller.alternatives,
            turn=self.turns,
            history=tuple(self.history),
            facts=dict(self.facts),
            state=self.done.state,
            language=self.done.language,
        )
        words = ""
        async for part in self.model.reply(request):
            match part:
                case TextDelta(text=delta):
                    words += delta
                case FactLearnt(fact=fact) if fact.value is None:
                    self.facts.pop(fact.name, None)
                case FactLearnt(fact=fact):
                    self.facts[fact.name] = fact
                case ActionAsked(action=action):
                    self.actions.append(action)
                case ReplyDone():
                    self.done = part
        if caller.text:
            self.history.append(Message(Speaker.CALLER, caller.text))
        self.history.append(Message(Speaker.AGENT, words))


async def as_said(text: str, _: ReplyDone) -> Transcript:
    """The perfect recogniser: every word as it was said."""
    return Transcript(text=text, confidence=1.0, language="en", duration_s=0.0, engine="perfect")


async def finish(talk: Conversation, answers: Answers, hear: Hear = as_said, most_turns: int = 20) -> None:
    """Answer what is asked until the call is over, or until `most_turns` turns of the caller."""
    while not talk.over and talk.turns < most_turns:
        words = answers.to(talk.asked, talk.words, served=bool(talk.actions))
        await talk.heard(await hear(words, talk.done))
