"""Both sides of a call, and what happened in it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from antiphon.events.session import SessionEvent
from antiphon.events.speech import Samples


@dataclass(slots=True)
class CallTape:
    """Both sides of a call and what happened in it.

    Attributes:
        caller: the caller's frames, float32 [320] at 16 kHz each.
        agent: the agent's, as long.
        events: what the session told.
        listener: is told each event as it happens.
    """

    caller: list[Samples] = field(default_factory=list)
    agent: list[Samples] = field(default_factory=list)
    events: list[SessionEvent] = field(default_factory=list)
    listener: Callable[[SessionEvent], None] | None = None

    def emit(self, event: SessionEvent) -> None:
        """Keep an event."""
        self.events.append(event)
        if self.listener is not None:
            self.listener(event)

    @property
    def stereo(self) -> Samples:
        """Float32 [2, n] at 16 kHz: caller, agent."""
        if not self.caller:
            return np.zeros((2, 0), np.float32)
        return np.stack([np.concatenate(self.caller), np.concatenate(self.agent)])
