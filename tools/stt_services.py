"""`antiphon serve` as a process of its own, with the file of variables that it reads: for tests of live services."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from prometheus_client.parser import text_string_to_metric_families

PATIENCE_S = 120.0
KEY = "primary_key_abc"
PATH = "/v1/transcribe"
USUAL = {"API_KEYS": KEY, "DEVICE": "cpu", "COMPUTE_TYPE": "int8", "ANTIPHON_AUDIO__WORKERS": "1"}

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass
class Process:
    """An `antiphon serve`.

    Attributes:
        arguments: what comes behind `serve`.
        file: where its settings are written.
        settings: those.
        home: its working directory and home; those of the test without it.
        url: where it answers.
        process: it.
    """

    arguments: tuple[str, ...]
    file: Path
    settings: dict[str, str]
    home: Path | None = None
    url: str = ""
    process: "subprocess.Popen[str]" = field(init=False)

    def __post_init__(self) -> None:
        self.configure()
        self.start()

    def configure(self, **changed: str) -> None:
        """Write the file anew, with some settings changed."""
        self.settings |= changed
        text = "".join(f"{name}={value}\n" for name, value in self.settings.items())
        # Whole at once, as tools that deploy do it.
        new = self.file.with_suffix(".new")
        new.write_text(text, "utf-8")
        new.replace(self.file)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "antiphon", "serve", *self.arguments, "--host", "127.0.0.1", "--json"],
                env=os.environ | self._places() | {"CONFIG_PATH": str(self.file)},
                cwd=self.home,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise RuntimeError(self.log.read_text()[-2000:])
        self.url = json.loads(line)["url"]

    def _places(self) -> Mapping[str, str]:
        names = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME")
        return {} if self.home is None else dict.fromkeys(names, str(self.home))

    @property
    def log(self) -> Path:
        """Where its standard error goes."""
        return self.file.with_suffix(".log")

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The lines of its log about an event."""
        written = map(json.loads, self.log.read_text().splitlines())
        return [line for line in written if line["event"] == event]

    def end(self) -> int:
        """Tell it to end; what it ended with."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode

    def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        self.process.communicate()

    def client(self, key: str = KEY, address: str | None = None) -> httpx2.AsyncClient:
        """Somebody with a key, calling from an address of loopback."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx2.AsyncHTTPTransport(local_address=address) if address else None
        return httpx2.AsyncClient(
            base_url=self.url, headers=headers, timeout=PATIENCE_S, trust_env=False, transport=transport
        )

    async def reloaded(self, **changed: str) -> None:
        """Change the file, send SIGHUP, and wait until the process has said that it took it over."""
        before = self.log.read_text().count("settings_reloaded")
        self.configure(**changed)
        self.process.send_signal(signal.SIGHUP)
        await until(lambda: self.log.read_text().count("settings_reloaded") > before)

    async def figures(self) -> Figures:
        """What it tells a Prometheus server: by name and labels."""
        async with self.client("") as client:
            page = (await client.get("/metrics")).text
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
        }

    async def until_figure(self, name: str, value: float) -> None:
        """Wait until a figure without labels has a value."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if (await self.figures())[name, frozenset()] == value:
                    return
                await asyncio.sleep(0.01)


def packaged(folder: Path, **settings: str) -> Process:
    """A primary with the engine that it comes with, without a rate limit in the way; its files are in `folder`."""
    unlimited = {"API_KEYS": KEY, "RATE_LIMIT_RPS": "0"}
    return Process(("stt", "--role", "primary", "--port", "0"), folder / "service.env", unlimited | settings)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.02)


async def transcribe(client: httpx2.AsyncClient, sound: bytes, **fields: Any) -> httpx2.Response:
    """Post a recording as a form."""
    return await client.post(PATH, files={"audio": ("a.wav", sound, "audio/wav")}, data=fields)
