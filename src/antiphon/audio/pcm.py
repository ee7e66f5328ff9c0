"""PCM: between 16-bit and float samples, from channels to one, and how loud it is."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Samples: TypeAlias = npt.NDArray[np.float32]
"""PCM: float32 in [-1, 1], shape [n] (mono) or [channels, n]."""

RATE_HZ = 16_000
"""The rate of sound inside, unless a card says otherwise; whoever brings sound in or out converts it, once."""

S16_SCALE = 32768.0
SILENCE_DBFS = -180.0
"""What `dbfs` answers for digital silence, so that levels stay finite."""

CANCELS = 0.2
"""The mean of channels with less power than this share of the loudest has lost the speech to phase."""
NEARLY_SILENT = 1e-3
"""A channel with less power than this share of the loudest carries nothing (30 dB down)."""


def from_s16(data: bytes | bytearray | memoryview | npt.NDArray[np.int16]) -> Samples:
    """Float samples of 16-bit little-endian PCM, float32 [n]; a trailing odd byte is dropped."""
    if not isinstance(data, np.ndarray):
        whole = memoryview(data).cast("B")
        data = np.frombuffer(whole[: len(whole) // 2 * 2], dtype="<i2")
    samples: Samples = np.multiply(data, np.float32(1 / S16_SCALE), dtype=np.float32)
    return samples


def to_s16(samples: Samples) -> npt.NDArray[np.int16]:
    """16-bit samples of float ones: rounded to nearest, clipped to [-32768, 32767], NaN becomes 0.

    `from_s16` and this are exact inverses on every 16-bit value.
    """
    # In place and without `clip` and `nan_to_num`: every frame of every caller comes through here, and they cost more
    # than all the rest of its way.
    with np.errstate(over="ignore"):
        scaled = np.multiply(samples, np.float32(S16_SCALE), dtype=np.float32)
    np.rint(scaled, out=scaled)
    np.maximum(scaled, np.float32(-S16_SCALE), out=scaled)
    np.minimum(scaled, np.float32(S16_SCALE - 1), out=scaled)
    scaled[np.isnan(scaled)] = 0
    return scaled.astype(np.int16)


def to_s16_bytes(samples: Samples) -> bytes:
    """16-bit little-endian PCM of float samples, clipped as `to_s16` does; [channels, n] is interleaved."""
    return to_s16(samples).T.astype("<i2", copy=False).tobytes()


def finite(samples: Samples) -> tuple[Samples, int]:
    """`samples` with NaN and infinities set to 0, and how many there were; the same array where there were none."""
    good = np.isfinite(samples)
    bad = samples.size - int(np.count_nonzero(good))
    return (samples, 0) if bad == 0 else (np.where(good, samples, np.float32(0)), bad)


def mono(channels: Samples) -> Samples:
    """One channel, float32 [n], of float32 [channels, n].

    The mean, unless averaging would lose the speech: the loudest channel where the channels cancel (a phone headset
    wired in antiphase) or where one of them is nearly silent (a microphone on one side only).
    """
    if channels.ndim == 1:
        return channels
    first: Samples = channels[0]
    if channels.shape[0] == 1 or channels.shape[1] == 0:
        return first
    mean: Samples = channels.mean(axis=0, dtype=np.float32)
    powers = np.array([_power(channel) for channel in channels])
    chosen = loudest_instead_of_mean(powers, _power(mean))
    picked: Samples = channels[chosen or 0]
    return mean if chosen is None else picked


def loudest_instead_of_mean(powers: npt.NDArray[np.float64], mean_power: float) -> int | None:
    """Index of the channel to take in place of the channels' mean, None where the mean is right.

    `powers` is float64 [channels], the power of each; `mean_power` that of their mean.
    """
    loudest = float(powers.max())
    if mean_power < CANCELS * loudest or float(powers.min()) < NEARLY_SILENT * loudest:
        return int(powers.argmax())
    return None


def dbfs(samples: Samples) -> float:
    """Root mean square level in dB relative to full scale; a full-scale square wave is 0, silence `SILENCE_DBFS`."""
    power = _power(samples.reshape(-1))
    return max(SILENCE_DBFS, 10 * float(np.log10(power))) if power > 0 else SILENCE_DBFS


def _power(samples: Samples) -> float:
    # einsum accumulates in float64 without a float64 copy of the whole signal.
    return float(np.einsum("i,i->", samples, samples, dtype=np.float64)) / samples.size if samples.size else 0.0
