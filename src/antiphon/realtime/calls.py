"""Holds one call between a session and a scripted caller, and keeps both sides of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from antiphon.clock import Clock
from antiphon.events.session import SessionEvent
from antiphon.events.speech import Samples
from antiphon.ports.dialogue import Dialogue
from antiphon.realtime.intake import RATE_HZ
from antiphon.realtime.session import Parts, Session
from antiphon.realtime.transports.script import FRAME_SAMPLES, ScriptedCaller


@dataclass(slots=True)
class CallTape:
    """Both sides of a call and what happened in it.

    Attributes:
        caller: the caller's frames, float32 [320] at 16 kHz each.
        agent: the agent's, as long.
        events: what the session told.
        listener: is told each event as it happens.
    """

    caller: list[Samples] = field(default_factory=list)
    agent: list[Samples] = field(default_factory=list)
    events: list[SessionEvent] = field(default_factory=list)
    listener: Callable[[SessionEvent], None] | None = None

    def emit(self, event: SessionEvent) -> None:
        """Keep an event."""
        self.events.append(event)
        if self.listener is not None:
            self.listener(event)

    @property
    def stereo(self) -> Samples:
        """Float32 [2, n] at 16 kHz: caller, agent."""
        if not self.caller:
            return np.zeros((2, 0), np.float32)
        return np.stack([np.concatenate(self.caller), np.concatenate(self.agent)])


async def hold_call(
    dialogue: Dialogue, parts: Parts, caller: ScriptedCaller, tape: CallTape, *, clock: Clock | None = None
) -> None:
    """Hold a call until either side hangs up.

    Without a `clock` the sample clock is the time: the call runs as fast as the machine computes, and nothing is ever
    late. With one, frames go at the pace of the wire.
    """
    session = Session(dialogue, parts, tape.emit)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.run())
        await asyncio.sleep(0)
        began_s = clock.monotonic_s() if clock else 0.0
        while not session.ended and (frame := caller.frame(session)) is not None:
            session.receive(frame)
            parts.scheduler.step()
            if clock is None:
                await session.settled()
            else:
                due_s = began_s + session.received / RATE_HZ
                await asyncio.sleep(max(0.0, due_s - clock.monotonic_s()))
            tape.caller.append(frame)
            tape.agent.append(session.play(FRAME_SAMPLES))
            await asyncio.sleep(0)
        session.hang_up()
