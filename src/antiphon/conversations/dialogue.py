"""One conversation as the realtime session and the REST service hold it."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from antiphon.clock import Clock
from antiphon.conversations.drafting import Drafting
from antiphon.conversations.guardrail import Guardrail
from antiphon.conversations.memory import Memory
from antiphon.conversations.records import Conversation, Snapshot
from antiphon.conversations.reply import CallerWords, TurnReply
from antiphon.conversations.store import ConversationStore
from antiphon.events.dialogue import ReplyRequest
from antiphon.events.speech import Transcript
from antiphon.ports.llm import LanguageModel


@dataclass(frozen=True, slots=True)
class DialogueParts:
    """What every conversation of a service shares.

    Attributes:
        llm: answers.
        guardrail: judges sentences.
        store: keeps turns.
        clock: what time it is for the conversation.
        timezone: the IANA zone in which the model is told the time.
        region: region of the locale, such as `CH`.
        queued: called when an action has been put into the outbox.
    """

    llm: LanguageModel
    guardrail: Guardrail
    store: ConversationStore
    clock: Clock
    timezone: str
    region: str
    queued: Callable[[], None]


class ConversationDialogue:
    """Satisfies `ports.dialogue.Dialogue`; make one by `ConversationService.open_dialogue`."""

    def __init__(self, snapshot: Snapshot, parts: DialogueParts) -> None:
        self._parts = parts
        self._zone = ZoneInfo(parts.timezone)
        self._memory = Memory(snapshot, parts.store, parts.clock, region=parts.region, queued=parts.queued)

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self._memory.head.id

    @property
    def head(self) -> Conversation:
        """The conversation as it stands: language, what answer is expected now, whether it has ended."""
        return self._memory.head

    @property
    def turns(self) -> int:
        """How many turns there are."""
        return self._memory.next_index

    def greet(self) -> TurnReply:
        """The opening words."""
        return self._reply(None)

    def answer(self, transcript: Transcript, *, start_s: float = 0.0, end_s: float = 0.0) -> TurnReply:
        """The reply to a caller's turn that lay at these stream times."""
        return self._reply(CallerWords(transcript, start_s, end_s))

    def nudge(self) -> TurnReply:
        """What to say when the caller has said nothing for a while."""
        return self._reply(None, idle=True)

    async def end(self, reason: str) -> None:
        """The conversation is over; the first reason stays.

        Raises:
            StorageFailed: that was not kept.
        """
        await self._memory.end(reason)

    def _reply(self, words: CallerWords | None, *, idle: bool = False) -> TurnReply:
        memory = self._memory
        unsettled = memory.unsettled

        async def ask() -> ReplyRequest:
            # What a slow model still has to say on an earlier turn belongs before this one, in memory and store.
            await memory.settle(unsettled)
            return self._request(words.transcript if words else None, idle=idle)

        return TurnReply(memory, Drafting(self._parts.llm, self._parts.guardrail, ask, memory.clock), words)

    def _request(self, transcript: Transcript | None, *, idle: bool) -> ReplyRequest:
        memory = self._memory
        return ReplyRequest(
            text=transcript.text if transcript else "",
            now=memory.clock.now().astimezone(self._zone),
            confidence=transcript.confidence if transcript else 1.0,
            turn=memory.next_index,
            history=memory.history,
            facts=memory.facts,
            state=memory.head.state,
            language=memory.head.language,
            idle=idle,
            alternatives=transcript.alternatives if transcript else (),
        )
