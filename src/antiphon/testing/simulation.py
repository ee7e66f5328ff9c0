"""A phone call in stream time: exact, and as fast as the machine allows."""

import asyncio
from types import TracebackType
from typing import Self, TypeVar

import numpy as np

from antiphon.audio.pcm import RATE_HZ
from antiphon.events.session import SessionEvent
from antiphon.events.speech import Samples
from antiphon.ports.dialogue import Dialogue
from antiphon.realtime.parts import Parts
from antiphon.realtime.session import Session

FRAME_SAMPLES = RATE_HZ // 50
E = TypeVar("E", bound=SessionEvent)


class Simulation:
    """Holds a session and plays its caller.

    async with Simulation(dialogue, parts) as call:
        await call.until_quiet()
        await call.say(book.say("good morning"))

    Attributes:
        events: what the session told.
        heard: what the agent played, a frame of float32 [320] at 16 kHz each.
        patient: each frame waits for what is being computed, so that nothing is ever late; False lets time run on.
    """

    def __init__(self, dialogue: Dialogue, parts: Parts) -> None:
        self.events: list[SessionEvent] = []
        self.heard: list[Samples] = []
        self.patient = True
        self.session = Session(dialogue, parts, self.events.append)
        self._parts = parts
        self._run: asyncio.Task[object] | None = None

    async def __aenter__(self) -> Self:
        """Pick up the phone."""
        self._run = asyncio.create_task(self.session.run())
        await asyncio.sleep(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up and wait for the end."""
        self.session.hang_up()
        if self._run is not None:
            await self._run

    async def say(self, samples: Samples) -> None:
        """The caller speaks, 20 ms at a time."""
        whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
        for frame in samples[:whole].reshape(-1, FRAME_SAMPLES):
            await self._frame(frame)

    async def silence(self, seconds: float) -> None:
        """The caller says nothing."""
        await self.say(np.zeros(int(seconds * RATE_HZ), np.float32))

    async def until_quiet(self, limit_s: float = 60.0) -> None:
        """Listen until the agent has said all it has to say."""
        for _ in range(int(limit_s * 50)):
            await self._frame(np.zeros(FRAME_SAMPLES, np.float32))
            if self.session.ended or not (self.session.agent_active or self.session.caller_active):
                return
        raise AssertionError(f"the agent was not quiet after {limit_s} s")

    async def until_audible(self, limit_s: float = 60.0) -> None:
        """Listen until the agent's voice is heard."""
        for _ in range(int(limit_s * 50)):
            if self.session.agent_audible:
                return
            await self._frame(np.zeros(FRAME_SAMPLES, np.float32))
        raise AssertionError(f"the agent was not audible after {limit_s} s")

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    async def _frame(self, frame: Samples) -> None:
        if self.session.ended:
            return
        self.session.receive(frame)
        self._parts.scheduler.step()
        if self.patient:
            await self.session.settled()
        else:
            await asyncio.sleep(0)
        self.heard.append(self.session.play(len(frame)))
        await asyncio.sleep(0)
