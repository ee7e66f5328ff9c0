"""Segments for recognisers that tell none."""

from dataclasses import replace

from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import Transcriber
from antiphon.stt.segments import segments


class Segmented:
    """A `Transcriber` whose transcripts have segments: sentences, where the recogniser's own words stand.

    They are made before anybody places words better, so that they are the same whether or not words are asked for.
    """

    def __init__(self, transcriber: Transcriber) -> None:
        self.card = transcriber.card
        self._transcriber = transcriber

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """Recognise one utterance.

        Raises:
            EngineFailed: the recogniser broke.
            TooLong: more audio than the recogniser takes.
        """
        heard = await self._transcriber.transcribe(samples, replace(hearing, words=True))
        return replace(heard, segments=segments(heard), words=heard.words if hearing.words else ())

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """The recogniser's draft."""
        return await self._transcriber.draft(samples, hearing)
