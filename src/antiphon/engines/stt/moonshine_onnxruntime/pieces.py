"""Preparing audio for the recogniser: pieces of a length it was trained on, with a faint lead-in and lead-out."""

import numpy as np

from antiphon.events.speech import Samples

RATE_HZ = 16_000
MAX_PIECE_S = 12.0
"""Moonshine was trained on 4 to 30 s; beyond about 12 s it begins to leave words out (measured)."""
_HOP_SAMPLES = 160
_NOISE_STD = 3e-4
"""About -70 dBFS. Noise rather than zeros: digital silence is rare in what it was trained on (0.4 points of WER)."""
_NOISE = np.random.default_rng(0).normal(0.0, _NOISE_STD, RATE_HZ).astype(np.float32)


def cut(samples: Samples, max_s: float = MAX_PIECE_S) -> list[Samples]:
    """Cut at the quietest quarter second near equal shares, so that no piece is much longer than `max_s`."""
    count = int(np.ceil(len(samples) / RATE_HZ / max_s))
    if count < 2:
        return [samples]
    hops = len(samples) // _HOP_SAMPLES
    power = np.square(samples[: hops * _HOP_SAMPLES].reshape(hops, _HOP_SAMPLES)).mean(1)
    smooth = np.convolve(power, np.ones(25, np.float32) / 25, "same")
    reach = int(min(0.4 * hops / count, 400))
    cuts = [0]
    for n in range(1, count):
        middle = n * hops // count
        low = middle - reach
        cuts.append((low + int(smooth[low : middle + reach].argmin())) * _HOP_SAMPLES)
    return [samples[a:b] for a, b in zip(cuts, [*cuts[1:], len(samples)], strict=True)]


def pad(samples: Samples, before_s: float, after_s: float) -> Samples:
    """`samples` between stretches of faint, always equal noise (at most one second each)."""
    before, after = _NOISE[: int(before_s * RATE_HZ)], _NOISE[len(_NOISE) - int(after_s * RATE_HZ) :]
    return np.concatenate([before, samples, after])
