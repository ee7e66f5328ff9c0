"""A door in front of a recogniser that recordings without speech do not pass: recognisers invent words for noise."""

import numpy as np

from antiphon.audio.pcm import RATE_HZ
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import Transcriber
from antiphon.ports.vad import WINDOW_SAMPLES, VoiceActivity
from antiphon.serving.threads import Threads

SPEECH = 0.5
"""Probability from which a window counts as speech; the one Silero's authors use."""
SHORTEST_S = 0.8
"""Shorter recordings pass unseen: a clipped digit gives voice activity too little to go by."""
QUIET_PEAK = 0.1
"""Quieter recordings are raised to this peak first: voice activity misses speech below about -50 dBFS."""


class SpeechGate:
    """A `Transcriber` that asks voice activity first and answers "no speech" where there is none.

    The voice activity is used by this gate alone, from one thread.
    """

    def __init__(self, transcriber: Transcriber, activity: VoiceActivity) -> None:
        self.card = transcriber.card
        self._transcriber, self._activity = transcriber, activity
        self._thread = Threads(1, "speech-gate")

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """Recognise one utterance, float32 [n] at 16 kHz, if anyone speaks in it.

        Raises:
            EngineFailed: the engine broke.
            TooLong: more audio than the engine takes.
        """
        if len(samples) < SHORTEST_S * RATE_HZ or await self._thread.run(self._anyone_speaks, samples):
            return await self._transcriber.transcribe(samples, hearing)
        return Transcript(
            text="",
            confidence=1.0,
            language=hearing.language or (self.card.languages or ("en",))[0],
            duration_s=len(samples) / RATE_HZ,
            engine=self.card.name,
            no_speech=True,
        )

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """A draft; not gated, because drafts are asked for once somebody speaks."""
        return await self._transcriber.draft(samples, hearing)

    def close(self) -> None:
        """Begin no more work. The engines behind it are closed by whoever opened them."""
        self._thread.close()

    def _anyone_speaks(self, samples: Samples) -> bool:
        """Whether any window is speech; stops at the first one."""
        peak = float(np.abs(samples).max(initial=0.0))
        if not np.isfinite(peak) or peak == 0.0:
            return False
        gain = np.float32(max(1.0, QUIET_PEAK / peak))
        slot = self._activity.open()
        try:
            for start in range(0, len(samples), WINDOW_SAMPLES):
                window = np.zeros((1, WINDOW_SAMPLES), np.float32)
                piece = samples[start : start + WINDOW_SAMPLES]
                window[0, : len(piece)] = piece * gain
                if self._activity.probabilities(np.array([slot], np.intp), window)[0] >= SPEECH:
                    return True
        finally:
            self._activity.close(slot)
        return False
