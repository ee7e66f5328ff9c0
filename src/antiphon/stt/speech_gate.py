"""A door in front of a recogniser that recordings without speech do not pass: recognisers invent words for noise."""

from antiphon.audio.pcm import RATE_HZ
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.card import Card
from antiphon.ports.stt import Transcriber
from antiphon.stt.speech_detector import SpeechDetector


class SpeechGate:
    """A `Transcriber` that asks voice activity first and answers "no speech" where there is none."""

    def __init__(self, transcriber: Transcriber, detector: SpeechDetector) -> None:
        self.card = transcriber.card
        self._transcriber, self._detector = transcriber, detector

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """Recognise one utterance, float32 [n] at 16 kHz, if anyone speaks in it.

        Raises:
            EngineFailed: the engine broke.
            TooLong: more audio than the engine takes.
        """
        if await self._detector.anyone_speaks(samples):
            return await self._transcriber.transcribe(samples, hearing)
        return silence(samples, hearing, self.card)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """A draft; not gated, because drafts are asked for once somebody speaks."""
        return await self._transcriber.draft(samples, hearing)


def silence(samples: Samples, hearing: Hearing, card: Card) -> Transcript:
    """The answer for a recording in which nobody speaks, on behalf of the engine that was not asked.

    Its language is the one that was named, or the only one there is: nothing was said to detect one by.
    """
    return Transcript(
        text="",
        confidence=1.0,
        language=hearing.language or (card.languages[0] if len(card.languages) == 1 else ""),
        duration_s=len(samples) / RATE_HZ,
        engine=card.name,
        no_speech=True,
    )
