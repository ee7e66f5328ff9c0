"""Silero voice activity as float32 matrix products, batched over streams.

The ONNX file that faster-whisper carries cannot be batched over streams (its first axis is time), and onnxruntime costs
about ten times more a window than the arithmetic does. Here the same weights run as one matrix product a layer for all
streams that have a window now; what a stream remembers is one row of each state array.

Source: Silero VAD v6 (MIT), https://github.com/snakers4/silero-vad; layer order and constants read from the graph.
"""

import contextlib
import ctypes
import heapq
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from antiphon.errors import EngineUnavailable
from antiphon.events.speech import Samples
from antiphon.ports.card import Card, Port
from antiphon.ports.vad import WINDOW_SAMPLES
from antiphon.settings import setting

CARD = Card(
    name="silero",
    port=Port.VAD,
    summary="Silero v6 batched over streams; music with singing and distant talkers count as speech.",
    batch=True,
    streaming=True,
    confidence="the network's own speech probability, not calibrated",
    weights_licence="MIT",
    requires=("faster_whisper",),
    extra="embedded",
)

CONTEXT_SAMPLES = 64
BLOCK_STREAMS = 64
"""Streams in one product: with more, the arrays between the layers leave the cache and a window costs half again."""
_FRAME = 256
_HOP = 128
_BINS = _FRAME // 2 + 1
_FRAMES = 4
_HIDDEN = 128
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


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the Silero engine."""

    model_path: str = setting("", "path of a silero_vad_v6.onnx; empty for the file inside faster-whisper")


class Silero:
    """Speech probabilities for many streams at once.

    All calls must come from one thread: the arrays between the layers are kept from call to call.
    """

    card = CARD

    def __init__(self, weights: Mapping[str, npt.NDArray[np.float32]], streams: int = 32) -> None:
        """Fold the network into matrices.

        Args:
            weights: the ONNX file's float initializers by name.
            streams: slots to make room for at first; more are made when they are needed.
        """
        self._network = _Network(weights)
        self._free: list[int] = []
        self._open: set[int] = set()
        self._context = np.zeros((0, CONTEXT_SAMPLES), np.float32)
        self._hidden = np.zeros((0, _HIDDEN), np.float32)
        self._cell = np.zeros((0, _HIDDEN), np.float32)
        self._grow(streams)

    def open(self) -> int:
        """A fresh slot: the lowest that is free, so that the rows in use lie together."""
        if not self._free:
            self._grow(2 * len(self._context))
        slot = heapq.heappop(self._free)
        self._open.add(slot)
        self._reset(slot)
        return slot

    def close(self, slot: int | None = None) -> None:
        """Give a slot back, or, without one, all of them; closing a slot twice does nothing."""
        for closed in {slot} & self._open if slot is not None else set(self._open):
            self._open.remove(closed)
            heapq.heappush(self._free, closed)

    def probabilities(self, slots: npt.NDArray[np.intp], windows: Samples) -> Samples:
        """Speech probability, float32 [b], of one window for each slot.

        A window that holds NaN is no speech, and its stream begins afresh: the network would never recover.

        Args:
            slots: [b], all distinct and open.
            windows: float32 [b, 512] at 16 kHz.
        """
        speech = np.empty(len(slots), np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(slots), BLOCK_STREAMS):
                block = slice(start, start + BLOCK_STREAMS)
                speech[block] = self._advance(slots[block], windows[block])
        broken = np.isnan(speech)
        if broken.any():
            self._reset(slots[broken])
            speech[broken] = 0.0
        return speech

    def _advance(self, slots: npt.NDArray[np.intp], windows: Samples) -> Samples:
        network = self._network
        features = network.encode(self._context[slots], windows)
        hidden, cell = network.remember(features, self._hidden[slots], self._cell[slots])
        self._context[slots] = windows[:, -CONTEXT_SAMPLES:]
        self._hidden[slots] = hidden
        self._cell[slots] = cell
        return network.decide(hidden)

    def _reset(self, slots: int | npt.NDArray[np.intp]) -> None:
        self._context[slots] = 0
        self._hidden[slots] = 0
        self._cell[slots] = 0

    def _grow(self, streams: int) -> None:
        old = len(self._context)
        for name in ("_context", "_hidden", "_cell"):
            rows: Samples = getattr(self, name)
            setattr(self, name, np.concatenate([rows, np.zeros((streams - old, rows.shape[1]), np.float32)]))
        for slot in range(old, streams):
            heapq.heappush(self._free, slot)


class _Network:
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
        gates[:, : 3 * _HIDDEN] *= 0.5
        gates[:, : 3 * _HIDDEN] += 0.5
        enter, leave, keep, candidate = (gates[:, i * _HIDDEN : (i + 1) * _HIDDEN] for i in range(4))
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
    matrix[:, : 3 * _HIDDEN] *= 0.5
    bias[: 3 * _HIDDEN] *= 0.5
    return np.ascontiguousarray(matrix), bias


def load(options: Options) -> Silero:
    """Read the weights; blocking, a few milliseconds.

    Raises:
        EngineUnavailable: there is no weights file, or it is another network's.
    """
    path = Path(options.model_path) if options.model_path else carried_model()
    if not path.is_file():
        raise EngineUnavailable(f"voice activity: no weights at {path}; install antiphon[embedded] or set model_path")
    _keep_products_on_one_thread()
    return Silero(read_initializers(path.read_bytes()))


def carried_model() -> Path:
    """Where faster-whisper keeps its voice activity model; the package itself is not imported."""
    package = importlib.util.find_spec("faster_whisper")
    folders = package.submodule_search_locations if package else None
    if not folders:
        raise EngineUnavailable("voice activity: faster-whisper is missing; install antiphon[embedded]")
    return Path(next(iter(folders))) / "assets" / "silero_vad_v6.onnx"


def read_initializers(model: bytes) -> dict[str, npt.NDArray[np.float32]]:
    """The float tensors that an ONNX file stores with its graph, by name.

    A dozen lines of protobuf, so that no runtime or parser is needed for 1.2 MB of weights.

    Raises:
        EngineUnavailable: the bytes are no ONNX model.

    Source: onnx.proto3: ModelProto.graph = 7, GraphProto.initializer = 5; TensorProto.dims = 1, data_type = 2,
    name = 8, raw_data = 9.
    """
    tensors = {}
    try:
        for graph in _fields(memoryview(model), 7):
            for tensor in _fields(graph, 5):
                if next(_fields(tensor, 2), 0) != 1:
                    continue
                name = bytes(next(_fields(tensor, 8))).decode()
                raw = next(_fields(tensor, 9))
                shape = [d if isinstance(d, int) else int(d[0]) for d in _fields(tensor, 1)]
                tensors[name] = np.frombuffer(raw, "<f4").reshape(shape).astype(np.float32)
    except (ValueError, IndexError, StopIteration, TypeError) as broken:
        raise EngineUnavailable("the weights file is damaged: it is no ONNX model") from broken
    return tensors


def _fields(message: memoryview, wanted: int) -> Iterator[Any]:
    """Values of one field of a protobuf message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        match key & 7:
            case 0:
                value, at = _varint(message, at)
                field: int | memoryview = value
            case 1 | 5 as kind:
                end = at + (8 if kind == 1 else 4)
                field, at = message[at:end], end
            case 2:
                length, at = _varint(message, at)
                if at + length > len(message):
                    raise ValueError("a field runs past the end")
                field, at = message[at : at + length], at + length
            case _:
                raise ValueError("a wire type that protobuf 3 does not have")
        if key >> 3 == wanted:
            yield field


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _keep_products_on_one_thread() -> None:
    """Tell numpy's OpenBLAS not to share a product among threads, for the whole process.

    At these sizes its helper threads gain nothing in CPU and spin between calls on the cores that other sessions need.
    Only the OpenBLAS that numpy's wheels carry can be told so from here; other BLAS libraries are left as they are.
    """
    for library in carried_blas():
        for name in ("scipy_openblas_set_num_threads64_", "openblas_set_num_threads64_"):  # numpy 2, numpy 1
            with contextlib.suppress(OSError, AttributeError):
                ctypes.CDLL(str(library))[name](1)


def carried_blas() -> list[Path]:
    """The BLAS libraries that numpy's wheel brought along."""
    root = Path(np.__file__).parent
    return [*root.parent.glob("numpy.libs/*openblas*"), *root.glob(".dylibs/*openblas*")]
