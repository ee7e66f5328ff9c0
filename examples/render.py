"""Speaks the recordings of the example call with our own engine: `python examples/render.py`."""

import asyncio
import tomllib
from pathlib import Path

from antiphon.app import App
from antiphon.audio.encode import encode_flac
from antiphon.config import load

HERE = Path(__file__).parent
VOICE = "f2"


async def render(script: Path) -> None:
    """Speak every turn of `script` into the file it names."""
    async with App(load(env={})) as app:
        for turn in tomllib.loads(script.read_text("utf-8"))["turns"]:
            samples = await app.speak_whole(turn["says"], VOICE, "en")
            target = script.parent / turn["file"]
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(encode_flac(samples, 16_000))
            print(target.relative_to(HERE), f"{len(samples) / 16_000:.1f} s")


if __name__ == "__main__":
    asyncio.run(render(HERE / "booking.toml"))
