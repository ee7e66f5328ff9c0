"""Holding conversations turn by turn: what the REST routes, the realtime session and `antiphon call` use."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from antiphon.clock import Clock, SystemClock
from antiphon.conversations.dialogue import ConversationDialogue
from antiphon.conversations.records import Action, Conversation, Snapshot
from antiphon.conversations.settings import ConversationSettings
from antiphon.events.speech import Samples
from antiphon.ports.guard import Guard
from antiphon.ports.llm import LanguageModel
from antiphon.ports.stt import Transcriber


@dataclass(frozen=True, slots=True)
class ConversationEngines:
    """The engines a conversation is held with.

    Attributes:
        llm: answers.
        guard: judges each sentence.
        stt: recognises audio turns; None where only text turns are taken.
        decode: turns an uploaded recording into float32 mono at the recogniser's rate.
    """

    llm: LanguageModel
    guard: Guard
    stt: Transcriber | None = None
    decode: Callable[[bytes], Awaitable[Samples]] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the conversations are held: time zone, region of the locale (`CH`) and languages, the first preferred."""

    timezone: str = "Europe/Zurich"
    region: str = "CH"
    languages: tuple[str, ...] = ("en", "de")


class ConversationService:
    """Conversations, their facts and actions."""

    def __init__(
        self,
        engines: ConversationEngines,
        settings: ConversationSettings,
        place: Place | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._engines = engines
        self._settings = settings
        self._place = place or Place()
        self._clock = clock or SystemClock()

    def running(self) -> AbstractAsyncContextManager["ConversationService"]:
        """Open the database (with migrations and integrity check), start the dispatcher; stop both at the end.

        Raises:
            BadConfiguration: an endpoint that may not be used.
            StorageFailed: the database cannot be opened or is damaged.
        """
        raise NotImplementedError

    async def open_dialogue(self, language: str | None = None, channel: str = "api") -> ConversationDialogue:
        """A new conversation."""
        raise NotImplementedError

    async def resume_dialogue(self, conversation_id: str) -> ConversationDialogue:
        """Go on with a conversation that was left, for instance by a killed process."""
        raise NotImplementedError

    async def snapshot(self, conversation_id: str) -> Snapshot:
        """Its head, turns and facts."""
        raise NotImplementedError

    async def actions(self, conversation_id: str) -> Sequence[Action]:
        """Its actions, oldest first, with their state of delivery."""
        raise NotImplementedError

    async def conversations(self, limit: int = 50, before: str | None = None) -> Sequence[Conversation]:
        """The newest conversations, older than id `before`."""
        raise NotImplementedError

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no action is due for delivery any more; False when some still are after `timeout_s`."""
        raise NotImplementedError
