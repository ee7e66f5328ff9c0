"""Our decoding loop gives what faster-whisper's gives: text, segments, probabilities and word times."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from antiphon.engines.stt.faster_whisper_ctranslate2 import FasterWhisper, Options, load
from antiphon.events.speech import Hearing, Samples, Transcript
from whisper_fixtures import Script, made_up

pytestmark = pytest.mark.models

Both: TypeAlias = tuple[FasterWhisper, Any]
SCRIPTS = {
    "plain": Script(),
    "segments": Script("one two|three , four .|five", seconds=3.0),
    "goes on": Script("one two|three four", seconds=3.0, open_end=True),
    "marks": Script("well . ¿ then no , never !", seconds=4.0),
    "unsure": Script("who knows", logprob=-0.9, language="de", language_probability=0.4),
    "nobody": Script("hm hmm", logprob=-1.5, no_speech=0.8),
    "unspaced": Script("ขอบ คุณ", language="th"),
    "long": Script(made_up(40), seconds=12.0, logprob=-0.3),
}
SECONDS = (0.02, 4.0, 29.99, 41.7)


def noise(seconds: float) -> Samples:
    return np.random.default_rng(3).normal(0, 0.1, round(seconds * 16_000)).astype(np.float32)


@pytest.fixture(scope="module", params=SCRIPTS)
def both(request: pytest.FixtureRequest, build_whisper: Callable[..., Path]) -> Iterator[Both]:
    from faster_whisper import WhisperModel

    folder = build_whisper(SCRIPTS[request.param], quantization="float32")
    ours = load(Options(model=str(folder), device="cpu", compute_type="float32", workers=1))
    yield ours, WhisperModel(str(folder), device="cpu", compute_type="float32", cpu_threads=1)
    ours.close()


def assert_same(ours: Transcript, segments: list[Any], info: Any) -> None:
    assert ours.text == "".join(s.text for s in segments).strip()
    assert ours.language == info.language
    assert [(s.text, s.tokens) for s in ours.segments] == [(s.text.strip(), tuple(s.tokens)) for s in segments]
    for mine, theirs in zip(ours.segments, segments, strict=True):
        expected = [theirs.start, theirs.end, theirs.avg_logprob, theirs.no_speech_prob, theirs.compression_ratio]
        found = [mine.start_s, mine.end_s, mine.avg_logprob, mine.no_speech_prob, mine.compression_ratio]
        assert found == pytest.approx(expected, abs=1e-4)
        assert mine.temperature == theirs.temperature
    words = [word for segment in segments for word in segment.words or ()]
    assert [w.word for w in ours.words] == [w.word.strip() for w in words]
    for found_word, word in zip(ours.words, words, strict=True):
        assert [found_word.start_s, found_word.end_s] == pytest.approx([word.start, word.end], abs=0.011)
        assert found_word.confidence == pytest.approx(word.probability, abs=1e-4)


@pytest.mark.parametrize(
    ("words", "seconds"),
    # Words in 0.02 s have no length, and a segment without length loses its text there; here it does not.
    [(words, seconds) for words in (False, True) for seconds in SECONDS if not words or seconds > 1],
)
async def test_same_text_segments_and_words(both: Both, seconds: float, words: bool) -> None:
    engine, peer = both
    samples = noise(seconds)
    request = {"temperature": 0.0, "condition_on_previous_text": False, "word_timestamps": words}
    segments, info = peer.transcribe(samples, **request)
    ours = await engine.transcribe(samples, Hearing(words=words))
    assert_same(ours, list(segments), info)
    if ours.language_probability is not None:
        assert ours.language_probability == pytest.approx(info.language_probability, abs=1e-3)


async def test_same_with_language_task_phrases_and_prompt(both: Both) -> None:
    engine, peer = both
    samples = noise(5.0)
    segments, info = peer.transcribe(
        samples,
        language="fr",
        task="translate",
        temperature=0.0,
        condition_on_previous_text=False,
        hotwords="Keller, Zürich",
        initial_prompt="Grüezi mitenand.",
    )
    hearing = Hearing(language="fr", translate=True, phrases=("Keller", "Zürich"), prompt="Grüezi mitenand.")
    ours = await engine.transcribe(samples, hearing)
    assert_same(ours, list(segments), info)
    assert ours.language_probability is None


async def test_same_draft(both: Both) -> None:
    engine, peer = both
    samples = noise(3.0)
    segments, _ = peer.transcribe(samples, language="en", beam_size=1, temperature=0.0, without_timestamps=True)
    assert await engine.draft(samples, Hearing(language="en")) == "".join(s.text for s in segments).strip()


async def test_same_for_speech(both: Both, speech: list[dict[str, Any]]) -> None:
    import soundfile

    engine, peer = both
    samples, rate_hz = soundfile.read(speech[0]["path"], dtype="float32")
    assert rate_hz == 16_000
    segments, info = peer.transcribe(samples, temperature=0.0, condition_on_previous_text=False, word_timestamps=True)
    assert_same(await engine.transcribe(samples, Hearing(words=True)), list(segments), info)
