"""faster-whisper as its own documentation calls it, once for each request: what a service over it is measured by.

    python -m bench.peers.raw_whisper MODEL CLIP.wav --workers 2

Reads numbers of calls from standard input, one a line, and answers each with the seconds they took.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

# Read when the runtime is loaded; without it raw is slower beside others.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import soundfile
from faster_whisper import WhisperModel


def main() -> None:
    """Answer until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model")
    parser.add_argument("clip")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--beam", type=int, default=5)
    chosen = parser.parse_args()
    samples, rate_hz = soundfile.read(chosen.clip, dtype="float32")
    assert rate_hz == 16_000
    model = WhisperModel(
        chosen.model,
        device="cpu",
        compute_type="int8",
        cpu_threads=1,
        num_workers=chosen.workers,
        local_files_only=True,
    )

    def call(_number: int) -> str:
        segments, _ = model.transcribe(np.copy(samples), language="en", beam_size=chosen.beam, temperature=0.0)
        return "".join(segment.text for segment in segments)

    with ThreadPoolExecutor(chosen.workers) as threads:
        text = call(0)
        print(f"ready {len(text.split())} words", flush=True)
        for line in sys.stdin:
            began_s = time.perf_counter()
            assert set(threads.map(call, range(int(line)))) == {text}
            print(time.perf_counter() - began_s, flush=True)


if __name__ == "__main__":
    main()
