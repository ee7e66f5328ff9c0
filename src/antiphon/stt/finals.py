"""The final transcripts of a live stream: decoded side by side, delivered in the order of their speech."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

import structlog

from antiphon.errors import AntiphonError, AtCapacity, EngineFailed, FallbackFailed
from antiphon.events.live import Cause
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import Utterance
from antiphon.stt.account import Account

ENDPOINT = "/v1/listen"
MOST_AT_ONCE = 2
"""Decodes of one stream at a time, so that one sender of old recordings does not fill the queue of everybody."""
ATTEMPTS = 4
LONGEST_WAIT_S = 5.0

log = structlog.get_logger(__name__)

Hear: TypeAlias = Callable[[Account], Awaitable[Transcript]]


class Hearer(Protocol):
    """What hears whole utterances: the service with its two tiers."""

    async def hear_samples(self, samples: Samples, hearing: Hearing, account: Account) -> Transcript:
        """What was said in a recording, float32 [n] at 16 kHz."""
        ...


@dataclass(slots=True, eq=False)
class Stretch:
    """One utterance of a stream, from its first audio to its final transcript. Positions are at 16 kHz.

    Attributes:
        start: where its audio begins, before the first speech.
        voiced: after its last speech so far.
        voiced_at_s: when that was heard.
        draft: what makes its partial transcripts.
        fed: up to where `draft` has been fed.
        end: up to where its final decode hears; what follows belongs to the next utterance.
        cause: why it ended.
        account: of the final decode.
        decode: the final decode; begun at a pause, void if the speaker goes on.
    """

    start: int
    voiced: int
    voiced_at_s: float
    draft: Utterance | None = None
    fed: int = 0
    end: int = 0
    cause: Cause = Cause.ENDPOINT
    account: Account = field(default_factory=lambda: Account(endpoint=ENDPOINT))
    decode: asyncio.Task[Transcript] | None = None

    def give_up(self) -> None:
        """The final decode that was begun is for nothing."""
        if self.decode is not None:
            self.account.void = True
            self.decode.cancel()
            self.decode = None

    def close(self) -> None:
        """Give up everything."""
        self.give_up()
        if self.draft is not None:
            self.draft.close()


class Finals:
    """Decodes of one stream.

    Attributes:
        pending: utterances that have ended and are not delivered, in order.
        idle: set while there are none.
    """

    def __init__(self, deliver: Callable[[Stretch, Transcript | AntiphonError], None]) -> None:
        """`deliver` gets each utterance with its transcript, or with why there is none."""
        self.pending: deque[Stretch] = deque()
        self.idle = asyncio.Event()
        self.idle.set()
        self._deliver = deliver
        self._at_once = asyncio.Semaphore(MOST_AT_ONCE)

    def begin(self, stretch: Stretch, hear: Hear) -> None:
        """Begin the final decode of an utterance, whether it has ended or only paused."""
        stretch.account = account = Account(endpoint=ENDPOINT)
        stretch.decode = asyncio.create_task(self._decode(hear, account), name="listen-final")
        stretch.decode.add_done_callback(lambda _: self._advance())

    def put(self, stretch: Stretch) -> None:
        """An utterance whose decode was begun has ended: it is delivered in its turn."""
        self.pending.append(stretch)
        self.idle.clear()
        self._advance()

    def close(self) -> None:
        """Deliver no more."""
        self._deliver = _nobody
        while self.pending:
            self.pending.popleft().close()
        self.idle.set()

    async def _decode(self, hear: Hear, account: Account) -> Transcript:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self._at_once:
                    return await hear(account)
            except AtCapacity as full:
                # The audio is here and can wait; a live stream has no second chance.
                if attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(min(full.retry_after_s, LONGEST_WAIT_S))
        raise AssertionError("the last attempt returns or raises")

    def _advance(self) -> None:
        while self.pending and (task := self.pending[0].decode) is not None and task.done():
            stretch = self.pending.popleft()
            if not task.cancelled():
                self._deliver(stretch, _outcome(task))
        if not self.pending:
            self.idle.set()


def _outcome(task: asyncio.Task[Transcript]) -> Transcript | AntiphonError:
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, FallbackFailed) and error.doubtful is not None:
        # A caller of REST asks again; what was said into a live stream is gone, so a doubtful text is worth having.
        doubtful: Transcript = error.doubtful
        return replace(doubtful, degraded=(*doubtful.degraded, error.code))
    if isinstance(error, AntiphonError):
        log.warning("listen_final_failed", code=error.code)
        return error
    log.error("listen_final_broke", exc_info=error)
    return EngineFailed("The engine broke; the log says how.")


def _nobody(_stretch: Stretch, _outcome: Transcript | AntiphonError) -> None:
    """Nobody listens any more."""
