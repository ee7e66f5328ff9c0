"""A caller who reads from a script: recordings spoken after the reply, after some seconds, or over the reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from antiphon.audio.pcm import RATE_HZ
from antiphon.events.speech import Samples
from antiphon.realtime.session import Session

FRAME_SAMPLES = RATE_HZ // 50
"""20 ms, as telephony has it."""


class When(StrEnum):
    """When a line is spoken."""

    AFTER_REPLY = "after_reply"
    AFTER_SECONDS = "after_s"
    OVER_REPLY = "over_s"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Something the caller says.

    Attributes:
        samples: mono float32 at 16 kHz.
        when: when it is spoken.
        seconds: after the caller's last words for `AFTER_SECONDS`, after the reply became audible for `OVER_REPLY`.
    """

    samples: Samples
    when: When = When.AFTER_REPLY
    seconds: float = 0.0


class ScriptedCaller:
    """Gives a session its frames, one line after the other, and hangs up when the last one has been answered."""

    def __init__(
        self, lines: Sequence[Line], *, gap_s: float = 0.6, patience_s: float = 12.0, tail_s: float = 1.0
    ) -> None:
        self._lines = list(lines)
        self._gap_s = gap_s
        self._patience_s = patience_s
        self._tail_s = tail_s
        self._line: Samples | None = None
        self._at = 0
        self._since_words_s = 0.0
        self._audible_for_s = 0.0
        self._quiet_for_s = 0.0
        self._answered = False

    @property
    def remaining(self) -> int:
        """Lines not begun yet."""
        return len(self._lines)

    def frame(self, session: Session) -> Samples | None:
        """The caller's next 20 ms, float32 [320]; None when they hang up."""
        if self._line is None:
            self._listen(session)
            if not self._lines and self._done(session):
                return None
            if not self._lines or not self._due(session):
                return np.zeros(FRAME_SAMPLES, np.float32)
            self._line, self._at = self._lines.pop(0).samples, 0
        return self._speak()

    def _speak(self) -> Samples:
        line = self._line if self._line is not None else np.zeros(0, np.float32)
        frame = line[self._at : self._at + FRAME_SAMPLES]
        self._at += FRAME_SAMPLES
        if self._at >= len(line):
            self._line = None
            self._since_words_s = self._audible_for_s = self._quiet_for_s = 0.0
            self._answered = False
        return np.pad(frame, (0, FRAME_SAMPLES - len(frame)))

    def _listen(self, session: Session) -> None:
        step_s = FRAME_SAMPLES / RATE_HZ
        self._since_words_s += step_s
        if session.agent_audible:
            self._answered = True
            self._audible_for_s += step_s
        self._quiet_for_s = 0.0 if session.agent_active or session.caller_active else self._quiet_for_s + step_s

    def _due(self, session: Session) -> bool:
        line = self._lines[0]
        if line.when is When.AFTER_SECONDS:
            return self._since_words_s >= line.seconds
        if line.when is When.OVER_REPLY and session.agent_audible:
            return self._audible_for_s >= line.seconds
        return self._over(self._gap_s)

    def _done(self, session: Session) -> bool:
        return session.ended or self._over(self._tail_s)

    def _over(self, quiet_s: float) -> bool:
        """The agent has answered and fallen silent, or will not answer."""
        return self._quiet_for_s >= (quiet_s if self._answered else self._patience_s)
