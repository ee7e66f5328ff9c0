"""Beam search by mean log-probability, with biases that the dialogue's expectation and phrases ask for."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from antiphon.engines.stt.moonshine_onnxruntime.lexicon import Lexicon, Node
from antiphon.engines.stt.moonshine_onnxruntime.network import Network
from antiphon.engines.stt.moonshine_onnxruntime.phrases import NOWHERE, Phrases, Place
from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import END
from antiphon.events.speech import Samples

WIDTH = 3
"""Beams: 2 and 5 gave more errors."""
WIDE = 8
"""Beams where a word model chooses among the readings: the right one is more often among them."""


@dataclass(frozen=True, slots=True, eq=False)
class Bias:
    """What is added to log-probabilities while searching.

    Attributes:
        lexicon: the words of the expected answer, or None.
        phrases: terms that get a bonus, or None.
    """

    lexicon: Lexicon | None = None
    phrases: Phrases | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Hypothesis:
    """One reading of a piece of audio.

    Attributes:
        ids: its tokens, without the end.
        log_p: log-probability of each token and of the end (where it was reached), without any bias.
        score: the mean log-probability it was chosen by, bias included.
        ended: whether it ended by itself; if not, it ran into the cap.
    """

    ids: tuple[int, ...]
    log_p: npt.NDArray[np.float32]
    score: float
    ended: bool


@dataclass(slots=True)
class _Beam:
    ids: tuple[int, ...] = ()
    log_p: tuple[float, ...] = ()
    total: float = 0.0
    word: Node | None = None
    term: Place = NOWHERE


def search(
    network: Network,
    samples: Samples,
    cap: int,
    *,
    alive: Callable[[], None],
    bias: Bias = Bias(),
    floor: float = -math.inf,
    width: int = WIDTH,
) -> list[Hypothesis]:
    """Readings of `samples` (float32 [n], 16 kHz), the surest first.

    Args:
        network: what to decode with.
        samples: the padded piece.
        cap: most tokens of a reading.
        alive: called before each step; raises to abandon the search.
        bias: what is likely now.
        floor: a reading whose log-probabilities sum to less is of no use; the search ends early, perhaps with nothing.
        width: how many beams.
    """
    alive()
    memory, logits = network.listen(samples)
    beams, done = [_Beam()], list[Hypothesis]()
    for _ in range(cap):
        beams, sources = _grow(beams, done, logits, bias, width)
        if len(done) >= width and max(b.total / (len(b.ids) + 1) for b in beams) < max(d.score for d in done):
            break
        if max(sum(b.log_p) for b in beams) < floor:
            break
        alive()
        memory.keep(sources)
        logits = network.step(memory, np.array([b.ids[-1] for b in beams]))
    else:
        done = done or [_hypothesis(b.ids, b.log_p, b.total, ended=False) for b in beams]
    return sorted((h for h in done if h.log_p.sum() >= floor), key=lambda h: -h.score)


def _grow(
    beams: list[_Beam], done: list[Hypothesis], logits: Samples, bias: Bias, width: int
) -> tuple[list[_Beam], npt.NDArray[np.intp]]:
    """The next beams and the beams they grew from; those that end go to `done`."""
    candidates: list[tuple[float, int, int, float]] = []
    for source, (beam, norm) in enumerate(zip(beams, _log_sum_exp(logits), strict=True)):
        row = weighed = logits[source]
        if bias.lexicon is not None:
            weighed = row + bias.lexicon.weights(beam.word or bias.lexicon.root)
        if bias.phrases is not None:
            weighed = bias.phrases.weigh(beam.term, weighed)
        candidates += [
            (beam.total + float(weighed[token]) - norm, source, token, float(row[token]) - norm)
            for token in _best(weighed, width + 1)
        ]
    candidates.sort(reverse=True)
    grown: list[_Beam] = []
    sources: list[int] = []
    for total, source, token, p in candidates:
        beam = beams[source]
        if token == END:
            done.append(_hypothesis(beam.ids, (*beam.log_p, p), total, ended=True))
            continue
        word = bias.lexicon.after(beam.word or bias.lexicon.root, token) if bias.lexicon else None
        term = bias.phrases.after(beam.term, token) if bias.phrases else NOWHERE
        grown.append(_Beam((*beam.ids, token), (*beam.log_p, p), total, word, term))
        sources.append(source)
        if len(grown) == width:
            break
    return grown, np.array(sources, np.intp)


def _best(row: Samples, count: int) -> list[int]:
    """Indices of the `count` largest; a few passes over 32,768 numbers cost far less than sorting them."""
    rest, found = row.copy(), list[int]()
    for _ in range(count):
        found.append(int(rest.argmax()))
        rest[found[-1]] = -np.inf
    return found


def _log_sum_exp(logits: Samples) -> list[float]:
    """What makes each row of logits log-probabilities when it is taken away."""
    top = logits.max(1)
    sums: list[float] = (top + np.log(np.exp(logits - top[:, None]).sum(1))).tolist()
    return sums


def _hypothesis(ids: tuple[int, ...], log_p: tuple[float, ...], total: float, *, ended: bool) -> Hypothesis:
    return Hypothesis(ids, np.array(log_p, np.float32), total / max(1, len(log_p)), ended)


def greedy(network: Network, samples: Samples, cap: int, *, alive: Callable[[], None]) -> Hypothesis:
    """The likeliest token at every step: half the cost of a search, for drafts."""
    alive()
    memory, logits = network.listen(samples)
    ids: list[int] = []
    log_p: list[float] = []
    for _ in range(cap):
        row = logits[0] - logits[0].max()
        token = int(row.argmax())
        log_p.append(-float(np.log(np.exp(row).sum())))
        if token == END:
            break
        ids.append(token)
        alive()
        logits = network.step(memory, np.array([token]))
    return _hypothesis(tuple(ids), tuple(log_p), sum(log_p), ended=len(log_p) > len(ids))
