"""Our matrix products against onnxruntime on the same weights; tolerance 1e-5 in probability."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from antiphon.engines.vad import silero_numpy
from antiphon.engines.vad.silero_numpy.network import CONTEXT_SAMPLES
from antiphon.events.speech import Samples
from antiphon.ports.vad import WINDOW_SAMPLES

onnxruntime = pytest.importorskip("onnxruntime")

TOLERANCE = 1e-5


def reference(streams: Samples) -> Samples:
    """Probabilities [b, n] of float32 windows [b, n, 512], one stream after the other through onnxruntime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(silero_numpy.carried_model()), options)
    out = np.zeros(streams.shape[:2], np.float32)
    for stream, windows in enumerate(streams):
        h = c = np.zeros((1, 1, 128), np.float32)
        context = np.zeros(CONTEXT_SAMPLES, np.float32)
        for n, window in enumerate(windows):
            speech, h, c = session.run(None, {"input": np.concatenate([context, window])[None], "h": h, "c": c})
            out[stream, n] = speech[0]
            context = window[-CONTEXT_SAMPLES:]
    return out


def ours(streams: Samples) -> Samples:
    engine = silero_numpy.load(silero_numpy.Options())
    slots = np.array([engine.open() for _ in streams])
    return np.stack([engine.probabilities(slots, streams[:, n]) for n in range(streams.shape[1])], axis=1)


def windows_of(samples: Samples) -> Samples:
    count = len(samples) // WINDOW_SAMPLES
    return samples[: count * WINDOW_SAMPLES].reshape(count, WINDOW_SAMPLES)


@pytest.mark.parametrize("level", [1e-4, 0.01, 0.3, 1.0])
def test_noise_gives_what_onnxruntime_gives(level: float) -> None:
    streams = (np.random.default_rng(7).normal(size=(5, 40, WINDOW_SAMPLES)) * level).astype(np.float32)
    assert np.abs(ours(streams) - reference(streams)).max() < TOLERANCE


@pytest.mark.shared
@pytest.mark.models
def test_recorded_speech_gives_what_onnxruntime_gives(speech: list[dict[str, Any]]) -> None:
    paths = [item["path"] for item in speech if item["condition"] in {"read-en", "read-de", "noisy-mix"}][::12]
    recordings = [windows_of(read(path)) for path in paths]
    count = min(len(windows) for windows in recordings)
    streams = np.stack([windows[:count] for windows in recordings])
    expected = reference(streams)
    assert (expected > 0.5).mean() > 0.3, "these recordings hold speech, or the comparison says nothing"
    assert np.abs(ours(streams) - expected).max() < TOLERANCE


def read(path: Path) -> Samples:
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    return np.asarray(mono if rate_hz == 16_000 else soxr.resample(mono, rate_hz, 16_000), dtype=np.float32)
