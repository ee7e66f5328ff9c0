"""When each word of a window was said: from where the decoder looks while it says it.

Source: OpenAI's whisper/timing.py. The rules for pauses and punctuation are those of faster-whisper, so that times are
the same; they mend what looking alone gets wrong, and both projects call them provisional.
"""

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from antiphon.engines.stt.faster_whisper_ctranslate2.segments import Stretch

STEPS_PER_S = 50
"""Steps of the encoder's output a second."""
LONGEST_MEDIAN_S = 0.7
SENTENCE_ENDS = ".。!！?？"
OPENING = "\"'“¿([{-"
CLOSING = "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word with the tokens it is made of, its place in seconds and the mean probability of the tokens."""

    word: str
    tokens: int
    start_s: float
    end_s: float
    probability: float


@dataclass(slots=True)
class _Placed:
    """A word whose place is still being mended; an empty one has become part of its neighbour."""

    word: str
    tokens: int
    start_s: float
    end_s: float
    probability: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


def timed_words(alignment: Any, text: list[int], tokenizer: Any) -> tuple[TimedWord, ...]:
    """The words of `text` in seconds of the window, from CTranslate2's alignment of its tokens with encoder steps."""
    words, pieces = tokenizer.split_to_word_tokens([*text, tokenizer.eot])
    if len(pieces) <= 1:
        return ()
    ends = list(itertools.accumulate(len(piece) for piece in pieces[:-1]))
    tokens, steps = (np.array(column) for column in zip(*alignment.alignments, strict=True))
    moves = np.concatenate(([True], np.diff(tokens) > 0))
    begins_s = steps[moves] / STEPS_PER_S
    return tuple(
        TimedWord(
            word,
            end - begin,
            float(begins_s[begin]),
            float(begins_s[end]),
            float(np.mean(alignment.text_token_probs[begin:end])),
        )
        for word, begin, end in zip(words, [0, *ends], ends, strict=False)
    )


def place(
    words: Sequence[TimedWord], stretches: Sequence[Stretch], texts: Sequence[int], begins_s: float, spoken_s: float
) -> list[list[TimedWord]]:
    """The words of each segment, in seconds of the recording; mends times of words and segments by each other.

    Args:
        words: of the window, in seconds of the window.
        stretches: its segments; their times are changed in place.
        texts: how many text tokens each segment has.
        begins_s: where the window begins in the recording.
        spoken_s: where the last word before it ended.
    """
    placed = [_Placed(w.word, w.tokens, w.start_s, w.end_s, w.probability) for w in words]
    lengths = [word.length_s for word in placed if word.length_s]
    median_s = min(LONGEST_MEDIAN_S, statistics.median(lengths)) if lengths else 0.0
    if lengths:
        _shorten_sentence_ends(placed, 2 * median_s)
    _join_punctuation(placed)
    found: list[list[TimedWord]] = []
    rest = iter(placed)
    for stretch, count in zip(stretches, texts, strict=True):
        mine = _taken(rest, count)
        for word in mine:
            word.start_s, word.end_s = round(begins_s + word.start_s, 2), round(begins_s + word.end_s, 2)
        if mine:
            _mend(mine, stretch, median_s, spoken_s)
            spoken_s = stretch.end_s
        found.append([TimedWord(w.word, w.tokens, w.start_s, w.end_s, w.probability) for w in mine])
    return found


def _taken(rest: Iterator[_Placed], tokens: int) -> list[_Placed]:
    """The next words that make up so many tokens."""
    taken = []
    while tokens > 0 and (word := next(rest, None)) is not None:
        tokens -= word.tokens
        if word.word:
            taken.append(word)
    return taken


def _shorten_sentence_ends(words: Sequence[_Placed], longest_s: float) -> None:
    """The pause at the end of a sentence belongs to no word."""
    for before, word in itertools.pairwise(words):
        if word.length_s > longest_s:
            if word.word in SENTENCE_ENDS:
                word.end_s = word.start_s + longest_s
            elif before.word in SENTENCE_ENDS:
                word.start_s = word.end_s - longest_s


def _join_punctuation(words: Sequence[_Placed]) -> None:
    """Marks that stand alone become part of the word that follows, or else of the one before."""
    following = words[-1] if words else None
    for word in reversed(words[:-1]):
        if following is not None and word.word.startswith(" ") and word.word.strip() in OPENING:
            following.word, following.tokens = word.word + following.word, word.tokens + following.tokens
            word.word, word.tokens = "", 0
        else:
            following = word
    previous = words[0] if words else None
    for word in words[1:]:
        if previous is not None and not previous.word.endswith(" ") and word.word in CLOSING:
            previous.word, previous.tokens = previous.word + word.word, previous.tokens + word.tokens
            word.word, word.tokens = "", 0
        else:
            previous = word


def _mend(words: list[_Placed], stretch: Stretch, median_s: float, spoken_s: float) -> None:
    """Where the words of a segment and its timestamps disagree, believe what is less surprising."""
    first, last = words[0], words[-1]
    longest_s = 2 * median_s
    after_pause = first.end_s - spoken_s > 4 * median_s
    if after_pause and (
        first.length_s > longest_s or (len(words) > 1 and words[1].end_s - first.start_s > 2 * longest_s)
    ):
        if len(words) > 1 and words[1].length_s > longest_s:
            first.end_s = words[1].start_s = max(words[1].end_s / 2, words[1].end_s - longest_s)
        first.start_s = max(0.0, first.end_s - longest_s)
    if first.start_s + 0.5 < stretch.start_s < first.end_s:
        first.start_s = max(0.0, min(first.end_s - median_s, stretch.start_s))
    else:
        stretch.start_s = first.start_s
    if last.start_s < stretch.end_s < last.end_s - 0.5:
        last.end_s = max(last.start_s + median_s, stretch.end_s)
    else:
        stretch.end_s = last.end_s
