"""From the end of the caller's speech to the agent's first sound, by its parts, with 1, 4 and 8 live sessions.

    .venv/bin/python -m bench.latency [--json] [--sessions 1 4 8] [--lines 4] [--draft-every-s 0.5]

The embedded engines in one process, all cores, at the pace of the wire. Callers are spoken by our own voice, begin one
after the other, and say the same lines in different order; each waits for the agent to finish. All sessions share one
recogniser, one voice and one batch of voice activity, as in a served process.

    endpointing … tts  what the session reports of each reply (events.session.AgentTurn), `total` their sum
    heard              wall time from the caller's last audible sample to the agent's first one
    final, draft       wall time of each decode, queueing for a thread included
    abandoned          the same of decodes that were given up, because the caller went on or fell silent
    late               how far behind the wire each 20 ms frame was handled

`total` leaves out what `heard` has: windows of voice activity, frames, and what the event loop was late by. Times grow
with whatever else the machine does: the load average is printed beside them.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import structlog

from antiphon.app import App
from antiphon.clock import SystemClock
from antiphon.config import load
from antiphon.events.session import AgentTurn
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import Transcriber
from antiphon.realtime.calls import hold_call
from antiphon.realtime.parts import Parts
from antiphon.realtime.session import Session
from antiphon.realtime.tape import CallTape
from antiphon.realtime.transports.script import FRAME_SAMPLES, Line, ScriptedCaller
from antiphon.stt.streaming import GrowingWindow
from antiphon.stt.streaming import Options as DraftOptions

LINES = (
    "Hello, I would like to book an appointment for a checkup, please.",
    "My name is Susan Miller.",
    "Would Thursday morning at half past ten be possible?",
    "Do you have parking spaces near the practice?",
    "How much does a cleaning cost?",
    "Could I come on Friday afternoon instead?",
)
AUDIBLE = 0.005
FRAME_S = 0.02
STAGGER_S = 1.7
PARTS = ("endpointing", "stt", "llm", "guard", "commit", "tts", "total", "heard", "final", "draft", "abandoned", "late")


class TimedTranscriber:
    """A recogniser whose calls are timed; satisfies `ports.stt.Transcriber`.

    Attributes:
        took_ms: of calls that were waited for to their end, `final` and `draft`, and of those that were `abandoned`.
    """

    def __init__(self, engine: Transcriber) -> None:
        self.card = engine.card
        self.took_ms: dict[str, list[float]] = defaultdict(list)
        self._engine = engine

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """The final reading."""
        with self._timed("final"):
            return await self._engine.transcribe(samples, hearing)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """The quick reading."""
        with self._timed("draft"):
            return await self._engine.draft(samples, hearing)

    @contextlib.contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began_s = time.monotonic()
        try:
            yield
        except asyncio.CancelledError:
            what = "abandoned"
            raise
        finally:
            self.took_ms[what].append((time.monotonic() - began_s) * 1e3)


class TimedCaller(ScriptedCaller):
    """A caller who notes when each frame was asked for."""

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__(lines, gap_s=0.4, patience_s=8.0, tail_s=0.3)
        self.asked_s: list[float] = []

    def frame(self, session: Session) -> Samples | None:
        """The caller's next 20 ms."""
        self.asked_s.append(time.monotonic())
        return super().frame(session)


@dataclass(slots=True)
class Call:
    """One session: its caller, both sides of it, and how its conversation is reached."""

    caller: TimedCaller
    tape: CallTape

    def heard_ms(self) -> list[float]:
        """Wall time from the last audible sample of each line to the first one of the reply."""
        caller, agent = self.tape.stereo
        speaks, answers = audible(caller), audible(agent)
        begins = answers & ~np.concatenate([[False], answers[:-1]])
        found: dict[int, float] = {}
        for frame in np.flatnonzero(begins).tolist():
            before = np.flatnonzero(speaks[:frame])
            # What the agent says is on the wire when the next frame is asked for.
            if len(before) and frame + 1 < len(self.caller.asked_s):
                last = int(before[-1])
                found.setdefault(last, (self.caller.asked_s[frame + 1] - self.caller.asked_s[last]) * 1e3)
        return list(found.values())

    def late_ms(self) -> list[float]:
        """How far behind the wire each frame was handled; a frame early by the clock's grain is not late."""
        asked_s = np.array(self.caller.asked_s)
        late_s = asked_s - asked_s[0] - FRAME_S * np.arange(len(asked_s))
        return np.maximum(0.0, late_s * 1e3).tolist()  # type: ignore[no-any-return]


Took = dict[str, list[float]]
"""Milliseconds, one for each time that a part was gone through."""


async def hold(app: App, parts: Parts, lines: Sequence[Line], sessions: int, drafts: DraftOptions) -> Took:
    """What each part of every reply took, with so many sessions at once."""
    timed = TimedTranscriber(await app.transcriber())
    parts = replace(parts, ears=GrowingWindow(timed, drafts))
    shifts = [index % len(lines) for index in range(sessions)]
    calls = [Call(TimedCaller([*lines[shift:], *lines[:shift]]), CallTape()) for shift in shifts]

    async def join(call: Call, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await hold_call(await app.open_dialogue("bench"), parts, call.caller, call.tape, clock=SystemClock())

    async with asyncio.TaskGroup() as tasks:
        for index, call in enumerate(calls):
            tasks.create_task(join(call, index * STAGGER_S))
    took = timed.took_ms
    for call in calls:
        for event in call.tape.events:
            if isinstance(event, AgentTurn):
                for part, ms in event.latency_ms.items():
                    took[part].append(ms)
        took["heard"] += call.heard_ms()
        took["late"] += call.late_ms()
    return took


async def measure(sessions: Sequence[int], lines: int, drafts: DraftOptions) -> list[dict[str, object]]:
    """A row for each number of sessions: p50, p95 and count of each part."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with App(load(env={"ANTIPHON_CONVERSATIONS__DATA_DIR": folder})) as app:
            parts = await app.session_parts()
            spoken = [Line(trimmed(await app.speak_whole(text))) for text in LINES[:lines]]
            await hold(app, parts, spoken[:1], 1, drafts)  # first calls compile and fill caches
            for count in sessions:
                began_s = time.monotonic()
                took = await hold(app, parts, spoken, count, drafts)
                rows.append(
                    {
                        "sessions": count,
                        "seconds": round(time.monotonic() - began_s, 1),
                        "load_average": round(os.getloadavg()[0], 1),
                        "ms": {part: summary(took[part]) for part in PARTS if took[part]},
                    }
                )
    return rows


def audible(samples: Samples) -> npt.NDArray[np.bool_]:
    """Which frames of 20 ms hold sound."""
    return np.asarray(np.abs(samples.reshape(-1, FRAME_SAMPLES)).max(axis=1) >= AUDIBLE)


def trimmed(samples: Samples) -> Samples:
    """A line without the silence after its last sound, so that its end is the end of speech."""
    return samples[: int(np.flatnonzero(np.abs(samples) >= AUDIBLE)[-1]) + 1]


def summary(took_ms: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and number."""
    p50, p95 = np.percentile(took_ms, (50, 95)).tolist()
    return {"p50": round(p50, 1), "p95": round(p95, 1), "count": len(took_ms)}


def show(rows: Sequence[dict[str, object]]) -> None:
    """One line a part, a column for each number of sessions."""
    print("p50/p95 ms".ljust(12) + "".join(f"{row['sessions']} sessions".rjust(22) for row in rows))
    for part in PARTS:
        cells = [row["ms"].get(part) for row in rows]  # type: ignore[attr-defined]
        texts = [f"{cell['p50']:.0f} / {cell['p95']:.0f} ({cell['count']})" if cell else "" for cell in cells]
        print(part.ljust(12) + "".join(text.rjust(22) for text in texts))
    print("load average" + "".join(str(row["load_average"]).rjust(22) for row in rows))


def main() -> int:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 4, 8], help="sessions at once, one load each")
    parser.add_argument("--lines", type=int, default=4, help=f"lines each caller says, at most {len(LINES)}")
    parser.add_argument(
        "--draft-every-s", type=float, default=DraftOptions().draft_every_s, help="new audio for a draft"
    )
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    drafts = DraftOptions(draft_every_s=arguments.draft_every_s)
    rows = asyncio.run(measure(arguments.sessions, arguments.lines, drafts))
    if arguments.json:
        print(json.dumps({"rows": rows}))
    else:
        show(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
