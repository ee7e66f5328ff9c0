"""Where does anyone speak? Asked before any recogniser is, because recognisers invent words for noise."""

import queue
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager

import numpy as np
import numpy.typing as npt

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
SUSPICION = 0.35
"""Probability in a sweep from which a recording is listened to window by window."""
CERTAIN = 0.9
"""Probability in a sweep that is believed: on real recordings without speech none rose above 0.7."""
GLANCE = 16
"""Windows listened to from where a recording is first loud: most speech is found there."""
LOUD, LOUDEST = 0.3, 90
"""Loud is this share of the level that so many percent of the windows do not reach."""
SHORT = 64
"""Recordings of fewer windows are not worth a sweep."""
LEAST_STRIP = 16
MOST_STRIPS = 64
WARM_UP = 16
"""Windows that a strip hears before its own first one, so that its state is nearly what it would have been."""


class SpeechDetector:
    """Answers for as many recordings at once as it was given voice activities; each is used by one thread at a time.

    Windows heard one by one are what the network was made for, but cost many times what they cost in a batch, and
    speech seldom begins at once. So a glance is taken where the recording is first loud. Where that finds nothing the
    recording is swept: cut into strips that are gone through side by side, each in a slot of its own. On real
    recordings a sweep missed no speech; what it suspects is then listened to in order.
    """

    def __init__(self, activities: Sequence[VoiceActivity]) -> None:
        """The voice activities are this detector's alone."""
        self._free: queue.SimpleQueue[VoiceActivity] = queue.SimpleQueue()
        for activity in activities:
            self._free.put(activity)
        self._threads = Threads(len(activities), "speech-detector")

    async def anyone_speaks(self, samples: Samples) -> bool:
        """Whether anyone speaks in a recording, float32 [n] at 16 kHz; true where it is too short to tell."""
        return len(samples) < SHORTEST_S * RATE_HZ or await self._threads.run(self._look, samples)

    async def probabilities(self, samples: Samples) -> Samples:
        """Speech probability of each window of 512 samples, float32 [⌈n / 512⌉]."""
        return await self._threads.run(self._measure, samples)

    def close(self) -> None:
        """Begin no more work."""
        self._threads.close()

    def _look(self, samples: Samples) -> bool:
        windows = _windows(samples)
        if not windows.any():
            return False
        with self._activity() as activity:
            if _speech(activity, _first_loud(windows)):
                return True
            highest = SUSPICION if len(windows) < SHORT else _highest(activity, windows)
            return highest >= CERTAIN or (highest >= SUSPICION and _speech(activity, windows))

    def _measure(self, samples: Samples) -> Samples:
        windows = _windows(samples)
        found = np.zeros(len(windows), np.float32)
        with self._activity() as activity:
            for at, speech in _sweep(activity, windows):
                found[at] = speech
        return found

    @contextmanager
    def _activity(self) -> Iterator[VoiceActivity]:
        activity = self._free.get()
        try:
            yield activity
        finally:
            self._free.put(activity)


@contextmanager
def _slots(activity: VoiceActivity, count: int) -> Iterator[npt.NDArray[np.intp]]:
    slots = np.array([activity.open() for _ in range(count)], np.intp)
    try:
        yield slots
    finally:
        for slot in slots:
            activity.close(int(slot))


def _speech(activity: VoiceActivity, windows: Samples) -> bool:
    """Whether any of `windows` is speech, heard in order; stops at the first."""
    with _slots(activity, 1) as slot:
        return any(activity.probabilities(slot, windows[at : at + 1])[0] >= SPEECH for at in range(len(windows)))


def _first_loud(windows: Samples) -> Samples:
    """Those from where the recording is first loud."""
    power = np.einsum("ij,ij->i", windows, windows)
    rank = len(power) * LOUDEST // 100
    first = int(np.argmax(power >= LOUD**2 * np.partition(power, rank)[rank]))
    return windows[first:][:GLANCE]


def _highest(activity: VoiceActivity, windows: Samples) -> float:
    """The highest probability that a sweep finds, or the first that is certain."""
    highest = 0.0
    with closing(_sweep(activity, windows)) as sweep:
        for _, speech in sweep:
            highest = max(highest, float(speech.max()))
            if highest >= CERTAIN:
                break
    return highest


def _sweep(activity: VoiceActivity, windows: Samples) -> Generator[tuple[npt.NDArray[np.intp], Samples], None, None]:
    """Places of windows and their speech probabilities, in the order in which they become known."""
    length = max(LEAST_STRIP, -(-len(windows) // MOST_STRIPS))
    starts = np.arange(0, len(windows), length)
    with _slots(activity, len(starts)) as slots:
        for step in range(-WARM_UP if len(starts) > 1 else 0, length):
            at = starts + step
            there = (at >= 0) & (at < len(windows))
            speech = activity.probabilities(slots[there], windows[at[there]])
            if step >= 0:
                yield at[there], speech


def _windows(samples: Samples) -> Samples:
    """The recording as float32 [⌈n / 512⌉, 512], raised if it is quiet; all zero where it is no sound."""
    rows = np.zeros((-(-len(samples) // WINDOW_SAMPLES), WINDOW_SAMPLES), np.float32)
    peak = float(np.abs(samples).max(initial=0.0))
    if np.isfinite(peak) and peak > 0.0:
        rows.reshape(-1)[: len(samples)] = samples
        rows *= np.float32(max(1.0, QUIET_PEAK / peak))
    return rows
