# mypy: ignore-errors
"""One load of `bench.sessions` with pipecat, run by `.venv-bench/bin/python`: imports nothing of Antiphon.

As many pipelines as sessions, in one process and one event loop, on one CPU:

    input ─ SegmentedSTTService ─ user aggregator (VAD, turns) ─ LLMService ─ TTSService ─ output ─ assistant aggregator

The engines are trivial: speech is whatever is loud, the transcript and the reply are fixed, the voice is one second of
a constant. No log, metrics, observers, heartbeats, RTVI, turn or idle tracking; turns end after a silence, without a
model. The output transport paces its 20 ms frames as pipecat's websocket transport does.

A frame is through when the analyser has judged it, that is, after the transport, the recogniser's buffer and the
aggregator. `--vad stock` leaves pipecat's analyser as it is: a thread a session, and the loudness of the last 400 ms
measured with each window. `--vad inline` replaces both by a comparison on the event loop.
"""

import argparse
import asyncio
import base64
import json
import os
import sys
import time
import warnings
from array import array

from loguru import logger

logger.remove()
logger.disable("pipecat")
warnings.simplefilter("ignore")

from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams, VADState  # noqa: E402
from pipecat.frames.frames import (  # noqa: E402
    InputAudioRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline  # noqa: E402
from pipecat.pipeline.worker import PipelineParams, PipelineWorker  # noqa: E402
from pipecat.processors.aggregators.llm_context import LLMContext  # noqa: E402
from pipecat.processors.aggregators.llm_response_universal import (  # noqa: E402
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.services.llm_service import LLMService  # noqa: E402
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings  # noqa: E402
from pipecat.services.stt_service import SegmentedSTTService  # noqa: E402
from pipecat.services.tts_service import TTSService  # noqa: E402
from pipecat.transports.base_input import BaseInputTransport  # noqa: E402
from pipecat.transports.base_output import BaseOutputTransport  # noqa: E402
from pipecat.transports.base_transport import TransportParams  # noqa: E402
from pipecat.turns.user_start import VADUserTurnStartStrategy  # noqa: E402
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy  # noqa: E402
from pipecat.turns.user_turn_strategies import UserTurnStrategies  # noqa: E402
from pipecat.workers.runner import WorkerRunner  # noqa: E402

RATE_HZ = 16_000
FRAME_S = 0.02
WINDOW_SAMPLES = 512
LOUD = 800
REPLY = "You are booked for thursday."
WORD = array("h", [6000] * (RATE_HZ // 4)).tobytes()
"""A quarter of a second of speech; a reply has four."""


class Lag:
    """When frames were due, and how much later they were through, in seconds."""

    def __init__(self) -> None:
        self.due = []
        self.seconds = []


class Loudness(VADAnalyzer):
    """Speech is whatever is loud; notes when a frame has been judged."""

    def __init__(self, lag: Lag, *, inline: bool) -> None:
        super().__init__(params=VADParams(start_secs=0.1, stop_secs=0.2, min_volume=0.0))
        self._lag = lag
        self._inline = inline
        self._frames = 0

    def num_frames_required(self) -> int:
        """Samples in a window, as many as Silero's."""
        return WINDOW_SAMPLES

    def voice_confidence(self, buffer: bytes) -> float:
        """A few samples tell."""
        return 1.0 if max(array("h", buffer)[::8]) > LOUD else 0.0

    def _get_smoothed_volume(self, audio: bytes) -> float:
        return 1.0 if self._inline else super()._get_smoothed_volume(audio)

    async def analyze_audio(self, buffer: bytes) -> VADState:
        """Judge, and note the time."""
        state = self._run_analyzer(buffer) if self._inline else await super().analyze_audio(buffer)
        self._lag.seconds.append(time.monotonic() - self._lag.due[self._frames])
        self._frames += 1
        return state


class Ears(SegmentedSTTService):
    """Understands the same of every utterance."""

    def __init__(self) -> None:
        super().__init__(
            ttfs_p99_latency=0.0, trailing_silence_secs=0.0, settings=STTSettings(model=None, language=None)
        )
        self.heard = 0

    @property
    def wants_wav_segments(self) -> bool:
        """Bare PCM will do."""
        return False

    async def run_stt(self, audio: bytes):
        """The transcript."""
        self.heard += 1
        yield TranscriptionFrame("please book me for thursday", "", "")


class Mind(LLMService):
    """Says the same to everything."""

    def __init__(self) -> None:
        absent = dict.fromkeys(
            (
                "model",
                "system_instruction",
                "temperature",
                "max_tokens",
                "top_p",
                "top_k",
                "frequency_penalty",
                "presence_penalty",
                "seed",
                "filter_incomplete_user_turns",
                "user_turn_completion_config",
            )
        )
        super().__init__(settings=LLMSettings(**absent))

    async def process_frame(self, frame, direction) -> None:
        """Answer a context."""
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMContextFrame):
            await self.push_frame(LLMFullResponseStartFrame())
            await self.push_frame(LLMTextFrame(REPLY))
            await self.push_frame(LLMFullResponseEndFrame())
        else:
            await self.push_frame(frame, direction)


class Voice(TTSService):
    """Speaks one second."""

    def __init__(self) -> None:
        super().__init__(
            push_start_frame=True, push_stop_frames=True, settings=TTSSettings(model=None, voice=None, language=None)
        )

    async def run_tts(self, text: str, context_id: str):
        """Four words."""
        for _ in range(4):
            await asyncio.sleep(0)
            yield TTSAudioRawFrame(WORD, RATE_HZ, 1, context_id=context_id)


class In(BaseInputTransport):
    """Frames come from the bench."""

    async def start(self, frame) -> None:
        """Ready at once."""
        await super().start(frame)
        await self.set_transport_ready(frame)


class Out(BaseOutputTransport):
    """Counts the audio, at the pace of a wire."""

    def __init__(self, params: TransportParams) -> None:
        super().__init__(params)
        self.audible_s = 0.0
        self._next_s = 0.0

    async def start(self, frame) -> None:
        """Ready at once."""
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame) -> bool:
        """Take a frame and wait until the next one may come."""
        self.audible_s += len(frame.audio) / 2 / RATE_HZ
        wait_s = max(0.0, self._next_s - time.monotonic())
        await asyncio.sleep(wait_s)
        self._next_s = (self._next_s if wait_s else time.monotonic()) + FRAME_S
        return True


class Call:
    """One session."""

    def __init__(self, vad: str) -> None:
        params = TransportParams(
            audio_in_enabled=True,
            audio_in_sample_rate=RATE_HZ,
            audio_out_enabled=True,
            audio_out_sample_rate=RATE_HZ,
            audio_out_10ms_chunks=2,
            audio_out_end_silence_secs=0,
        )
        self.lag = Lag()
        self.input, self.output, self.ears = In(params), Out(params), Ears()
        turns = UserTurnStrategies(
            start=[VADUserTurnStartStrategy()], stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.15)]
        )
        analyser = Loudness(self.lag, inline=vad == "inline")
        pair = LLMContextAggregatorPair(
            LLMContext(), user_params=LLMUserAggregatorParams(user_turn_strategies=turns, vad_analyzer=analyser)
        )
        steps = [self.input, self.ears, pair.user(), Mind(), Voice(), self.output, pair.assistant()]
        self.worker = PipelineWorker(
            Pipeline(steps),
            params=PipelineParams(audio_in_sample_rate=RATE_HZ, audio_out_sample_rate=RATE_HZ),
            cancel_on_idle_timeout=False,
            idle_timeout_secs=None,
            enable_rtvi=False,
            enable_turn_tracking=False,
            check_dangling_tasks=False,
        )
        self.started = asyncio.Event()
        self.worker.event_handler("on_pipeline_started")(self._started)

    async def _started(self, worker, frame) -> None:
        self.started.set()


async def drive(calls: list[Call], arguments: argparse.Namespace) -> tuple[float, int]:
    """Give every session its frame every 20 ms; seconds of CPU for the measured frames, and their number a session."""
    script = json.loads(sys.stdin.read())
    cycle, step = script["cycle_frames"], 2 * int(RATE_HZ * FRAME_S)
    speech = base64.b64decode(script["speech"]).ljust(cycle * step, b"\0")
    wire = [speech[at : at + step] for at in range(0, len(speech), step)]
    began_s, cpu_s = time.monotonic() + FRAME_S, 0.0
    for tick in range(arguments.warm_frames + arguments.frames):
        if tick == arguments.warm_frames:
            cpu_s = time.process_time()
        due_s = began_s + tick * FRAME_S
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        if time.monotonic() - due_s > script["hopeless_s"]:
            break
        for call, offset in zip(calls, script["offsets"], strict=True):
            call.lag.due.append(due_s)
            await call.input.push_audio_frame(InputAudioRawFrame(wire[(tick + offset) % cycle], RATE_HZ, 1))
    cpu_s = time.process_time() - cpu_s
    await asyncio.sleep(0.2)  # a frame that is not through by now counts as hopelessly late
    return cpu_s, tick + 1 - arguments.warm_frames


async def main() -> None:
    """Run one load and print what came of it."""
    parser = argparse.ArgumentParser()
    for name in ("sessions", "warm-frames", "frames", "cpu"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--vad", choices=("stock", "inline"), required=True)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {arguments.cpu})
    calls = [Call(arguments.vad) for _ in range(arguments.sessions)]
    runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
    await runner.add_workers(*(call.worker for call in calls))
    running = asyncio.create_task(runner.run(auto_end=False))
    for call in calls:
        await call.started.wait()
    cpu_s, frames = await drive(calls, arguments)
    lag_s = [lag for call in calls for lag in call.lag.seconds[arguments.warm_frames :]]
    audible_s = [call.output.audible_s for call in calls]
    print(json.dumps({"lag_s": lag_s, "cpu_s": cpu_s, "frames": frames, "audible_s": audible_s}))
    sys.stdout.flush()
    running.cancel()
    os._exit(0)  # taking hundreds of pipelines down in order takes longer than measuring them


if __name__ == "__main__":
    asyncio.run(main())
