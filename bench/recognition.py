"""How well and how fast the embedded recogniser hears: `python -m bench.recognition`.

Every English recording of the evaluation set that has a transcript, on one thread; beside it the same network decoded
plainly (greedy, once, unpadded), so that ratios are of one run. Time is processor time. The confidence is judged on the
recordings that it was fitted on; `bench.calibrate_confidence` judges it out of fold.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench.calibrate_confidence import auc, ece
from bench.recordings import Item, english

from antiphon.engines.stt.moonshine_onnxruntime import Options
from antiphon.engines.stt.moonshine_onnxruntime.beam import greedy
from antiphon.engines.stt.moonshine_onnxruntime.confidence import confidence
from antiphon.engines.stt.moonshine_onnxruntime.network import Network
from antiphon.engines.stt.moonshine_onnxruntime.pieces import cut
from antiphon.engines.stt.moonshine_onnxruntime.recognition import Recogniser
from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import Vocabulary, read_tokens
from antiphon.events.speech import Expectation, Samples
from antiphon.models import Store


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording as it was read one way."""

    item: Item
    text: str
    confidence: float
    cpu_s: float

    @property
    def errors(self) -> tuple[int, int]:
        """Words of the reference, wrong words."""
        return self.item.errors(self.text)


def read(items: Iterable[Item], way: Callable[[Samples], tuple[str, float]]) -> list[Heard]:
    """Every recording, read `way`, with the processor time it took."""
    found = []
    for item in items:
        began_s = time.process_time()
        text, sure = way(item.samples)
        found.append(Heard(item, text, sure, time.process_time() - began_s))
    return found


def word_error_rate(heard: Iterable[Heard]) -> float:
    """Wrong words as a share of the words said."""
    counts = [h.errors for h in heard]
    return sum(wrong for _, wrong in counts) / max(1, sum(words for words, _ in counts))


def cpu_ms_per_audio_s(heard: list[Heard]) -> float:
    """Processor milliseconds for a second of audio."""
    return 1000 * sum(h.cpu_s for h in heard) / sum(h.item.seconds for h in heard)


def exact(heard: list[Heard]) -> float:
    """Share of recordings read without any wrong word."""
    return sum(h.errors[1] == 0 for h in heard) / max(1, len(heard))


def report(searched: list[Heard], plain: list[Heard], expected: list[Heard]) -> dict[str, float]:
    """Print the tables; the figures by name."""
    groups: dict[str, list[int]] = defaultdict(list)
    for n, heard in enumerate(searched):
        groups["all"].append(n)
        groups[heard.item.condition].append(n)
    print(f"{'condition':20}    n   WER %  greedy %")
    for name, some in groups.items():
        mine, other = (100 * word_error_rate([way[n] for n in some]) for way in (searched, plain))
        print(f"{name:20} {len(some):4}  {mine:6.1f}    {other:6.1f}")
    free_digits = [h for h in searched if h.item.condition == "digits-en"]
    sure = np.array([h.confidence for h in searched])
    right = np.array([float(h.errors[1] == 0) for h in searched])
    figures = {
        "wer": word_error_rate(searched),
        "wer_read": word_error_rate(searched[n] for n in groups["read-en"]),
        "wer_greedy": word_error_rate(plain),
        "cpu_ms_per_audio_s": cpu_ms_per_audio_s(searched),
        "cpu_ratio_to_greedy": cpu_ms_per_audio_s(searched) / cpu_ms_per_audio_s(plain),
        "digits_right": exact(free_digits),
        "digits_right_expected": exact(expected),
        "digits_cpu_ratio_expected": cpu_ms_per_audio_s(expected) / cpu_ms_per_audio_s(free_digits),
        "confidence_auc": auc(sure, right),
        "confidence_ece": ece(sure, right),
    }
    for name, figure in figures.items():
        print(f"{name:28} {figure:8.3f}")
    return figures


def main() -> None:
    """Read, judge, print; `--json FILE` keeps the figures, `--predictions FILE` the texts for the scorer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--predictions", type=Path)
    arguments = parser.parse_args()
    folder, options = Store().locate("moonshine-tiny-en"), Options()
    network, vocabulary = Network(folder), Vocabulary(read_tokens(folder / "tokenizer.bin"))
    recogniser = Recogniser(network, vocabulary, boost=options.boost, second_attempt=options.second_attempt)

    def search(expect: Expectation) -> Callable[[Samples], tuple[str, float]]:
        def way(samples: Samples) -> tuple[str, float]:
            found = recogniser.recognise(samples, expect, (), lambda: None)
            return found.text, confidence(found.evidence) if found.evidence else 1.0

        return way

    def plainly(samples: Samples) -> tuple[str, float]:
        caps = [(piece, max(8, int(6.5 * len(piece) / 16_000) + 2)) for piece in cut(samples)]
        ids = [greedy(network, piece, cap, alive=lambda: None).ids for piece, cap in caps]
        return " ".join(map(vocabulary.text, ids)), 1.0

    items = list(english())
    searched = read(items, search(Expectation.FREE))
    digits = [item for item in items if item.condition == "digits-en"]
    figures = report(searched, read(items, plainly), read(digits, search(Expectation.DIGITS)))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(figures, indent=2))
    if arguments.predictions is not None:
        lines = [{"id": h.item.id, "text": h.text, "confidence": h.confidence, "seconds": h.cpu_s} for h in searched]
        arguments.predictions.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
