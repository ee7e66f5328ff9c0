"""Does anyone speak in it? Asked before any recogniser is, because recognisers invent words for noise."""

import queue
from collections.abc import Iterator, Sequence

import numpy as np

from antiphon.audio.pcm import RATE_HZ
from antiphon.events.speech import Samples
from antiphon.ports.vad import WINDOW_SAMPLES, VoiceActivity
from antiphon.serving.threads import Threads

SPEECH = 0.5
"""Probability from which a window counts as speech; the one Silero's authors use."""
SHORTEST_S = 0.8
"""Shorter recordings count as speech unseen: a clipped digit gives voice activity too little to go by."""
QUIET_PEAK = 0.1
"""Quieter recordings are raised to this peak first: voice activity misses speech below about -50 dBFS."""


class SpeechDetector:
    """Answers for as many recordings at once as it was given voice activities; each is used by one thread at a time."""

    def __init__(self, activities: Sequence[VoiceActivity]) -> None:
        """The voice activities are this detector's alone."""
        self._free: queue.SimpleQueue[VoiceActivity] = queue.SimpleQueue()
        for activity in activities:
            self._free.put(activity)
        self._threads = Threads(len(activities), "speech-detector")

    async def anyone_speaks(self, samples: Samples) -> bool:
        """Whether anyone speaks in a recording, float32 [n] at 16 kHz; true where it is too short to tell."""
        return len(samples) < SHORTEST_S * RATE_HZ or await self._threads.run(self._look, samples)

    def close(self) -> None:
        """Begin no more work."""
        self._threads.close()

    def _look(self, samples: Samples) -> bool:
        peak = float(np.abs(samples).max(initial=0.0))
        if not np.isfinite(peak) or peak == 0.0:
            return False
        gain = np.float32(max(1.0, QUIET_PEAK / peak))
        activity = self._free.get()
        slot = activity.open()
        try:
            return any(p >= SPEECH for p in _probabilities(activity, slot, samples, gain))
        finally:
            activity.close(slot)
            self._free.put(activity)


def _probabilities(activity: VoiceActivity, slot: int, samples: Samples, gain: np.float32) -> Iterator[float]:
    slots = np.array([slot], np.intp)
    for start in range(0, len(samples), WINDOW_SAMPLES):
        window = np.zeros((1, WINDOW_SAMPLES), np.float32)
        piece = samples[start : start + WINDOW_SAMPLES]
        window[0, : len(piece)] = piece * gain
        yield float(activity.probabilities(slots, window)[0])
