"""Word times for recognisers that have none of their own, or only rough ones."""

from dataclasses import replace

import structlog

from antiphon.errors import EngineFailed, TimedOut
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import Aligner, Transcriber

log = structlog.get_logger(__name__)


class WordTimes:
    """A `Transcriber` whose words are placed by an `Aligner` where they are asked for."""

    def __init__(self, transcriber: Transcriber, aligner: Aligner) -> None:
        self.card = transcriber.card
        self._transcriber, self._aligner = transcriber, aligner

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """Recognise one utterance; its words carry aligned times, or the recogniser's own where none were found.

        Raises:
            EngineFailed: the recogniser broke. A broken aligner only costs the exact times.
            TooLong: more audio than the recogniser takes.
        """
        transcript = await self._transcriber.transcribe(samples, hearing)
        if not (hearing.words and transcript.words):
            return transcript
        try:
            times = await self._aligner.align(samples, transcript.text)
        except (EngineFailed, TimedOut) as broken:
            log.warning("alignment_failed", code=broken.code)
            return transcript
        placed = zip(transcript.words, times, strict=True)
        words = tuple(w if t is None else replace(w, start_s=t[0], end_s=t[1]) for w, t in placed)
        return replace(transcript, words=words)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """The recogniser's draft."""
        return await self._transcriber.draft(samples, hearing)
