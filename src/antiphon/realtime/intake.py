"""The caller's side of a session: windows out of frames, speech out of windows, and the turn that is being heard."""

from collections import deque
from collections.abc import Callable

import numpy as np

from antiphon.audio.frames import Framer
from antiphon.audio.pcm import RATE_HZ
from antiphon.events.speech import Hearing, Samples
from antiphon.ports.stt import StreamingTranscriber
from antiphon.ports.vad import WINDOW_SAMPLES
from antiphon.realtime.listening import Turn
from antiphon.realtime.settings import RealtimeSettings
from antiphon.serving.pauses import Change, PauseDetector
from antiphon.serving.voicing import Scheduler


class Intake:
    """Takes the caller's audio in.

    Attributes:
        received: samples taken so far: the stream time.
        turn: the turn being heard, if there is one.
        answered: a turn that was declared over, kept until its answer is audible: the caller may yet go on.
    """

    def __init__(
        self,
        ears: StreamingTranscriber,
        scheduler: Scheduler,
        settings: RealtimeSettings,
        changed: Callable[[Change], None],
    ) -> None:
        self.received = 0
        self.turn: Turn | None = None
        self.answered: Turn | None = None
        self.detector = PauseDetector(settings)
        self._ears = ears
        self._changed = changed
        self._listener = scheduler.join(self._heard)
        self._framer = Framer(WINDOW_SAMPLES)
        self._recent: deque[Samples] = deque()
        self._recent_samples = 0
        self._keep_samples = (settings.preroll_ms + settings.speech_ms) * RATE_HZ // 1000

    @property
    def now_s(self) -> float:
        """Stream time: seconds of caller audio received."""
        return self.received / RATE_HZ

    def receive(self, samples: Samples) -> None:
        """Take audio: mono float32 at 16 kHz, any length."""
        self.received += len(samples)
        turn = self.turn or self.answered
        if turn is not None:
            turn.utterance.feed(samples)
            turn.audio.append(samples)
        self._recent.append(samples)
        self._recent_samples += len(samples)
        while self._recent_samples - len(self._recent[0]) >= self._keep_samples:
            self._recent_samples -= len(self._recent.popleft())
        for window in self._framer.push(samples):
            self._listener.submit(window)

    def open(self, hearing: Hearing) -> Turn:
        """A turn begins, a little before its first speech was noticed."""
        utterance = self._ears.open(hearing)
        before = np.concatenate(list(self._recent)) if self._recent else np.zeros(0, np.float32)
        utterance.feed(before)
        self.turn = Turn(utterance, self.received - len(before), [before])
        return self.turn

    def take(self) -> None:
        """The turn is over: wait for the next one."""
        self.turn = None
        self.detector.reset()

    def reopen(self) -> None:
        """The caller had only paused: the answered turn goes on."""
        self.turn, self.answered = self.answered, None
        if self.turn is not None:
            self.turn.resume()

    def close_answered(self) -> None:
        """The answer is audible: that turn is history."""
        if self.answered is not None:
            self.answered.close()
            self.answered = None

    def close(self) -> None:
        """Give up all turns and the place in the batch."""
        for turn in (self.turn, self.answered):
            if turn is not None:
                turn.close()
        self._listener.close()

    def _heard(self, probability: float) -> None:
        self._changed(self.detector.window(probability))
