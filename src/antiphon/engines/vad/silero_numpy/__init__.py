"""Silero voice activity as float32 matrix products, batched over streams.

The ONNX file that faster-whisper carries cannot be batched over streams (its first axis is time), and onnxruntime costs
about ten times more a window than the arithmetic does. Here the same weights run as one matrix product a layer for all
streams that have a window now; what a stream remembers is one row of each state array.

Source: Silero VAD v6 (MIT), https://github.com/snakers4/silero-vad; layer order and constants read from the graph.
"""

import heapq
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from antiphon.engines.vad.silero_numpy.blas import keep_products_on_one_thread
from antiphon.engines.vad.silero_numpy.initializers import read_initializers
from antiphon.engines.vad.silero_numpy.network import BLOCK_STREAMS, CONTEXT_SAMPLES, HIDDEN, Network
from antiphon.errors import EngineUnavailable
from antiphon.events.speech import Samples
from antiphon.ports.card import Card, Port
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
        self._network = Network(weights)
        self._free: list[int] = []
        self._open: set[int] = set()
        self._context = np.zeros((0, CONTEXT_SAMPLES), np.float32)
        self._hidden = np.zeros((0, HIDDEN), np.float32)
        self._cell = np.zeros((0, HIDDEN), np.float32)
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


def load(options: Options) -> Silero:
    """Read the weights; blocking, a few milliseconds.

    Raises:
        EngineUnavailable: there is no weights file, or it is another network's.
    """
    path = Path(options.model_path) if options.model_path else carried_model()
    if not path.is_file():
        raise EngineUnavailable(f"voice activity: no weights at {path}; install antiphon[embedded] or set model_path")
    keep_products_on_one_thread()
    return Silero(read_initializers(path.read_bytes()))


def carried_model() -> Path:
    """Where faster-whisper keeps its voice activity model; the package itself is not imported.

    Raises:
        EngineUnavailable: faster-whisper is not installed.
    """
    package = importlib.util.find_spec("faster_whisper")
    folders = package.submodule_search_locations if package else None
    if not folders:
        raise EngineUnavailable("voice activity: faster-whisper is missing; install antiphon[embedded]")
    return Path(next(iter(folders))) / "assets" / "silero_vad_v6.onnx"
