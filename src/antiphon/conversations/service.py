"""The conversations of a process: what the REST routes, the realtime session and `antiphon call` share."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from antiphon.clock import Clock, SystemClock
from antiphon.conversations.actions import check_endpoint
from antiphon.conversations.delivery import Courier
from antiphon.conversations.dialogue import ConversationDialogue, DialogueParts
from antiphon.conversations.dispatcher import Dispatcher
from antiphon.conversations.folder import held
from antiphon.conversations.guardrail import Guardrail
from antiphon.conversations.outbox import Backlog, Outbox
from antiphon.conversations.posting import Decode, PostedTurns, Recogniser
from antiphon.conversations.records import Action, Conversation, Snapshot, Turn
from antiphon.conversations.settings import ConversationSettings
from antiphon.conversations.store import AnsweredRequest, AuditEntry, ConversationStore
from antiphon.conversations.upkeep import DATABASE_NAME, keep_up
from antiphon.errors import BadInput, Conflict, StorageFailed
from antiphon.ports.guard import Guard
from antiphon.ports.llm import LanguageModel
from antiphon.ports.stt import Transcriber
from antiphon.storage.database import Database, sqlite_url

log = structlog.get_logger(__name__)

STOP_S = 15.0
UPKEEP_S = 3600.0
SETTLED_S = 30.0
PROBE_S = 1.0
PROBE_EVERY_S = 1.0


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
    decode: Decode | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the conversations are held: time zone, region of the locale (`CH`) and languages, the first preferred."""

    timezone: str = "Europe/Zurich"
    region: str = "CH"
    languages: tuple[str, ...] = ("en", "de")


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether conversations can be held now; `reason` is a code, empty when they can."""

    ready: bool
    reason: str
    backlog: Backlog
    delivering: bool


class ConversationService:
    """Conversations, their facts and actions.

    Attributes:
        post: answers turns that are posted over REST.
    """

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
        self._guardrail = Guardrail(engines.guard, settings, self._clock)
        # Deliveries and their signatures live in real time, whatever time it is in the conversation.
        self._real = SystemClock()
        self._running: _Running | None = None
        self._written_at_s = float("-inf")
        self.post = PostedTurns(self, Recogniser(engines.stt, engines.decode), settings, self._clock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ConversationService"]:
        """Open the database (with migrations and integrity check), start the dispatcher; stop both at the end.

        Raises:
            BadConfiguration: an endpoint or a data folder that may not be used.
            StorageFailed: the database cannot be opened or is damaged.
        """
        check_endpoint(self._settings)
        # A database server may be shared by machines that no lock file can tell of.
        with nullcontext(False) if self._settings.database_url else held(Path(self._settings.data_dir)) as alone:
            async with self._serving(alone=alone):
                yield self

    @asynccontextmanager
    async def _serving(self, *, alone: bool) -> AsyncIterator[None]:
        url = self._settings.database_url or sqlite_url(Path(self._settings.data_dir) / DATABASE_NAME)
        database = await Database.open(url)
        await self._end_lost(database, calls=alone)
        courier = Courier(self._settings)
        outbox = Outbox(database)
        dispatcher = Dispatcher(outbox, courier, self._settings, self._real)
        self._running = _Running(database, ConversationStore(database, self._clock), outbox, dispatcher)
        tasks = [asyncio.create_task(self._keep_up(database))]
        if self._settings.action_endpoint:
            tasks.append(asyncio.create_task(dispatcher.run()))
        else:
            log.warning("actions_stay_pending", reason="no action_endpoint is set")
        try:
            yield
        finally:
            self._running = None
            dispatcher.stop()
            tasks[0].cancel()
            await _ended(tasks)
            await courier.close()
            await database.close()

    async def open_dialogue(self, language: str | None = None, channel: str = "api") -> ConversationDialogue:
        """A new conversation.

        Raises:
            BadInput: a language that is not spoken here.
            StorageFailed: it could not be kept.
        """
        chosen = language or self._place.languages[0]
        if chosen not in self._place.languages:
            spoken = ", ".join(self._place.languages)
            raise BadInput(f"language must be one of {spoken}", code="language_not_supported", param="language")
        return self._dialogue(Snapshot(await self._open.store.create(chosen, channel), (), {}))

    async def resume_dialogue(self, conversation_id: str) -> ConversationDialogue:
        """Go on with a conversation that was left, for instance by a killed process.

        Raises:
            NotFound: there is no such conversation.
            Conflict: it has ended.
        """
        snapshot = await self._open.store.snapshot(conversation_id)
        if snapshot.conversation.ended_at:
            raise Conflict("the conversation has ended: begin a new one", code="conversation_ended")
        return self._dialogue(snapshot)

    async def answered(self, conversation_id: str, key: str) -> AnsweredRequest | None:
        """The answer already given under an idempotency key, if there is one."""
        return await self._open.store.answered(conversation_id, key)

    async def snapshot(self, conversation_id: str) -> Snapshot:
        """Its head, turns and facts.

        Raises:
            NotFound: there is no such conversation.
        """
        return await self._open.store.snapshot(conversation_id)

    async def turns(self, conversation_id: str, *, after: int = -1, limit: int = 100) -> Sequence[Turn]:
        """Its turns behind index `after`."""
        return await self._open.store.turns(conversation_id, after=after, limit=limit)

    async def actions(self, conversation_id: str) -> Sequence[Action]:
        """Its actions, oldest first, with their state of delivery."""
        return await self._open.store.actions(conversation_id)

    async def audit(self, conversation_id: str) -> Sequence[AuditEntry]:
        """What is on record of its facts and actions."""
        return await self._open.store.audit(conversation_id)

    async def conversations(self, limit: int = 50, before: str | None = None) -> Sequence[Conversation]:
        """The newest conversations, older than id `before`."""
        return await self._open.store.conversations(limit=limit, before=before)

    async def end(self, conversation_id: str, reason: str = "ended") -> Conversation:
        """End it; ending it again changes nothing.

        Raises:
            NotFound: there is no such conversation.
        """
        await self._open.store.end(conversation_id, reason)
        return (await self._open.store.snapshot(conversation_id)).conversation

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no action is pending any more; False when some still are after `timeout_s`.

        Without an endpoint nothing is waited for.
        """
        if not self._settings.action_endpoint:
            return not (await self._open.outbox.backlog()).pending
        return await self._open.dispatcher.drain(timeout_s)

    async def readiness(self) -> Readiness:
        """Whether conversations can be held now, and how many actions wait; known within a second, whatever hangs."""
        delivering = bool(self._settings.action_endpoint)
        try:
            running = self._open
            async with asyncio.timeout(PROBE_S):
                await self._probe(running.database)
                return Readiness(True, "", await running.outbox.backlog(), delivering)
        except TimeoutError:
            return Readiness(False, "storage_busy", Backlog(), delivering)
        except StorageFailed as error:
            return Readiness(False, error.code, Backlog(), delivering)

    async def _probe(self, database: Database) -> None:
        # Anyone may ask without a key: what they can make the disk do is bounded.
        if self._real.monotonic_s() - self._written_at_s >= PROBE_EVERY_S:
            await database.check_writable()
            self._written_at_s = self._real.monotonic_s()

    @property
    def _open(self) -> "_Running":
        if self._running is None:
            raise StorageFailed("conversations are not being served now", code="not_running")
        return self._running

    def _dialogue(self, snapshot: Snapshot) -> ConversationDialogue:
        return ConversationDialogue(
            snapshot,
            DialogueParts(
                llm=self._engines.llm,
                guardrail=self._guardrail,
                store=self._open.store,
                clock=self._clock,
                timezone=self._place.timezone,
                region=self._place.region,
                queued=self._open.dispatcher.wake,
            ),
        )

    async def _end_lost(self, database: Database, *, calls: bool) -> None:
        """End what a killed process left open; the calls of other processes go on."""
        idle_since = self._real.now() - timedelta(seconds=self._settings.idle_end_s)
        if ended := await ConversationStore(database, self._real).end_lost(idle_since=idle_since, calls=calls):
            log.warning("conversations_lost", conversations=ended)

    async def _keep_up(self, database: Database) -> None:
        # A single call on the command line ends before the first round; what serves for days comes by every hour.
        await asyncio.sleep(SETTLED_S)
        while True:
            with suppress(OSError, StorageFailed):
                await asyncio.to_thread(keep_up, self._settings, self._real.now())
            with suppress(StorageFailed):
                await self._end_lost(database, calls=False)
            await asyncio.sleep(UPKEEP_S)


@dataclass(frozen=True, slots=True)
class _Running:
    """What exists only while the service runs."""

    database: Database
    store: ConversationStore
    outbox: Outbox
    dispatcher: Dispatcher


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    """Wait for tasks that were told to end, and make those that do not."""
    _, late = await asyncio.wait(tasks, timeout=STOP_S)
    for task in late:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("task_failed", error=type(result).__name__)
