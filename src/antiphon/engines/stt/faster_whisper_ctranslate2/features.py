"""Sound to the log-mel spectrogram that Whisper hears.

Source: OpenAI's whisper/audio.py; equal to faster-whisper's `FeatureExtractor` to rounding, but computed piece by
piece, so that an hour of sound does not take gigabytes.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from antiphon.events.speech import Samples

Floats: TypeAlias = npt.NDArray[np.float32]

FFT_SAMPLES = 400
HOP_SAMPLES = 160
PIECE_FRAMES = 3000
INAUDIBLE = 1e-4
"""Peak below which there is nothing to hear: three steps of 16-bit sound. Where somebody speaks, voice activity tells
before a recording comes here; this only keeps digital silence from the model, which would invent words for it."""


class Spectrogram:
    """Computes spectrograms of a number of mel bands; may be called from several threads at once."""

    def __init__(self, bands: int) -> None:
        """`bands` is 80, or 128 for the large models since v3."""
        from faster_whisper.feature_extractor import FeatureExtractor

        self._filters: Floats = FeatureExtractor.get_mel_filters(16_000, FFT_SAMPLES, bands).astype(np.float32)
        self._window = np.hanning(FFT_SAMPLES + 1)[:-1].astype(np.float32)

    def __call__(self, samples: Samples) -> Floats:
        """Float32 [bands, frames] of float32 [n] at 16 kHz: a frame for every 10 ms begun, about -1 to 1.5."""
        tail = np.zeros(HOP_SAMPLES, np.float32)
        padded = np.pad(np.concatenate((samples, tail)), FFT_SAMPLES // 2, mode="reflect")
        views = np.lib.stride_tricks.sliding_window_view(padded, FFT_SAMPLES)[::HOP_SAMPLES][:-1]
        found = np.empty((len(self._filters), len(views)), np.float32)
        for begin in range(0, len(views), PIECE_FRAMES):
            spectrum = np.fft.rfft(views[begin : begin + PIECE_FRAMES] * self._window, axis=1)
            power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32, copy=False)
            found[:, begin : begin + PIECE_FRAMES] = self._filters @ power.T
        np.log10(np.maximum(found, 1e-10, out=found), out=found)
        np.maximum(found, found.max(initial=-10.0) - 8.0, out=found)
        found += 4.0
        found /= 4.0
        return found


def cleaned(samples: Samples) -> Samples:
    """The sound without what is no number and within [-1, 1]; empty where it is inaudible."""
    samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32, copy=False)
    np.clip(samples, -1.0, 1.0, out=samples)
    return samples if np.abs(samples).max(initial=0.0) >= INAUDIBLE else samples[:0]
