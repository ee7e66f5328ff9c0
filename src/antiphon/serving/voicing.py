"""Voice activity for every stream of a process in one batched call a tick.

A model called for one window at a time costs six times what it costs in a batch, so streams only leave their windows
here and hear the answer a tick later. The call itself runs on the event loop on purpose: a batch of 128 windows takes
about two milliseconds, less than the hops to a thread and back would delay everybody.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable

import numpy as np

from antiphon.clock import Clock, SystemClock
from antiphon.errors import AtCapacity
from antiphon.events.speech import Samples
from antiphon.ports.vad import VoiceActivity

TICK_S = 0.016
MAX_BATCH = 256
BUSY_S = 0.008
"""How long a live process judges in one go. Streams take turns, a window each, so one that comes faster than real time
makes neither the others nor the event loop wait."""


class Listener:
    """One stream's place in the batch."""

    def __init__(self, scheduler: "Scheduler", slot: int, heard: Callable[[float], None]) -> None:
        self._scheduler = scheduler
        self.slot = slot
        self.heard = heard
        self.windows: deque[Samples] = deque()

    def submit(self, window: Samples) -> None:
        """Leave a window, float32 [512] at 16 kHz; `heard` is called with its speech probability."""
        if not self.windows:
            self._scheduler.ready.append(self)
        self.windows.append(window)

    def close(self) -> None:
        """Leave the batch."""
        self.windows.clear()
        self._scheduler.leave(self)


class Scheduler:
    """Collects windows and runs them together.

    Args:
        voice_activity: the model all streams share.
        max_sessions: how many may listen at once, None for any number; one too many makes everybody late.
    """

    def __init__(
        self, voice_activity: VoiceActivity, max_sessions: int | None = None, clock: Clock | None = None
    ) -> None:
        self._voice_activity = voice_activity
        self._max_sessions = max_sessions
        self._clock = clock or SystemClock()
        self._listening = 0
        self.ready: list[Listener] = []

    def join(self, heard: Callable[[float], None]) -> Listener:
        """A place in the batch; `heard` gets each window's speech probability, in order.

        Raises:
            AtCapacity: all places are taken.
        """
        if self._max_sessions is not None and self._listening >= self._max_sessions:
            raise AtCapacity(f"{self._max_sessions} sessions are live, which is all this process takes")
        self._listening += 1
        return Listener(self, self._voice_activity.open(), heard)

    def leave(self, listener: Listener) -> None:
        """Give a place back, once."""
        self._listening -= 1
        if listener in self.ready:
            self.ready.remove(listener)
        self._voice_activity.close(listener.slot)

    def step(self, busy_s: float = math.inf) -> int:
        """Run the windows left since the last step, those that are begun within `busy_s`; how many there were."""
        total, until_s = 0, self._clock.monotonic_s() + busy_s
        while self.ready and (not total or self._clock.monotonic_s() < until_s):
            batch, self.ready = self.ready[:MAX_BATCH], self.ready[MAX_BATCH:]
            slots = np.fromiter((listener.slot for listener in batch), np.intp, len(batch))
            probabilities = self._voice_activity.probabilities(slots, np.stack([b.windows.popleft() for b in batch]))
            self.ready.extend(listener for listener in batch if listener.windows)
            total += len(batch)
            for listener, probability in zip(batch, probabilities.tolist(), strict=True):
                listener.heard(probability)
        return total

    async def run(self) -> None:
        """Step once a tick until cancelled: what a live process runs once for all of its streams."""
        while True:
            self.step(BUSY_S)
            await asyncio.sleep(0 if self.ready else TICK_S)
