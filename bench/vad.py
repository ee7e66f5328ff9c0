"""Voice activity: CPU time a window, our batched products against onnxruntime one stream at a time, in the same run.

    .venv/bin/python bench/vad.py

Exits 1 where 32 streams are not at least 4 times cheaper a window than onnxruntime.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by numpy when it is imported

import argparse
import json
import sys
import time
from collections.abc import Callable

import numpy as np
import onnxruntime

from antiphon.engines.vad import silero_numpy
from antiphon.engines.vad.silero_numpy.network import CONTEXT_SAMPLES
from antiphon.ports.vad import WINDOW_SAMPLES

STREAMS = (1, 32, 128)
LIMIT_RATIO_AT_32 = 4.0
ROUNDS = 7
WINDOW_S = WINDOW_SAMPLES / 16_000


def main() -> int:
    """Measure, print a table or one JSON object, and compare with the limit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    runs = {0: one_by_one(), **{streams: batched(streams) for streams in STREAMS}}
    best_us = dict.fromkeys(runs, float("inf"))
    for _ in range(ROUNDS):  # interleaved, so that a busy spell of the machine hits all of them
        for streams, run in runs.items():
            best_us[streams] = min(best_us[streams], cpu_us_a_window(run, max(1, streams)))
    reference_us = best_us.pop(0)
    rows = [
        {
            "streams": streams,
            "cpu_us_a_window": round(us, 1),
            "ratio_to_onnxruntime": round(reference_us / us, 2),
            "streams_a_core": int(WINDOW_S / us * 1e6),
        }
        for streams, us in best_us.items()
    ]
    ratio = reference_us / best_us[32]
    if as_json:
        print(json.dumps({"onnxruntime_cpu_us_a_window": round(reference_us, 1), "rows": rows}))
    else:
        print(f"onnxruntime, one window at a time: {reference_us:.1f} µs CPU a window")
        for row in rows:
            print("  ".join(f"{name} {value}" for name, value in row.items()))
        print(f"at 32 streams {ratio:.1f} times cheaper; limit {LIMIT_RATIO_AT_32:g}")
    return 0 if ratio >= LIMIT_RATIO_AT_32 else 1


def cpu_us_a_window(run: Callable[[], object], windows: int) -> float:
    """CPU microseconds of all threads of this process a window, over some 2,000 windows."""
    repeats = max(10, 2000 // windows)
    run()
    start = time.process_time()
    for _ in range(repeats):
        run()
    return (time.process_time() - start) / repeats / windows * 1e6


def batched(streams: int) -> Callable[[], object]:
    """One window of each of `streams` streams through our engine."""
    engine = silero_numpy.load(silero_numpy.Options())
    slots = np.array([engine.open() for _ in range(streams)])
    windows = (np.random.default_rng(0).normal(size=(streams, WINDOW_SAMPLES)) * 0.1).astype(np.float32)
    return lambda: engine.probabilities(slots, windows)


def one_by_one() -> Callable[[], object]:
    """One window of one stream through onnxruntime, its state carried along as a streaming caller must."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(silero_numpy.carried_model()), options)
    window = np.zeros((1, WINDOW_SAMPLES + CONTEXT_SAMPLES), np.float32)
    window[:] = np.random.default_rng(0).normal(size=window.shape) * 0.1
    state = np.zeros((1, 1, 128), np.float32)
    memory = {"h": state, "c": state}

    def run() -> object:
        speech, memory["h"], memory["c"] = session.run(None, {"input": window, **memory})
        return speech

    return run


if __name__ == "__main__":
    sys.exit(main())
