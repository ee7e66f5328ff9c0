"""Voice activity."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from antiphon.events.speech import Samples
from antiphon.ports.card import Card

WINDOW_SAMPLES = 512
"""One window: 32 ms at 16 kHz."""


class VoiceActivity(Protocol):
    """Tells speech from everything else, for many streams at once.

    Each stream owns a slot, which holds its recurrent state.
    """

    card: Card

    def open(self) -> int:
        """A fresh slot."""
        ...

    def close(self, slot: int) -> None:
        """Give a slot back."""
        ...

    def probabilities(self, slots: npt.NDArray[np.intp], windows: Samples) -> Samples:
        """Speech probability, float32 [b], of one window for each slot.

        `slots` is [b], all distinct; `windows` is float32 [b, 512] at 16 kHz.
        """
        ...
