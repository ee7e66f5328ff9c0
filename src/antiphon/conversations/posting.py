"""Turns that are posted and read, not spoken: one at a time, answered whole, and once for each idempotency key."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from antiphon.clock import Clock
from antiphon.conversations.dialogue import ConversationDialogue
from antiphon.conversations.records import Conversation
from antiphon.conversations.reply import TurnReply
from antiphon.conversations.settings import ConversationSettings
from antiphon.conversations.store import AnsweredRequest, Change
from antiphon.conversations.views import answer_view
from antiphon.errors import BadInput, Conflict, EngineUnavailable, TimedOut
from antiphon.events.dialogue import Json
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import Transcriber

Decode = Callable[[bytes], Awaitable[Samples]]
"""Turns an uploaded recording into float32 mono at the recogniser's rate."""


class Dialogues(Protocol):
    """Where conversations come from."""

    async def open_dialogue(self, language: str | None, channel: str) -> ConversationDialogue:
        """A new conversation."""
        ...

    async def resume_dialogue(self, conversation_id: str) -> ConversationDialogue:
        """One that was begun before."""
        ...

    async def answered(self, conversation_id: str, key: str) -> AnsweredRequest | None:
        """The answer already given under an idempotency key, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Recogniser:
    """What recordings need: an engine, and a decoder for files nobody vouches for; either may be missing."""

    stt: Transcriber | None = None
    decode: Decode | None = None


class PostedTurns:
    """Answers posted turns. Between two of them nothing is in memory, so any process may answer the next."""

    def __init__(
        self, dialogues: Dialogues, recogniser: Recogniser, settings: ConversationSettings, clock: Clock
    ) -> None:
        self._dialogues = dialogues
        self._recogniser = recogniser
        self._settings = settings
        self._clock = clock
        self._busy: set[str] = set()

    async def begin(self, language: str | None = None, channel: str = "api") -> tuple[Conversation, dict[str, Json]]:
        """Begin a conversation and greet; returns its head and the answer with the opening words."""
        dialogue = await self._dialogues.open_dialogue(language, channel)
        answer = await self._conclude(dialogue, dialogue.greet(), {})
        return dialogue.head, answer

    async def text(self, conversation_id: str, words: str, key: str | None = None) -> dict[str, Json]:
        """Answer a typed turn; the same `key` gets the same answer again.

        Raises:
            BadInput: empty or too long.
            NotFound: there is no such conversation.
            Conflict: it has ended, a turn is being answered, or the key was used for another turn.
            EngineFailed: nothing was kept.
            StorageFailed: nothing was kept.
        """
        if not words.strip():
            raise BadInput("a turn needs words", code="text_empty", param="text")
        if len(words) > self._settings.max_text_chars:
            limit = self._settings.max_text_chars
            raise BadInput(f"a turn has at most {limit} characters", code="text_too_long", param="text")

        async def typed(dialogue: ConversationDialogue) -> Transcript:
            return Transcript(words.strip(), 1.0, dialogue.head.language, 0.0, "typed")

        return await self._turn(conversation_id, typed, key, words.encode())

    async def recording(self, conversation_id: str, data: bytes, key: str | None = None) -> dict[str, Json]:
        """Answer a recorded turn; a recording without speech is answered as silence.

        Raises:
            BadAudio: no recording we accept.
            TooLong: longer than the decoder or the recogniser takes.
            EngineUnavailable: no recogniser is configured.
            Others: as `text`.
        """
        stt, decode = self._recogniser.stt, self._recogniser.decode
        if stt is None or decode is None:
            raise EngineUnavailable("no speech-to-text engine is configured", code="stt_unavailable")

        async def heard(dialogue: ConversationDialogue) -> Transcript:
            head = dialogue.head
            hearing = Hearing(head.language, head.expect, head.phrases)
            return await stt.transcribe(await decode(data), hearing)

        return await self._turn(conversation_id, heard, key, data)

    async def _turn(
        self,
        conversation_id: str,
        hear: Callable[[ConversationDialogue], Awaitable[Transcript]],
        key: str | None,
        asked: bytes,
    ) -> dict[str, Json]:
        fingerprint = hashlib.sha256(asked).hexdigest()
        with self._alone(conversation_id):
            if key and (known := await self._dialogues.answered(conversation_id, key)):
                return _same(known, fingerprint)
            dialogue = await self._dialogues.resume_dialogue(conversation_id)
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


def _same(known: AnsweredRequest, fingerprint: str) -> dict[str, Json]:
    if known.fingerprint != fingerprint:
        raise Conflict("this idempotency key was used for another turn", code="idempotency_key_reused")
    return dict(known.answer)
