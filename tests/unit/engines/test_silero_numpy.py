import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.vad import silero_numpy
from antiphon.engines.vad.silero_numpy import Options, Silero, load
from antiphon.engines.vad.silero_numpy.blas import carried_blas
from antiphon.engines.vad.silero_numpy.initializers import read_initializers
from antiphon.engines.vad.silero_numpy.network import BLOCK_STREAMS
from antiphon.errors import EngineUnavailable
from antiphon.events.speech import Samples
from antiphon.ports.vad import WINDOW_SAMPLES


@pytest.fixture(scope="module")
def weights() -> dict[str, Samples]:
    return read_initializers(silero_numpy.carried_model().read_bytes())


@pytest.fixture
def engine(weights: dict[str, Samples]) -> Silero:
    return Silero(weights, streams=2)


def noise(seed: int, streams: int) -> Samples:
    return (np.random.default_rng(seed).normal(size=(streams, WINDOW_SAMPLES)) * 0.2).astype(np.float32)


def test_a_missing_file_names_its_path_and_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"absent\.onnx; install antiphon\[embedded\]"):
        load(Options(model_path=str(tmp_path / "absent.onnx")))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_model_are_refused_or_hold_no_tensors(data: bytes) -> None:
    try:
        tensors = read_initializers(data)
    except EngineUnavailable:
        return
    with pytest.raises(EngineUnavailable, match="not a Silero v6 file"):
        Silero(tensors)


@given(st.integers(0, 1_240_000))
def test_a_truncated_file_is_refused(length: int) -> None:
    model = silero_numpy.carried_model().read_bytes()[:length]
    with pytest.raises(EngineUnavailable):
        Silero(read_initializers(model))


def test_another_networks_weights_are_refused(weights: dict[str, Samples]) -> None:
    name = "encoder.feature_extractor.forward_basis_buffer"
    learnt = {**weights, name: np.roll(weights[name], 1, axis=2)}
    with pytest.raises(EngineUnavailable, match="no windowed Fourier transform"):
        Silero(learnt)
    with pytest.raises(EngineUnavailable, match=r"encoder\.conv_layers\.1\.bias has shape None"):
        Silero({k: v for k, v in weights.items() if k != "encoder.conv_layers.1.bias"})


def test_slots_in_use_lie_together(engine: Silero) -> None:
    slots = [engine.open() for _ in range(5)]
    assert slots == [0, 1, 2, 3, 4]
    for slot in (3, 1, 1):
        engine.close(slot)
    assert [engine.open(), engine.open(), engine.open()] == [1, 3, 5]


def test_growing_keeps_what_open_streams_remember(weights: dict[str, Samples]) -> None:
    small, large = Silero(weights, streams=1), Silero(weights, streams=64)
    for engine in (small, large):
        first = engine.open()
        engine.probabilities(np.array([first]), noise(1, 1))
        for _ in range(40):
            engine.open()
    after = noise(2, 1)
    assert small.probabilities(np.array([0]), after) == large.probabilities(np.array([0]), after)


def test_more_streams_than_a_block_hear_the_same_as_few(weights: dict[str, Samples]) -> None:
    streams = 2 * BLOCK_STREAMS + 3
    together, apart = Silero(weights), Silero(weights)
    for engine in (together, apart):
        for _ in range(streams):
            engine.open()
    order = np.random.default_rng(0).permutation(streams)
    for step in range(3):
        windows = noise(step, streams)
        joint = together.probabilities(order, windows)
        single = [apart.probabilities(order[i : i + 1], windows[i : i + 1])[0] for i in range(streams)]
        np.testing.assert_allclose(joint, single, atol=1e-6)


def test_only_the_engine_is_imported_not_the_package_that_carries_the_weights() -> None:
    code = (
        "import sys; from antiphon.engines.vad import silero_numpy as s; s.load(s.Options());"
        "print([m for m in ('faster_whisper', 'onnxruntime', 'ctranslate2') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"


def test_closing_without_a_slot_gives_all_of_them_back(engine: Silero) -> None:
    slots = [engine.open() for _ in range(3)]
    engine.close()
    assert sorted(engine.open() for _ in range(3)) == slots


@pytest.mark.skipif(not carried_blas(), reason="numpy brought no OpenBLAS: its threads are not ours to set")
def test_products_stay_on_one_thread() -> None:
    code = (
        "import ctypes, numpy; from antiphon.engines.vad import silero_numpy as s;"
        "from antiphon.engines.vad.silero_numpy.blas import carried_blas;"
        "blas = ctypes.CDLL(str(carried_blas()[0]));"
        "blas.scipy_openblas_set_num_threads64_(2); s.load(s.Options());"
        "print(blas.scipy_openblas_get_num_threads64_())"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "1"
