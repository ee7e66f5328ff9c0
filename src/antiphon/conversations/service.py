"""Holding conversations turn by turn: what the REST routes, the realtime session and `antiphon call` use."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from antiphon.clock import Clock, SystemClock
from antiphon.conversations.actions import check_endpoint
from antiphon.conversations.delivery import Courier
from antiphon.conversations.dialogue import ConversationDialogue, DialogueParts
from antiphon.conversations.dispatcher import Dispatcher
from antiphon.conversations.guardrail import Guardrail
from antiphon.conversations.outbox import Backlog, Outbox
from antiphon.conversations.records import Action, Conversation, Snapshot, Turn
from antiphon.conversations.reply import TurnReply
from antiphon.conversations.settings import ConversationSettings
from antiphon.conversations.store import AnsweredRequest, AuditEntry, Change, ConversationStore
from antiphon.conversations.upkeep import purge_temporary_audio
from antiphon.conversations.views import answer_view
from antiphon.errors import BadInput, Conflict, EngineUnavailable, StorageFailed, TimedOut
from antiphon.events.dialogue import Json
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.guard import Guard
from antiphon.ports.llm import LanguageModel
from antiphon.ports.stt import Transcriber
from antiphon.storage.database import Database, sqlite_url

log = structlog.get_logger(__name__)

DATABASE_NAME = "antiphon.db"
STOP_S = 15.0
UPKEEP_S = 3600.0
PROBE_S = 1.0


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


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether conversations can be held now; `reason` is a code, empty when they can."""

    ready: bool
    reason: str
    backlog: Backlog
    delivering: bool


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
        self._guardrail = Guardrail(engines.guard, settings, self._clock)
        # Deliveries and their signatures live in real time, whatever time it is in the conversation.
        self._real = SystemClock()
        self._busy: set[str] = set()
        self._running: _Running | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ConversationService"]:
        """Open the database (with migrations and integrity check), start the dispatcher; stop both at the end.

        Raises:
            BadConfiguration: an endpoint that may not be used.
            StorageFailed: the database cannot be opened or is damaged.
        """
        check_endpoint(self._settings)
        url = self._settings.database_url or sqlite_url(Path(self._settings.data_dir) / DATABASE_NAME)
        database = await Database.open(url)
        courier = Courier(self._settings)
        outbox = Outbox(database)
        dispatcher = Dispatcher(outbox, courier, self._settings, self._real)
        self._running = _Running(database, ConversationStore(database, self._clock), outbox, dispatcher)
        tasks = [asyncio.create_task(self._keep_up())]
        if self._settings.action_endpoint:
            tasks.append(asyncio.create_task(dispatcher.run()))
        else:
            log.warning("actions_stay_pending", reason="no action_endpoint is set")
        try:
            yield self
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

    async def begin(self, language: str | None = None, channel: str = "api") -> tuple[Conversation, dict[str, Json]]:
        """Begin a conversation and greet; returns its head and the answer with the opening words."""
        dialogue = await self.open_dialogue(language, channel)
        answer = await self._conclude(dialogue, dialogue.greet(), {})
        return dialogue.head, answer

    async def text_turn(self, conversation_id: str, text: str, key: str | None = None) -> dict[str, Json]:
        """Answer a typed turn; the same `key` gets the same answer again.

        Raises:
            BadInput: empty or too long.
            NotFound: there is no such conversation.
            Conflict: it has ended, a turn is being answered, or the key was used for another turn.
            EngineFailed: nothing was kept.
            StorageFailed: nothing was kept.
        """
        if not text.strip():
            raise BadInput("a turn needs words", code="text_empty", param="text")
        if len(text) > self._settings.max_text_chars:
            limit = self._settings.max_text_chars
            raise BadInput(f"a turn has at most {limit} characters", code="text_too_long", param="text")

        async def typed(dialogue: ConversationDialogue) -> Transcript:
            return Transcript(text.strip(), 1.0, dialogue.head.language, 0.0, "typed")

        return await self._turn(conversation_id, typed, key, text.encode())

    async def audio_turn(self, conversation_id: str, recording: bytes, key: str | None = None) -> dict[str, Json]:
        """Answer a recorded turn; a recording without speech is answered as silence.

        Raises:
            BadAudio: no recording we accept.
            TooLong: longer than the decoder or the recogniser takes.
            EngineUnavailable: no recogniser is configured.
            Others: as `text_turn`.
        """
        stt, decode = self._engines.stt, self._engines.decode
        if stt is None or decode is None:
            raise EngineUnavailable("no speech-to-text engine is configured", code="stt_unavailable")

        async def heard(dialogue: ConversationDialogue) -> Transcript:
            head = dialogue.head
            hearing = Hearing(head.language, head.expect, head.phrases)
            return await stt.transcribe(await decode(recording), hearing)

        return await self._turn(conversation_id, heard, key, recording)

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
                await running.database.check_writable()
                return Readiness(True, "", await running.outbox.backlog(), delivering)
        except TimeoutError:
            return Readiness(False, "storage_busy", Backlog(), delivering)
        except StorageFailed as error:
            return Readiness(False, error.code, Backlog(), delivering)

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

    async def _turn(
        self,
        conversation_id: str,
        hear: Callable[[ConversationDialogue], Awaitable[Transcript]],
        key: str | None,
        asked: bytes,
    ) -> dict[str, Json]:
        fingerprint = hashlib.sha256(asked).hexdigest()
        with self._alone(conversation_id):
            if key and (known := await self._open.store.answered(conversation_id, key)):
                return _same(known, fingerprint)
            dialogue = await self.resume_dialogue(conversation_id)
            self._check_room(dialogue)
            began_s = self._clock.monotonic_s()
            transcript = await hear(dialogue)
            stt_ms = (self._clock.monotonic_s() - began_s) * 1e3
            latency_ms = {"stt": stt_ms} if transcript.engine != "typed" else {}
            reply = dialogue.answer(transcript) if transcript.text.strip() else dialogue.nudge()
            return await self._conclude(dialogue, reply, latency_ms, (key, fingerprint) if key else None)

    async def _conclude(
        self,
        dialogue: ConversationDialogue,
        reply: TurnReply,
        latency_ms: dict[str, float],
        request: tuple[str, str] | None = None,
    ) -> dict[str, Json]:
        """Read a reply to its end and keep all of the turn in one transaction."""
        answer: dict[str, Json] = {}

        def answering(change: Change) -> AnsweredRequest | None:
            answer.update(answer_view(change, reply.done, latency_ms | reply.latency_ms))
            return AnsweredRequest(*request, answer) if request else None

        try:
            async with asyncio.timeout(self._settings.turn_timeout_s):
                spoken = " ".join([sentence async for sentence in reply.sentences()])
        except TimeoutError as error:
            raise TimedOut("the reply took too long: try again", code="reply_timeout") from error
        await reply.conclude(spoken, answering)
        if reply.done and (reply.done.hang_up or reply.done.transfer):
            await dialogue.end("transferred" if reply.done.transfer else "hung_up")
        return answer

    def _check_room(self, dialogue: ConversationDialogue) -> None:
        if dialogue.turns >= self._settings.max_turns:
            raise Conflict("the conversation is as long as it may get: begin a new one", code="conversation_full")

    @contextmanager
    def _alone(self, conversation_id: str) -> Iterator[None]:
        """One turn at a time: the second of two would be answered without knowing of the first."""
        if conversation_id in self._busy:
            raise Conflict("a turn of this conversation is being answered: wait for it", code="turn_in_progress")
        self._busy.add(conversation_id)
        try:
            yield
        finally:
            self._busy.discard(conversation_id)

    async def _keep_up(self) -> None:
        while True:
            with suppress(OSError):
                await asyncio.to_thread(
                    purge_temporary_audio,
                    Path(self._settings.data_dir),
                    older_than_s=self._settings.temp_audio_max_age_s,
                    now_s=self._real.now().timestamp(),
                )
            await asyncio.sleep(UPKEEP_S)


@dataclass(frozen=True, slots=True)
class _Running:
    """What exists only while the service runs."""

    database: Database
    store: ConversationStore
    outbox: Outbox
    dispatcher: Dispatcher


def _same(known: AnsweredRequest, fingerprint: str) -> dict[str, Json]:
    if known.fingerprint != fingerprint:
        raise Conflict("this idempotency key was used for another turn", code="idempotency_key_reused")
    return dict(known.answer)


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    """Wait for tasks that were told to end, and make those that do not."""
    _, late = await asyncio.wait(tasks, timeout=STOP_S)
    for task in late:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("task_failed", error=type(result).__name__)
