"""Word times for recognisers that have none of their own, or only rough ones."""

import math
from collections.abc import Sequence
from dataclasses import replace

import structlog

from antiphon.errors import EngineFailed, TimedOut
from antiphon.events.speech import Hearing, Samples, Transcript, Word
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
        if not (hearing.words and self._can_place(transcript, hearing)):
            return transcript
        try:
            times = await self._aligner.align(samples, transcript.text)
        except (EngineFailed, TimedOut) as broken:
            log.warning("alignment_failed", code=broken.code)
            return transcript
        return replace(transcript, words=_placed(transcript.words, times))

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """The recogniser's draft."""
        return await self._transcriber.draft(samples, hearing)

    def _can_place(self, transcript: Transcript, hearing: Hearing) -> bool:
        """Whether the aligner knows the language of the words, and they are what was said, one for each it is shown."""
        known = self._aligner.card.languages
        if hearing.translate or (known and transcript.language not in known):
            return False
        return 0 < len(transcript.words) == len(transcript.text.split())


def _placed(words: Sequence[Word], times: Sequence[tuple[float, float] | None]) -> tuple[Word, ...]:
    """Words at the times that were found; those without keep their own as far as their neighbours leave room."""
    placed: list[Word] = []
    for index, (word, found) in enumerate(zip(words, times, strict=True)):
        if found is None:
            low_s = placed[-1].end_s if placed else 0.0
            high_s = max(low_s, next((t[0] for t in times[index + 1 :] if t is not None), math.inf))
            start_s = min(max(word.start_s, low_s), high_s)
            found = start_s, min(max(word.end_s, start_s), high_s)
        placed.append(replace(word, start_s=found[0], end_s=found[1]))
    return tuple(placed)
