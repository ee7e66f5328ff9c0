"""The layers of Silero voice activity as matrix products over a block of streams."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from antiphon.errors import EngineUnavailable
from antiphon.events.speech import Samples
from antiphon.ports.vad import WINDOW_SAMPLES

CONTEXT_SAMPLES = 64
BLOCK_STREAMS = 64
"""Streams in one product: with more, the arrays between the layers leave the cache and a window costs half again."""
_FRAME = 256
_HOP = 128
_BINS = _FRAME // 2 + 1
_FRAMES = 4
HIDDEN = 128
_PADDED = CONTEXT_SAMPLES + WINDOW_SAMPLES + 64
_SHAPES = {
    "encoder.feature_extractor.forward_basis_buffer": (258, 1, 256),
    "encoder.conv_layers.0.weight": (128, 129, 3),
    "encoder.conv_layers.0.bias": (128,),
    "encoder.conv_layers.1.weight": (64, 128, 3),
    "encoder.conv_layers.1.bias": (64,),
    "encoder.conv_layers.2.weight": (64, 64, 3),
    "encoder.conv_layers.2.bias": (64,),
    "encoder.conv_layers.3.weight": (128, 64, 3),
    "encoder.conv_layers.3.bias": (128,),
    "decoder.conv1d.weight": (1, 128, 1),
    "decoder.conv1d.bias": (1,),
    "onnx::LSTM_209": (1, 512, 128),
    "onnx::LSTM_210": (1, 512, 128),
    "onnx::LSTM_211": (1, 1024),
}


class Network:
    """The layers, with weights laid out for row-major products and buffers for one block of streams."""

    def __init__(self, weights: Mapping[str, npt.NDArray[np.float32]]) -> None:
        for name, shape in _SHAPES.items():
            found = weights[name].shape if name in weights else None
            if found != shape:
                raise EngineUnavailable(f"not a Silero v6 file: {name} has shape {found}, expected {shape}")
        self._window = _analysis_window(weights["encoder.feature_extractor.forward_basis_buffer"][:, 0])
        taps = [weights[f"encoder.conv_layers.{i}.weight"].transpose(2, 1, 0) for i in range(4)]
        self._biases = [weights[f"encoder.conv_layers.{i}.bias"] for i in range(4)]
        # Layers 2 and 3 see one output frame only, so the taps that fall on zero padding are left out.
        self._kernels = [
            np.ascontiguousarray(k.reshape(-1, k.shape[-1])) for k in (taps[0], taps[1], taps[2][1:], taps[3][1:2])
        ]
        self._recurrent, self._recurrent_bias = _fold_lstm(weights)
        self._decision = np.ascontiguousarray(weights["decoder.conv1d.weight"][0, :, 0])
        self._decision_bias = float(weights["decoder.conv1d.bias"][0])
        self._make_room(BLOCK_STREAMS)

    def encode(self, context: Samples, windows: Samples) -> Samples:
        """Features, float32 [b, 128], of windows [b, 512] that follow their contexts [b, 64]."""
        batch = len(windows)
        sound = self._sound[:batch]
        sound[:, :CONTEXT_SAMPLES] = context
        sound[:, CONTEXT_SAMPLES:-64] = windows
        sound[:, -64:] = sound[:, -66:-130:-1]  # the right edge reflected
        np.abs(np.fft.rfft(self._pieces[:batch] * self._window), out=self._spectra[:batch, 1:-1])
        frames = self._convolve(0, self._spectra_patches[:batch])
        self._frames[:batch, 1:-1] = frames.reshape(batch, _FRAMES, -1)
        pair = self._convolve(1, self._frame_patches[:batch])
        return self._convolve(3, self._convolve(2, pair.reshape(batch, -1)))

    def remember(self, features: Samples, hidden: Samples, cell: Samples) -> tuple[Samples, Samples]:
        """The LSTM's next hidden and cell state, each float32 [b, 128]."""
        gates = np.concatenate([features, hidden], axis=1) @ self._recurrent
        gates += self._recurrent_bias
        np.tanh(gates, out=gates)
        gates[:, : 3 * HIDDEN] *= 0.5
        gates[:, : 3 * HIDDEN] += 0.5
        enter, leave, keep, candidate = (gates[:, i * HIDDEN : (i + 1) * HIDDEN] for i in range(4))
        cell = keep * cell + enter * candidate
        return leave * np.tanh(cell), cell

    def decide(self, hidden: Samples) -> Samples:
        """Speech probability, float32 [b]."""
        logits = np.maximum(hidden, 0) @ self._decision
        logits += self._decision_bias
        speech: Samples = 0.5 * np.tanh(0.5 * logits) + 0.5
        return speech

    def _convolve(self, layer: int, patches: Samples) -> Samples:
        """A convolution with ReLU as one product over patches [..., taps × channels]."""
        out: Samples = patches.reshape(-1, patches.shape[-1]) @ self._kernels[layer]
        out += self._biases[layer]
        return np.maximum(out, 0, out=out)

    def _make_room(self, batch: int) -> None:
        """Buffers and views of their overlapping pieces; first and last frames stay zero, as the convolutions pad."""
        self._sound = np.zeros((batch, _PADDED), np.float32)
        self._spectra = np.zeros((batch, _FRAMES + 2, _BINS), np.float32)
        self._frames = np.zeros((batch, _FRAMES + 2, 128), np.float32)
        self._pieces = _overlapping(self._sound, _FRAMES, _FRAME, _HOP)
        self._spectra_patches = _overlapping(self._spectra, _FRAMES, 3 * _BINS, _BINS)
        self._frame_patches = _overlapping(self._frames, _FRAMES // 2, 3 * 128, 2 * 128)


def _overlapping(rows: Samples, count: int, length: int, hop: int) -> Samples:
    """A view [b, count, length] of `count` overlapping pieces of each row, `hop` apart."""
    size = rows.itemsize
    return np.lib.stride_tricks.as_strided(rows, (len(rows), count, length), (rows.strides[0], hop * size, size))


def _analysis_window(basis: npt.NDArray[np.float32]) -> Samples:
    """The window of the network's Fourier basis [258, 256], so that an FFT can stand for it.

    Raises:
        EngineUnavailable: the basis is not a windowed Fourier transform.
    """
    window = basis[0]
    angle = 2 * np.pi * np.outer(np.arange(_BINS), np.arange(_FRAME)) / _FRAME
    expected = np.concatenate([np.cos(angle), -np.sin(angle)]) * window
    if not np.allclose(np.abs(basis), np.abs(expected), atol=1e-5):
        raise EngineUnavailable("not a Silero v6 file: its first layer is no windowed Fourier transform")
    return np.ascontiguousarray(window)


def _fold_lstm(weights: Mapping[str, npt.NDArray[np.float32]]) -> tuple[Samples, Samples]:
    """One matrix [256, 512] and bias [512] for input and recurrence, gates in ONNX's order: in, out, forget, cell.

    σ(x) = ½ tanh(½x) + ½: halving the sigmoid gates here lets one tanh do for all four, and tanh cannot overflow.
    """
    matrix = np.concatenate([weights["onnx::LSTM_209"][0], weights["onnx::LSTM_210"][0]], axis=1).T.copy()
    bias = weights["onnx::LSTM_211"][0].reshape(2, -1).sum(axis=0)
    matrix[:, : 3 * HIDDEN] *= 0.5
    bias[: 3 * HIDDEN] *= 0.5
    return np.ascontiguousarray(matrix), bias
