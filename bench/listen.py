"""Live streams a core can carry, against a WebSocket that only echoes: what the way through the service costs.

Each server is a process of its own on one core; callers on another core send 16-bit frames at 16 kHz in real time, two
seconds of speech and one of silence in turn. The engine is trivial, so that only the wire, voice activity, utterances
and messages cost; once more with the real voice activity. A core carries as many streams as fit into a second of its
CPU time; the echo, on the same server and in the same run, is the limit.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import uvicorn
from bench.sessions import SameWords, voice_activity, vowels
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect

from antiphon.audio.pcm import to_s16_bytes
from antiphon.events.live import Final, Start, decode_server, encode
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.gateway.asgi import Services, build
from antiphon.gateway.live_socket import LiveSockets
from antiphon.ports.stt import StreamingTranscriber
from antiphon.stt.account import Account
from antiphon.stt.listen_settings import ListenSettings
from antiphon.stt.live import Live
from antiphon.stt.service import Model

ROOT = Path(__file__).resolve().parents[1]
RATE_HZ = 16_000
SPEECH_S, SILENCE_S = 2.0, 1.0
SERVERS = ("echo", "level", "silero")
MEANING = {"echo": "echo", "level": "antiphon, trivial", "silero": "antiphon, silero"}
TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """What one server took.

    Attributes:
        frames: frames sent while it was measured.
        cpu_s: its CPU time meanwhile.
        wall_s: how long that was.
        finals: final transcripts that were told.
    """

    server: str
    frame_ms: int
    streams: int
    frames: int
    cpu_s: float
    wall_s: float
    finals: int

    @property
    def cpu_us_a_frame(self) -> float:
        """CPU time of a frame."""
        return self.cpu_s / self.frames * 1e6

    @property
    def streams_a_core(self) -> float:
        """Streams whose frames fit into all the time of a core."""
        return self.frame_ms / 1e3 / (self.cpu_s / self.frames)


class SameService:
    """Understands the same of everything, at once; satisfies `stt.live.Service`."""

    def __init__(self, vad: str) -> None:
        self.streaming: StreamingTranscriber = SameWords()
        self.card = SameWords.card
        self.models: tuple[Model, ...] = (Model("same"),)
        activity = voice_activity(vad)
        self.activity = lambda: activity

    async def hear_samples(self, samples: Samples, hearing: Hearing, account: Account) -> Transcript:
        """The words."""
        return Transcript("please book me for thursday", 0.9, "en", len(samples) / RATE_HZ, "same")


# ── the server's process ────────────────────────────────────────────────────────────────────────────────────────────


async def echo(websocket: WebSocket) -> None:
    """Send back what comes."""
    await websocket.accept()
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (data := message.get("bytes")) is not None:
                await websocket.send_bytes(data)
    except (WebSocketDisconnect, RuntimeError):
        return


def application(server: str) -> ASGIApp:
    """What a server serves."""
    if server == "echo":
        return Starlette(routes=[WebSocketRoute("/v1/listen", echo)])
    return build(Services(live=Live(SameService(server), ListenSettings(max_sessions=10_000))))


def serve(server: str, cpu: int) -> None:
    """Be a server until killed; prints the port."""
    os.sched_setaffinity(0, {cpu})
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(application(server), ws=LiveSockets, log_config=None, access_log=False, lifespan="off")
    asyncio.run(uvicorn.Server(config).serve([listener]))


# ── the callers' process ────────────────────────────────────────────────────────────────────────────────────────────


def script(frame_ms: int) -> list[bytes]:
    """Frames of one round of speech and silence."""
    speech = vowels(int(SPEECH_S * RATE_HZ))
    sound = np.concatenate([speech, np.zeros(int(SILENCE_S * RATE_HZ), np.float32)])
    size = RATE_HZ * frame_ms // 1000
    return [to_s16_bytes(sound[at : at + size]) for at in range(0, len(sound) // size * size, size)]


async def listen(caller: ClientConnection, heard: SimpleNamespace) -> None:
    """Read what comes, and count finals."""
    async for message in caller:
        if isinstance(message, str) and '"final"' in message and isinstance(decode_server(message), Final):
            heard.finals += 1


async def call(server: str, pid: int, port: int, frame_ms: int, streams: int, seconds: float) -> Load:
    """Hold one load."""
    frames, heard = script(frame_ms), SimpleNamespace(finals=0)
    callers = [await connect(f"ws://127.0.0.1:{port}/v1/listen", compression=None) for _ in range(streams)]
    if server != "echo":
        for caller in callers:
            await caller.send(encode(Start(language="en")))
    readers = [asyncio.create_task(listen(caller, heard)) for caller in callers]
    warm, measured = int(1e3 / frame_ms), int(seconds * 1e3 / frame_ms)
    began_s = time.monotonic()
    cpu_s = wall_s = 0.0
    for tick in range(warm + measured):
        if tick == warm:
            cpu_s, wall_s, heard.finals = cpu_seconds(pid), time.monotonic(), 0
        await asyncio.sleep(max(0.0, began_s + tick * frame_ms / 1e3 - time.monotonic()))
        for index, caller in enumerate(callers):
            await caller.send(frames[(tick + index) % len(frames)])
    used_s, wall_s = cpu_seconds(pid) - cpu_s, time.monotonic() - wall_s
    load = Load(server, frame_ms, streams, measured * streams, used_s, wall_s, heard.finals)
    for task in readers:
        task.cancel()
    for caller in callers:
        caller.transport.abort()
    return load


def cpu_seconds(pid: int) -> float:
    """CPU time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_S


def measure(server: str, frame_ms: int, arguments: argparse.Namespace) -> Load:
    """One load on a fresh server."""
    command = [sys.executable, "-m", "bench.listen", "--serve", server, "--cpu", str(arguments.cpu)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        return asyncio.run(call(server, process.pid, port, frame_ms, arguments.streams, arguments.seconds))
    finally:
        process.kill()
        process.communicate()


def main() -> int:
    """Measure all servers, print them and their share of the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    cpus = sorted(os.sched_getaffinity(0))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--streams", type=int, default=80, help="streams at once")
    parser.add_argument("--seconds", type=float, default=9.0, help="how long each load is measured")
    parser.add_argument("--cpu", type=int, default=cpus[-1], help="the server's core")
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.cpu)
        return 0
    os.sched_setaffinity(0, set(cpus) - {arguments.cpu} or set(cpus))
    told: list[dict[str, Any]] = []
    for frame_ms in (20, 100):
        limit = 0.0
        for server in SERVERS:
            load = measure(server, frame_ms, arguments)
            limit = limit or load.streams_a_core
            share = load.streams_a_core / limit
            told.append(asdict(load) | {"streams_a_core": load.streams_a_core, "share_of_echo": share})
            if not arguments.json:
                print(
                    f"{frame_ms:4d} ms frames  {MEANING[server]:18s} {load.cpu_us_a_frame:7.1f} µs CPU a frame"
                    f"  {load.streams_a_core:6.0f} streams a core  {share:4.0%} of the echo's"
                    f"  {load.finals} finals (load average {os.getloadavg()[0]:.1f})"
                )
    if arguments.json:
        print(json.dumps({"load_average": os.getloadavg(), "loads": told}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
