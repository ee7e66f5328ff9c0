"""A caller at this machine's sound device."""

import asyncio
import signal
from collections import deque
from typing import Any

import numpy as np

from antiphon.audio.device import open_both
from antiphon.audio.pcm import RATE_HZ
from antiphon.events.speech import Samples
from antiphon.ports.dialogue import Dialogue
from antiphon.realtime.parts import Parts
from antiphon.realtime.session import Session
from antiphon.realtime.tape import CallTape
from antiphon.realtime.transports.script import FRAME_SAMPLES

AHEAD_FRAMES = 5
"""Agent frames kept ready for the device: 100 ms of slack against a busy event loop."""


async def hold_microphone(dialogue: Dialogue, parts: Parts, tape: CallTape) -> None:
    """Hold a call with whoever speaks into the microphone, until either side hangs up (Ctrl-C here).

    Raises:
        EngineUnavailable: there is no sound device, or the library for it is missing.
    """
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[Samples] = asyncio.Queue()
    ready: deque[Samples] = deque(maxlen=AHEAD_FRAMES)

    def exchange(taken: Any, given: Any, frames: int, _time: object, _status: object) -> None:
        # The device's own thread: only hand over and pick up.
        loop.call_soon_threadsafe(heard.put_nowait, np.array(taken[:, 0], np.float32))
        given[:, 0] = ready.popleft() if ready else np.zeros(frames, np.float32)

    session = Session(dialogue, parts, tape.emit)

    def interrupted() -> None:
        # The caller's way to hang up: what was said is kept. Pressed again it ends the program.
        loop.remove_signal_handler(signal.SIGINT)
        session.hang_up()

    with open_both(RATE_HZ, FRAME_SAMPLES, exchange):
        loop.add_signal_handler(signal.SIGINT, interrupted)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(session.run())
            await asyncio.sleep(0)
            try:
                while not session.ended:
                    frame = await heard.get()
                    session.receive(frame)
                    parts.scheduler.step()
                    out = session.play(len(frame))
                    ready.append(out)
                    tape.caller.append(frame)
                    tape.agent.append(out)
            finally:
                session.hang_up()
                loop.remove_signal_handler(signal.SIGINT)
