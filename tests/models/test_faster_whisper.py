"""The Whisper engine on a real, tiny CTranslate2 model."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from antiphon.engines.stt.faster_whisper_ctranslate2 import FasterWhisper, Options, load, mean_probability
from antiphon.errors import BadInput, EngineUnavailable, TooLong
from antiphon.events.speech import Hearing, Samples

pytestmark = pytest.mark.models
NOISE: Samples = np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32)


@pytest.fixture(scope="module")
def whisper(tiny_whisper: Path) -> Iterator[FasterWhisper]:
    engine = load(Options(model=str(tiny_whisper), vad_filter=False, max_audio_s=60.0))
    yield engine
    engine.close()


async def test_text_confidence_language_and_duration(whisper: FasterWhisper) -> None:
    transcript = await whisper.transcribe(NOISE, Hearing())
    assert transcript.text == "hello from a tiny model"
    assert transcript.language == "en"
    assert transcript.duration_s == 2.0
    assert 0.5 < transcript.confidence <= 1.0
    assert not transcript.no_speech
    assert transcript.words == ()


async def test_words_have_times_when_asked_for(whisper: FasterWhisper) -> None:
    transcript = await whisper.transcribe(NOISE, Hearing(language="en", words=True))
    assert [w.word for w in transcript.words] == transcript.text.split()
    assert all(0.0 <= w.start_s <= w.end_s <= 2.0 for w in transcript.words)


async def test_draft_reads_the_same_without_times(whisper: FasterWhisper) -> None:
    assert await whisper.draft(NOISE, Hearing(language="en")) == "hello from a tiny model"


async def test_silence_never_reaches_the_model(tiny_whisper: Path) -> None:
    engine = load(Options(model=str(tiny_whisper)))
    transcript = await engine.transcribe(NOISE * np.float32(1e-3), Hearing())
    assert (transcript.text, transcript.no_speech) == ("", True)
    engine.close()


async def test_unknown_language_is_the_callers_fault(whisper: FasterWhisper) -> None:
    with pytest.raises(BadInput, match="xx"):
        await whisper.transcribe(NOISE, Hearing(language="xx"))


async def test_too_long_is_refused(whisper: FasterWhisper) -> None:
    with pytest.raises(TooLong):
        await whisper.transcribe(np.zeros(61 * 16_000, np.float32), Hearing())


async def test_not_a_number_is_silence(whisper: FasterWhisper) -> None:
    transcript = await whisper.transcribe(np.full(16_000, np.nan, np.float32), Hearing())
    assert transcript.no_speech


def test_folder_without_tokenizer_is_refused_not_completed_from_the_hub(tiny_whisper: Path, tmp_path: Path) -> None:
    for name in ("model.bin", "config.json"):
        (tmp_path / name).write_bytes((tiny_whisper / name).read_bytes())
    with pytest.raises(EngineUnavailable, match=r"tokenizer\.json"):
        load(Options(model=str(tmp_path)))


def test_damaged_model_is_unavailable(tiny_whisper: Path, tmp_path: Path) -> None:
    for file in tiny_whisper.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.bin").write_bytes(b"not a model")
    with pytest.raises(EngineUnavailable):
        load(Options(model=str(tmp_path)))


def test_number_format_is_checked_against_the_device(tiny_whisper: Path) -> None:
    with pytest.raises(EngineUnavailable, match="compute_type"):
        load(Options(model=str(tiny_whisper), device="cpu", compute_type="float7"))


def test_mean_probability_weighs_segments_by_tokens() -> None:
    assert mean_probability([(1, math.log(0.5)), (3, 0.0)]) == pytest.approx(0.5**0.25)
    assert mean_probability([]) == 0.0
    assert mean_probability([(3, math.nan)]) == 0.0
