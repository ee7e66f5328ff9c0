"""Whether the service can be sent work: proven by its last successes, not by the mere fact that it runs (P-9)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import structlog

from antiphon.audio.pcm import RATE_HZ
from antiphon.clock import Clock, SystemClock
from antiphon.errors import AntiphonError, BadInput
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import Transcriber

FRESH_S = 60.0
"""A success older than this proves nothing."""
HUNG_S = 8.0
"""An engine call longer than this counts as hung, unless the engine is known to be slow."""
SLACK = 4.0
"""How many times longer than the slowest known, per second of audio, a call may take."""
PROBE_S = 1.0
PROBE_SHARE = 0.02
SHORTEST_REST_S, LONGEST_REST_S = 5.0, 30.0
LEAST_REST_S = 1.0
_TICK_S = 0.1

log = structlog.get_logger(__name__)


class State(StrEnum):
    """What the service can do now."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(slots=True, eq=False)
class _Call:
    began_s: float
    audio_s: float


class Readiness:
    """Told of every call of the engine, it says what state the service is in.

    Attributes:
        started: whether the engine has answered once; true from then on.
        dead: set when the engine has failed for so long that only another process may help.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.started = False
        self.dead = asyncio.Event()
        self._clock = clock or SystemClock()
        self._draining = self._broken = self._doubtful = False
        self._last_success_s = 0.0
        self._slowest = 0.0
        self._calls: set[_Call] = set()
        self._suspicion = asyncio.Event()

    @property
    def state(self) -> State:
        """What the service can do now."""
        if self._broken:
            return State.FAILED
        if self._draining:
            return State.DRAINING
        if not self.started:
            return State.STARTING
        now_s = self._clock.monotonic_s()
        if self._doubtful or now_s - self._last_success_s >= FRESH_S or any(map(self._hung, self._calls)):
            return State.DEGRADED
        return State.READY

    @property
    def ready(self) -> bool:
        """Whether work may be sent."""
        return self.state is State.READY

    @property
    def idle_s(self) -> float:
        """Time since the last success; 0 while a call runs."""
        return 0.0 if self._calls else self._clock.monotonic_s() - self._last_success_s

    @property
    def longest_wait_s(self) -> float:
        """How long a call on a second of audio may take before it counts as hung."""
        return max(HUNG_S, SLACK * self._slowest)

    def drain(self) -> None:
        """From now on no new work is wanted."""
        self._draining = True

    def give_up(self) -> None:
        """The engine can never work here: its model does not load."""
        self._broken = True

    def doubt(self) -> None:
        """The engine failed when it was tested; a success ends the doubt."""
        self._doubtful = True

    async def suspected(self) -> None:
        """Wait until a call fails in a way that may mean that the engine is broken."""
        await self._suspicion.wait()

    def calm(self) -> None:
        """The engine has been tested: what was suspected is known now."""
        self._suspicion.clear()

    @contextmanager
    def call(self, audio_s: float) -> Iterator[None]:
        """One call of the engine, on so much audio."""
        call = _Call(self._clock.monotonic_s(), max(audio_s, 1.0))
        self._calls.add(call)
        try:
            yield
        except BadInput:
            raise  # the recording's fault
        except asyncio.CancelledError:
            if self._hung(call):
                self.doubt()
            raise
        except Exception:
            self._suspicion.set()
            raise
        else:
            self._succeeded(call)
        finally:
            self._calls.discard(call)

    def _succeeded(self, call: _Call) -> None:
        now_s = self._clock.monotonic_s()
        self._slowest = max(0.9 * self._slowest, (now_s - call.began_s) / call.audio_s)
        self._last_success_s = now_s
        self._doubtful, self.started = False, True

    def _hung(self, call: _Call) -> bool:
        """Whether a call takes too long; not while others succeed beside it."""
        since_s = max(call.began_s, self._last_success_s)
        limit_s = max(HUNG_S, SLACK * self._slowest * call.audio_s)
        return self._clock.monotonic_s() - since_s > limit_s


class Watched:
    """A `Transcriber` whose calls `Readiness` is told of; put directly around the engine."""

    def __init__(self, transcriber: Transcriber, readiness: Readiness) -> None:
        self.card = transcriber.card
        self._transcriber, self._readiness = transcriber, readiness

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """The engine's transcript.

        Raises:
            AntiphonError: what the engine raises.
        """
        with self._readiness.call(len(samples) / RATE_HZ):
            return await self._transcriber.transcribe(samples, hearing)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """The engine's draft."""
        with self._readiness.call(len(samples) / RATE_HZ):
            return await self._transcriber.draft(samples, hearing)


class SelfTest:
    """Has the engine hear a second of noise while nobody else asks it, and at once when a call has failed."""

    def __init__(
        self, watched: Transcriber, readiness: Readiness, clock: Clock | None = None, dead_after_s: float = 0.0
    ) -> None:
        """`watched` tells `readiness` of its calls; an engine that fails for `dead_after_s` is given up, by 0 never."""
        self._watched, self._readiness = watched, readiness
        self._dead_after_s = dead_after_s
        self._failing_since_s: float | None = None
        self._clock = clock or SystemClock()
        self._rest_s = SHORTEST_REST_S
        self._tested_s = self._clock.monotonic_s()
        noise = np.random.default_rng(0).normal(0, 0.05, int(PROBE_S * RATE_HZ))
        self._noise: Samples = noise.astype(np.float32)

    @property
    def due_in_s(self) -> float:
        """How long nothing need be tested, as far as is known."""
        rest_s = self._rest_s if self._readiness.ready else SHORTEST_REST_S
        return max(0.0, rest_s - min(self._readiness.idle_s, self._since_test_s))

    @property
    def _since_test_s(self) -> float:
        return self._clock.monotonic_s() - self._tested_s

    async def once(self) -> None:
        """Test the engine now; `readiness` knows the outcome."""
        began_s = self._clock.monotonic_s()
        try:
            async with asyncio.timeout(self._readiness.longest_wait_s):
                await self._watched.transcribe(self._noise, Hearing())
        except Exception as error:  # noqa: BLE001 - a supervisor: an engine may break in any way
            self._fail(error)
        self._readiness.calm()
        self._tested_s = self._clock.monotonic_s()
        cost_s = self._tested_s - began_s
        self._rest_s = min(LONGEST_REST_S, max(SHORTEST_REST_S, cost_s / PROBE_SHARE))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Test now, and again whenever it is due, while the block runs."""
        task = asyncio.create_task(self._run(), name="stt-self-test")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        await self.once()
        while True:
            suspected = True
            try:
                await asyncio.wait_for(self._readiness.suspected(), max(_TICK_S, self.due_in_s))
            except TimeoutError:
                suspected = False
            if suspected:
                # Recordings that fail one after the other are no reason to test all the time.
                await asyncio.sleep(max(0.0, LEAST_REST_S - self._since_test_s))
            if suspected or self.due_in_s == 0.0:
                await self.once()
            self._judge()

    def _judge(self) -> None:
        """Whether the engine, degraded at every look for long enough, counts as dead."""
        now_s = self._clock.monotonic_s()
        if self._readiness.state is not State.DEGRADED:
            self._failing_since_s = None
        elif self._failing_since_s is None:
            self._failing_since_s = now_s
        elif 0 < self._dead_after_s <= now_s - self._failing_since_s and not self._readiness.dead.is_set():
            log.error("engine_dead", failing_s=round(now_s - self._failing_since_s, 1))
            self._readiness.dead.set()

    def _fail(self, error: Exception) -> None:
        self._readiness.doubt()
        code = error.code if isinstance(error, AntiphonError) else type(error).__name__
        log.warning("self_test_failed", code=code)
