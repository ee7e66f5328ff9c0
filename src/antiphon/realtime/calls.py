"""Holds one call between a session and a scripted caller."""

import asyncio

from antiphon.audio.pcm import RATE_HZ
from antiphon.clock import Clock
from antiphon.ports.dialogue import Dialogue
from antiphon.realtime.parts import Parts
from antiphon.realtime.session import Session
from antiphon.realtime.tape import CallTape
from antiphon.realtime.transports.script import FRAME_SAMPLES, ScriptedCaller


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
