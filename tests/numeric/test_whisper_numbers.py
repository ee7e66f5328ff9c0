"""What our Whisper engine computes around the model equals faster-whisper: spectrogram, segments, word times."""

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.engines.stt.faster_whisper_ctranslate2.features import INAUDIBLE, Spectrogram, cleaned
from antiphon.engines.stt.faster_whisper_ctranslate2.frames import FULL, frames_for, is_doubtful, most_tokens
from antiphon.engines.stt.faster_whisper_ctranslate2.segments import Stretch, cut
from antiphon.engines.stt.faster_whisper_ctranslate2.words import TimedWord, place

pytest.importorskip("faster_whisper", reason="faster-whisper is not installed: nothing was compared with it")

FIRST_TIME = 1000
"""Id of the first timestamp; text is below 900."""
EOT = 900


def peer() -> Any:
    """A `WhisperModel` without a model."""
    from faster_whisper import WhisperModel

    model: Any = object.__new__(WhisperModel)
    model.time_precision, model.input_stride, model.frames_per_second = 0.02, 2, 100
    return model


@pytest.mark.parametrize("bands", [80, 128])
@pytest.mark.parametrize("samples", [1, 159, 160, 400, 64_000, 31 * 16_000])
def test_spectrogram_is_the_same(bands: int, samples: int) -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    sound = np.random.default_rng(samples).normal(0, 0.1, samples).astype(np.float32)
    np.testing.assert_allclose(Spectrogram(bands)(sound), FeatureExtractor(feature_size=bands)(sound), atol=1e-5)


def test_no_sound_is_no_frame_of_sound() -> None:
    assert Spectrogram(80)(np.zeros(0, np.float32)).shape == (80, 1)


def test_sound_is_cleaned_and_its_owner_keeps_it() -> None:
    sound = np.array([np.nan, 2.0, -np.inf, -0.5], np.float32)
    assert cleaned(sound).tolist() == [0.0, 1.0, 0.0, -0.5]
    assert np.isnan(sound[0])
    assert len(cleaned(np.full(100, 0.9 * INAUDIBLE, np.float32))) == 0
    assert len(cleaned(np.full(100, 1.1 * INAUDIBLE, np.float32))) == 100


@st.composite
def answers(draw: st.DrawFn) -> list[int]:
    """Tokens of a window: text between rising timestamps, whole or broken off."""
    times = sorted(draw(st.lists(st.integers(0, 1500), max_size=8)))
    tokens: list[int] = []
    for n, step in enumerate(times):
        tokens.append(FIRST_TIME + step)
        if n % 2 == 0:
            tokens += draw(st.lists(st.integers(0, EOT - 1), max_size=4))
    return tokens + draw(st.lists(st.integers(0, EOT - 1), max_size=3)) if draw(st.booleans()) else tokens


@given(answers(), st.integers(0, 500_000), st.integers(1, FULL))
def test_segments_are_the_same(tokens: list[int], seek: int, frames: int) -> None:
    found = cut(tokens, FIRST_TIME, seek / 100, frames)
    expected, next_seek, closed = peer()._split_segments_by_timestamps(
        tokenizer=SimpleNamespace(timestamp_begin=FIRST_TIME),
        tokens=tokens,
        time_offset=seek / 100,
        segment_size=frames,
        segment_duration=frames / 100,
        seek=seek,
    )
    assert [list(stretch.tokens) for stretch in found.stretches] == [segment["tokens"] for segment in expected]
    times = [(stretch.start_s, stretch.end_s) for stretch in found.stretches]
    np.testing.assert_allclose(times, [(segment["start"], segment["end"]) for segment in expected])
    assert (found.heard, found.complete) == (next_seek - seek, closed)


WORDS = st.sampled_from([" the", " cat", "s", " (", '"', " ¿", ".", ",", " .", "!", "。", "猫", " -", " “"])


@st.composite
def alignments(draw: st.DrawFn) -> list[TimedWord]:
    """Words with rising times, some of no length and some far too long."""
    gaps = st.sampled_from([0.0, 0.02, 0.1, 0.26, 0.5, 1.3, 4.0])
    now, found = draw(gaps), []
    for word in draw(st.lists(WORDS, min_size=1, max_size=12)):
        start, now = now, now + draw(gaps)
        found.append(TimedWord(word, draw(st.integers(1, 3)), start, now, draw(st.floats(0, 1))))
        now += draw(st.sampled_from([0.0, 0.0, 0.3, 3.0]))
    return found


@settings(max_examples=300)
@given(alignments(), st.data(), st.integers(0, 3), st.sampled_from([0.0, 7.5]), st.sampled_from([0.0, 2.0, 7.4]))
def test_words_are_placed_the_same(
    words: list[TimedWord], data: st.DataObject, cuts: int, begins_s: float, spoken_s: float
) -> None:
    total = sum(word.tokens for word in words)
    bounds = [0, *sorted(data.draw(st.lists(st.integers(0, total), min_size=cuts, max_size=cuts))), total]
    texts = [end - begin for begin, end in itertools.pairwise(bounds)]
    edges = sorted(data.draw(st.lists(st.integers(0, 1000), min_size=2 * len(texts), max_size=2 * len(texts))))
    times = [(begins_s + a / 50, begins_s + b / 50) for a, b in zip(edges[::2], edges[1::2], strict=True)]

    model = peer()
    theirs = [
        {"word": w.word, "tokens": [0] * w.tokens, "start": w.start_s, "end": w.end_s, "probability": w.probability}
        for w in words
    ]
    model.find_alignment = lambda *_: [theirs]
    segments: list[dict[str, Any]] = [
        {"tokens": [0] * count, "start": a, "end": b, "seek": round(100 * begins_s)}
        for count, (a, b) in zip(texts, times, strict=True)
    ]
    tokenizer = SimpleNamespace(eot=EOT)
    model.add_word_timestamps([segments], tokenizer, None, 0, "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、", spoken_s)

    stretches = [Stretch(a, b, ()) for a, b in times]
    placed = place(words, stretches, texts, begins_s, spoken_s)
    expected = [word for segment in segments for word in segment["words"]]
    assert [len(mine) for mine in placed] == [len(segment["words"]) for segment in segments]
    assert [w.word for mine in placed for w in mine] == [w["word"] for w in expected]
    found = [(w.start_s, w.end_s, w.probability) for mine in placed for w in mine]
    np.testing.assert_allclose(found, [(w["start"], w["end"], w["probability"]) for w in expected], atol=1e-9)
    ends = [(segment["start"], segment["end"]) for segment in segments]
    np.testing.assert_allclose([(stretch.start_s, stretch.end_s) for stretch in stretches], ends, atol=1e-9)


@given(st.sampled_from(["floor", "clip"]), st.integers(1, FULL))
def test_shortened_windows_hold_the_clip_and_are_never_mistaken_for_features(choice: str, content: int) -> None:
    frames = frames_for(choice, content)
    assert content <= frames <= FULL
    assert frames % 2 == 0
    assert frames // 2 not in (80, 128)
    assert frames >= min(FULL, content + (200 if choice == "floor" else 50))
    assert choice == "clip" or frames >= 1000
    assert frames_for("full", content) == FULL


def test_clips_of_about_the_same_length_share_few_lengths() -> None:
    assert len({frames_for("clip", content) for content in range(1, FULL + 1)}) < 30
    assert {frames_for("floor", content) for content in range(1, 801)} == {1000}


@pytest.mark.parametrize(
    ("tokens", "avg_logprob", "compression_ratio", "doubtful"),
    [(20, -0.3, 1.2, False), (20, -0.61, 1.2, True), (20, -0.3, 2.5, True), (96, -0.3, 1.2, True)],
)
def test_what_is_doubtful(tokens: int, avg_logprob: float, compression_ratio: float, doubtful: bool) -> None:
    bound = most_tokens(400)
    assert bound == 96
    assert is_doubtful(tokens, avg_logprob, compression_ratio, bound) is doubtful


def test_a_full_window_has_no_bound_of_its_own() -> None:
    assert most_tokens(FULL) is None
