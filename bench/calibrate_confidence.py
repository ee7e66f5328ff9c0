"""Fit the confidence of the embedded recogniser and say how good it is: `python -m bench.calibrate_confidence`.

Logistic regression (ridge penalty on standardised features) of "the text is exact" on what the search knows of it. The
figures are out of fold: no model judges a speaker whom it was fitted on. Every English
recording with a transcript counts, hard ones included; single digits count a second time, read as expected answers. Two
worsened copies of each recording take part in fitting, never in judging.
"""

import argparse
import pickle
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from bench.recordings import english

from antiphon.audio.resample import resample
from antiphon.engines.stt.moonshine_onnxruntime import Options
from antiphon.engines.stt.moonshine_onnxruntime.confidence import FEATURES
from antiphon.engines.stt.moonshine_onnxruntime.network import Network
from antiphon.engines.stt.moonshine_onnxruntime.recognition import Recogniser, Search
from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import Vocabulary, read_tokens
from antiphon.events.speech import Expectation, Samples
from antiphon.models import Store

Floats = npt.NDArray[np.float64]
RIDGE = 1.0
FOLDS = 10


def worsened(samples: Samples) -> Iterator[Samples]:
    """The recording as it is, in noise 15 dB below it, and faint over a telephone line."""
    yield samples
    level = float(np.sqrt(np.square(samples).mean()))
    yield samples + np.random.default_rng(1).normal(0, level * 10 ** (-15 / 20), len(samples)).astype(np.float32)
    yield resample(resample(samples * np.float32(0.3), 16_000, 8_000), 8_000, 16_000)


def rows(search: Search) -> list[dict[str, Any]]:
    """Every utterance: features, whether the text was exact, speaker, condition, and what was expected."""
    folder, options = Store().locate("moonshine-tiny-en"), Options()
    vocabulary = Vocabulary(read_tokens(folder / "tokenizer.bin"))
    recogniser = Recogniser(
        Network(folder),
        vocabulary,
        boost=options.boost,
        second_attempt=options.second_attempt,
        search=search,
    )
    found = []
    for item in english():
        expects = search is not Search.GREEDY and item.condition == "digits-en"
        ways = [Expectation.FREE, Expectation.DIGITS] if expects else [Expectation.FREE]
        for (copy, samples), expect in product(enumerate(worsened(item.samples)), ways):
            heard = recogniser.recognise(samples, expect, (), lambda: None)
            if heard.evidence is not None:
                found.append(
                    {
                        "features": heard.evidence.features(),
                        "exact": item.errors(heard.text)[1] == 0,
                        "speaker": item.speaker,
                        "condition": item.condition,
                        "expect": str(expect),
                        "original": copy == 0,
                    }
                )
    return found


def fit(x: Floats, y: Floats, ridge: float = RIDGE) -> tuple[float, Floats]:
    """Intercept and weights in the features' own units, by Newton's method."""
    mean, spread = x.mean(0), np.maximum(x.std(0), 1e-6)
    z = np.c_[np.ones(len(x)), (x - mean) / spread]
    penalty = np.diag([1e-6, *[ridge] * x.shape[1]])
    w = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ w))
        w += np.linalg.solve((z.T * (p * (1 - p))) @ z + penalty, z.T @ (y - p) - penalty @ w)
    weights = w[1:] / spread
    return float(w[0] - weights @ mean), weights


def out_of_fold(x: Floats, y: Floats, speakers: list[str], seed: int = 0) -> Floats:
    """Probabilities by models that were fitted without the speaker."""
    names = sorted(set(speakers))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[n]: i % FOLDS for i, n in enumerate(order)}
    folds = np.array([fold[s] for s in speakers])
    p = np.zeros(len(y))
    for f in range(FOLDS):
        inside = folds != f
        intercept, weights = fit(x[inside], y[inside])
        p[~inside] = 1 / (1 + np.exp(-(intercept + x[~inside] @ weights)))
    return p


def auc(p: Floats, y: Floats) -> float:
    """Probability that an exact text is surer than a wrong one."""
    right, wrong = p[y > 0.5], p[y < 0.5]
    return float(((right[:, None] > wrong).mean() + (right[:, None] >= wrong).mean()) / 2)


def ece(p: Floats, y: Floats, bins: int = 10) -> float:
    """Expected calibration error, ten equally wide bins."""
    which = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [
        abs(p[which == b].mean() - y[which == b].mean()) * (which == b).mean()
        for b in range(bins)
        if (which == b).any()
    ]
    return float(sum(gaps))


def main() -> None:
    """Fit, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, help="keep the decoded utterances in this file")
    parser.add_argument("--search", choices=tuple(Search), default=Search.FULL, help="which way of reading to judge")
    arguments = parser.parse_args()
    cache = arguments.cache
    if cache is not None and cache.exists():
        found = pickle.loads(cache.read_bytes())  # noqa: S301 - written by this script
    else:
        found = rows(Search(arguments.search))
        if cache is not None:
            cache.write_bytes(pickle.dumps(found))
    x = np.array([r["features"] for r in found])
    y = np.array([float(r["exact"]) for r in found])
    speakers = [r["speaker"] for r in found]
    seeds = [out_of_fold(x, y, speakers, seed) for seed in range(5)]
    groups: dict[str, list[int]] = defaultdict(list)
    for i, r in enumerate(found):
        if not r["original"]:
            continue
        groups["all"].append(i)
        groups["free" if r["expect"] == "free" else "digits expected"].append(i)
        if r["expect"] == "free":
            groups["  " + r["condition"]].append(i)
    print(f"{'':24}   n  exact    AUC    ECE   (out of fold by speaker, mean of 5 foldings)")
    for name, some in groups.items():
        both = 0 < y[some].sum() < len(some)
        a = np.mean([auc(p[some], y[some]) for p in seeds]) if both else float("nan")
        e = np.mean([ece(p[some], y[some]) for p in seeds])
        print(f"{name:24} {len(some):3}  {y[some].mean():.2f}  {a:.3f}  {e:.3f}")
    intercept, weights = fit(x, y)
    print(f"INTERCEPT = {intercept:.3f}\nWEIGHTS = (")
    for name, weight in zip(FEATURES, weights, strict=True):
        print(f"    {weight:.4f},  # {name}")
    print(")")


if __name__ == "__main__":
    main()
