"""Where an utterance begins, pauses, goes on: a pure state machine over speech probabilities, one window at a time."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

WINDOW_MS = 32


class Change(Enum):
    """What a window changed."""

    SAME = auto()
    STARTED = auto()
    PAUSED = auto()
    RESUMED = auto()


class Thresholds(Protocol):
    """What tells speech from silence."""

    @property
    def speech_threshold(self) -> float:
        """Speech probability above which a window counts as speech."""
        ...

    @property
    def silence_threshold(self) -> float:
        """Speech probability below which it counts as silence."""
        ...

    @property
    def speech_ms(self) -> int:
        """Speech needed before an utterance begins."""
        ...

    @property
    def pause_ms(self) -> int:
        """Silence after which it pauses."""
        ...


@dataclass(slots=True)
class PauseDetector:
    """Follows one stream.

    `speech_ms` windows of speech in a row start an utterance (a click does not); two thresholds keep it from
    flickering. It only counts: which silence ends an utterance is for others to decide.
    """

    settings: Thresholds
    speaking: bool = False
    paused: bool = False
    speech_run_ms: int = 0
    silence_ms: int = 0
    voiced_ms: int = 0

    def window(self, probability: float) -> Change:
        """Take the next window's speech probability."""
        if probability >= self.settings.speech_threshold:
            return self._speech()
        if probability < self.settings.silence_threshold:
            return self._silence()
        # Between the thresholds a window belongs to whatever went before it.
        return self._silence() if self.paused or not self.speaking else Change.SAME

    def reset(self) -> None:
        """The utterance is over: wait for the next one."""
        self.speaking = self.paused = False
        self.speech_run_ms = self.silence_ms = self.voiced_ms = 0

    def _speech(self) -> Change:
        self.speech_run_ms += WINDOW_MS
        if not self.speaking:
            if self.speech_run_ms < self.settings.speech_ms:
                return Change.SAME
            self.speaking, self.voiced_ms = True, self.speech_run_ms
            self.silence_ms = 0
            return Change.STARTED
        self.voiced_ms += WINDOW_MS
        if self.paused:
            # One loud window in a pause may be a click: the silence goes on counting until speech is sure.
            if self.speech_run_ms < min(self.settings.speech_ms, 2 * WINDOW_MS):
                return Change.SAME
            self.paused, self.silence_ms = False, 0
            return Change.RESUMED
        self.silence_ms = 0
        return Change.SAME

    def _silence(self) -> Change:
        self.speech_run_ms = 0
        self.silence_ms += WINDOW_MS
        if self.speaking and not self.paused and self.silence_ms >= self.settings.pause_ms:
            self.paused = True
            return Change.PAUSED
        return Change.SAME
