"""The `antiphon` command with a recogniser that dies when it is told to, by the file that DIES_BY names.

What stands in the file is how: `raise` breaks every call from then on, `hang` answers none any more.
"""

import asyncio
import os
import threading
from pathlib import Path

from antiphon.cli.main import main
from antiphon.engines.stt import moonshine_onnxruntime as engine
from antiphon.events.speech import Hearing, Samples, Transcript


class MortalRecogniser:
    """Hears the same three words in everything, in a thread; satisfies `ports.stt.Transcriber`."""

    card = engine.CARD

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """The words, while it lives."""
        await asyncio.to_thread(_live)
        return Transcript("these three words", 0.9, "en", len(samples) / 16_000, self.card.name)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """The words, while it lives."""
        return (await self.transcribe(samples, hearing)).text

    def close(self) -> None:
        """Nothing to close."""


def _live() -> None:
    order = Path(os.environ["DIES_BY"])
    how = order.read_text("utf-8") if order.exists() else ""
    if how == "raise":
        raise RuntimeError("the engine is gone")
    if how == "hang":
        threading.Event().wait()


if __name__ == "__main__":
    engine.load = lambda options: MortalRecogniser()  # type: ignore[assignment,return-value]
    main()
