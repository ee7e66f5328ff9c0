"""The script of docs/calls.md is one that `antiphon call --script` takes."""

import re
from pathlib import Path

import numpy as np

from antiphon.cli.script import Sources, script
from antiphon.events.speech import Samples
from antiphon.realtime.transports.script import When

PAGE = Path(__file__).resolve().parents[2] / "docs" / "calls.md"


async def test_its_script_is_read_as_it_says(tmp_path: Path) -> None:
    spoken: list[tuple[str, str, str]] = []

    async def speak(text: str, voice: str, language: str) -> Samples:
        spoken.append((text, voice, language))
        return np.zeros(160, np.float32)

    async def decode(data: bytes) -> Samples:
        raise AssertionError("it names no file")

    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    file = tmp_path / "script.toml"
    file.write_text(text, "utf-8")
    lines = await script(file, Sources(decode, speak))
    assert [(line.when, line.seconds) for line in lines] == [
        (When.AFTER_REPLY, 0.0),
        (When.AFTER_SECONDS, 12.0),
        (When.OVER_REPLY, 2.0),
    ]
    assert spoken[0] == ("Good morning, I need an appointment for a cleaning.", "f2", "en")
