"""The Whisper engine on real, tiny CTranslate2 models."""

import asyncio
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from antiphon.engines.stt.faster_whisper_ctranslate2 import FasterWhisper, Options, load, mean_probability
from antiphon.engines.stt.faster_whisper_ctranslate2.decoding import Decoder, Reading, Window
from antiphon.engines.stt.faster_whisper_ctranslate2.terms import MOST_TOKENS
from antiphon.engines.stt.faster_whisper_ctranslate2.vocabulary import Vocabulary
from antiphon.engines.stt.faster_whisper_ctranslate2.weights import load_model
from antiphon.engines.vad import silero_numpy
from antiphon.errors import BadConfiguration, BadInput, EngineFailed, EngineUnavailable, TooLong
from antiphon.events.speech import Hearing, Samples, Segment
from antiphon.serving.batcher import Batcher
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.speech_gate import SpeechGate
from whisper_fixtures import SURE, UNSURE, Script

pytestmark = pytest.mark.models
NOISE: Samples = np.random.default_rng(0).normal(0, 0.1, 64_000).astype(np.float32)
Build = Callable[..., Path]


@pytest.fixture(scope="module")
def whisper(tiny_whisper: Path) -> Iterator[FasterWhisper]:
    engine = load(Options(model=str(tiny_whisper), max_audio_s=60.0))
    yield engine
    engine.close()


@pytest.fixture
def loaded(build_whisper: Build) -> Iterator[Callable[..., FasterWhisper]]:
    """Loads an engine that says what a script says, and closes it."""
    engines = []

    def with_script(script: Script | None = None, *, shape: str = "micro", **options: Any) -> FasterWhisper:
        engines.append(load(Options(model=str(build_whisper(script, shape=shape)), **options)))
        return engines[-1]

    yield with_script
    for engine in engines:
        engine.close()


async def test_text_confidence_language_and_duration(whisper: FasterWhisper) -> None:
    transcript = await whisper.transcribe(NOISE, Hearing())
    assert transcript.text == "hello from a tiny model"
    assert transcript.language == "en"
    assert transcript.language_probability == pytest.approx(0.95, abs=0.02)
    assert transcript.duration_s == 4.0
    assert transcript.confidence == pytest.approx(math.exp(-0.05), abs=0.02)
    assert not transcript.no_speech
    assert (transcript.words, transcript.degraded) == ((), ())


async def test_a_segment_tells_what_the_decoder_thought(whisper: FasterWhisper) -> None:
    (segment,) = (await whisper.transcribe(NOISE, Hearing())).segments
    assert (segment.text, segment.start_s, segment.end_s) == ("hello from a tiny model", 0.0, 2.0)
    assert len(segment.tokens) == 7
    assert segment.avg_logprob == pytest.approx(-0.05, abs=0.02)
    assert segment.no_speech_prob == pytest.approx(0.01, abs=0.02)
    assert segment.temperature == 0.0


@pytest.mark.proves("P-1")
async def test_confidence_is_the_mean_probability_of_the_tokens(loaded: Callable[..., FasterWhisper]) -> None:
    for script in (SURE, UNSURE):
        transcript = await loaded(script).transcribe(NOISE, Hearing())
        assert transcript.confidence == pytest.approx(math.exp(transcript.segments[0].avg_logprob))
        assert transcript.confidence == pytest.approx(math.exp(script.logprob), abs=0.02)


async def test_words_have_times_when_asked_for(whisper: FasterWhisper) -> None:
    transcript = await whisper.transcribe(NOISE, Hearing(language="en", words=True))
    assert [w.word for w in transcript.words] == transcript.text.split()
    assert all(0.0 <= w.start_s <= w.end_s <= 4.0 for w in transcript.words)


async def test_draft_reads_the_same_without_times(whisper: FasterWhisper) -> None:
    assert await whisper.draft(NOISE, Hearing(language="en")) == "hello from a tiny model"


async def test_translation_is_another_task(loaded: Callable[..., FasterWhisper]) -> None:
    engine = loaded(Script("guten tag", language="de", translation="good day"))
    assert engine.card.translates
    said, translated = [await engine.transcribe(NOISE, Hearing(translate=task)) for task in (False, True)]
    assert (said.text, said.language) == ("guten tag", "de")
    assert (translated.text, translated.language) == ("good day", "de")


async def test_a_given_language_is_not_doubted(whisper: FasterWhisper) -> None:
    transcript = await whisper.transcribe(NOISE, Hearing(language="fr"))
    assert (transcript.language, transcript.language_probability) == ("fr", None)


async def test_a_model_of_english_says_so(build_whisper: Build) -> None:
    engine = load(Options(model=str(build_whisper(multilingual=False))))
    assert (engine.card.languages, engine.card.translates) == (("en",), False)
    transcript = await engine.transcribe(NOISE, Hearing())
    assert (transcript.language, transcript.language_probability) == ("en", None)
    with pytest.raises(BadInput):
        await engine.transcribe(NOISE, Hearing(language="de"))
    engine.close()


@pytest.mark.parametrize("level", [0.0, 1e-6])
async def test_silence_never_reaches_the_model(loaded: Callable[..., FasterWhisper], level: float) -> None:
    engine = loaded()
    transcript = await engine.transcribe(NOISE * np.float32(level), Hearing())
    assert (transcript.text, transcript.no_speech, transcript.language) == ("", True, "en")
    assert engine.batcher.counts.items == 0


async def test_what_the_model_holds_for_silence_is_no_speech(loaded: Callable[..., FasterWhisper]) -> None:
    engine = loaded(Script("thank you", logprob=-1.5, no_speech=0.9))
    transcript = await engine.transcribe(NOISE, Hearing(words=True))
    assert (transcript.text, transcript.no_speech, transcript.words, transcript.segments) == ("", True, (), ())


async def test_unknown_language_is_the_callers_fault(whisper: FasterWhisper) -> None:
    with pytest.raises(BadInput, match="xx") as refused:
        await whisper.transcribe(NOISE, Hearing(language="xx"))
    assert (refused.value.code, refused.value.param) == ("language_unsupported", "language")


async def test_longer_than_a_window_is_heard_to_the_end(whisper: FasterWhisper) -> None:
    transcript = await whisper.transcribe(np.resize(NOISE, 50 * 16_000), Hearing())
    assert transcript.text == " ".join(["hello from a tiny model"] * 2)
    assert [segment.start_s for segment in transcript.segments] == [0.0, 30.0]


async def test_too_long_is_refused(whisper: FasterWhisper) -> None:
    with pytest.raises(TooLong):
        await whisper.transcribe(np.zeros(61 * 16_000, np.float32), Hearing())


async def test_not_a_number_is_silence(whisper: FasterWhisper) -> None:
    transcript = await whisper.transcribe(np.full(16_000, np.nan, np.float32), Hearing())
    assert transcript.no_speech


async def test_a_phrase_that_looks_like_a_mark_changes_nothing(whisper: FasterWhisper) -> None:
    hearing = Hearing(phrases=("<|endoftext|><|startoftranscript|>", "Keller"), prompt="<|nospeech|>")
    assert (await whisper.transcribe(NOISE, hearing)).text == "hello from a tiny model"


async def test_more_phrases_than_fit_and_a_long_prompt_are_cut(whisper: FasterWhisper) -> None:
    hearing = Hearing(phrases=tuple(f"name number {n}" for n in range(500)), prompt="so it was " * 500)
    assert (await whisper.transcribe(NOISE, hearing)).text == "hello from a tiny model"


def test_context_is_whole_phrases_and_the_end_of_the_prompt(tiny_whisper: Path) -> None:
    vocabulary = Vocabulary(tiny_whisper / "tokenizer.json", multilingual=True)
    assert vocabulary.context((), "") == vocabulary.context(("", "  "), " ") == ()
    assert vocabulary.decode(vocabulary.context(("Anna", " Keller\n"), "Good day.")) == " Anna, Keller Good day."
    names = [f"name {n}" for n in range(100)]
    filled = vocabulary.context(names, "never said")
    told = vocabulary.decode(filled).strip().split(", ")
    assert told[:-1] == names[: len(told) - 1]
    assert MOST_TOKENS - 10 < len(filled) <= MOST_TOKENS
    ended = vocabulary.context((), "x" * 500 + " the end")
    assert vocabulary.decode(ended).endswith("xx the end")
    assert len(ended) == MOST_TOKENS - 1


async def test_requests_of_all_kinds_together_get_what_they_would_alone(loaded: Callable[..., FasterWhisper]) -> None:
    engine = loaded(Script("guten tag", translation="good day"), workers=1)
    kinds = [
        (NOISE, Hearing()),
        (NOISE[:20_000], Hearing(language="de", words=True)),
        (NOISE, Hearing(language="fr", translate=True)),
        (NOISE[:9_000], Hearing(phrases=("Keller",))),
        (NOISE, Hearing(prompt="Grüezi", words=True)),
        (NOISE[:40_000], Hearing(language="en")),
    ]
    alone = [await engine.transcribe(*kind) for kind in kinds]
    together = await asyncio.gather(*(engine.transcribe(*kind) for kind in kinds * 3))
    assert list(together) == alone * 3


async def test_what_waits_is_decoded_together(
    loaded: Callable[..., FasterWhisper], monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, decode = threading.Event(), Decoder.__call__

    def held_up(decoder: Decoder, windows: Sequence[Window]) -> list[Reading | Exception]:
        assert goes_on.wait(30)
        return decode(decoder, windows)

    monkeypatch.setattr(Decoder, "__call__", held_up)
    engine = loaded(frames="clip", workers=1, max_batch=4)
    calls = [asyncio.create_task(engine.transcribe(NOISE[:16_000], Hearing(language="en"))) for _ in range(12)]
    while engine.batcher.depth < 11:  # noqa: ASYNC110 - the batcher tells nobody who comes
        await asyncio.sleep(0.001)
    goes_on.set()
    assert {transcript.text for transcript in await asyncio.gather(*calls)} == {"hello from a tiny model"}
    assert dict(engine.batcher.counts.sizes) == {1: 1, 4: 2, 3: 1}


async def test_the_answer_is_bounded_where_it_does_not_end(build_whisper: Build) -> None:
    loaded = load_model(Options(model=str(build_whisper(Script("again and", loop=True)))))
    vocabulary = Vocabulary(loaded.folder / "tokenizer.json", multilingual=True)
    mel = np.zeros((80, 400), np.float32)
    for context in ((), vocabulary.context(("Keller",) * 30, "")):
        for bound in (1, 17, 200):
            window = Window(mel, 300, context, "en", False, True, False, (0.0,), 5, bound)
            (reading,) = Decoder(loaded.model, vocabulary)([window])
            assert isinstance(reading, Reading)
            assert len(reading.tokens) == bound


async def test_unsound_results_are_drawn_again_where_that_is_wanted(
    loaded: Callable[..., FasterWhisper],
) -> None:
    script = Script("who knows", logprob=-1.4)
    (once,) = (await loaded(script).transcribe(NOISE, Hearing())).segments
    assert (once.text, once.temperature) == ("who knows", 0.0)
    (best,) = (await loaded(script, temperatures=("0", "0.4", "0.8")).transcribe(NOISE, Hearing())).segments
    assert best.avg_logprob >= once.avg_logprob


async def test_a_temperature_of_the_request_counts(whisper: FasterWhisper) -> None:
    (segment,) = (await whisper.transcribe(NOISE, Hearing(temperature=0.01))).segments
    assert segment.temperature == 0.01


@pytest.mark.parametrize("frames", ["floor", "clip"])
async def test_fewer_frames_are_told(loaded: Callable[..., FasterWhisper], frames: str) -> None:
    engine = loaded(frames=frames)
    transcript = await engine.transcribe(NOISE, Hearing(words=True))
    assert transcript.text == "hello from a tiny model"
    assert transcript.degraded == ("clip_frames",)
    assert (engine.frames.shortened, engine.frames.retried, engine.frames.full) == (1, 0, 0)


@pytest.mark.parametrize("script", [UNSURE, Script("again and", loop=True)], ids=["unsure", "loop"])
async def test_doubtful_results_of_fewer_frames_are_decoded_with_all(
    loaded: Callable[..., FasterWhisper], script: Script
) -> None:
    engine = loaded(script, frames="clip")
    transcript = await engine.transcribe(NOISE, Hearing())
    assert transcript.degraded == ()
    assert (engine.frames.shortened, engine.frames.retried, engine.frames.full) == (0, 1, 0)
    assert engine.batcher.counts.items == 2


async def test_recordings_longer_than_a_window_get_all_frames(loaded: Callable[..., FasterWhisper]) -> None:
    engine = loaded(frames="clip")
    transcript = await engine.transcribe(np.resize(NOISE, 31 * 16_000), Hearing())
    assert transcript.degraded == ()
    assert (engine.frames.shortened, engine.frames.full) == (0, 2)


async def test_closed_is_closed(loaded: Callable[..., FasterWhisper]) -> None:
    engine = loaded()
    engine.close()
    with pytest.raises((EngineFailed, RuntimeError)):
        await engine.transcribe(NOISE, Hearing())


@pytest.mark.proves("P-27")
async def test_terms_of_the_operator_are_told_to_the_model(
    loaded: Callable[..., FasterWhisper], tiny_whisper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = tmp_path / "terms.txt"
    terms.write_text("Amoxicillin\n\n  Wurzelbehandlung \n", "utf-8")
    engine, contexts = loaded(terms=str(terms)), []
    submit = Batcher.submit

    async def noted(batcher: Batcher[Any, Window, Any], window: Window, key: Any) -> Any:
        contexts.append(window.context)
        return await submit(batcher, window, key)

    monkeypatch.setattr(Batcher, "submit", noted)
    await engine.transcribe(NOISE, Hearing(phrases=("Keller",)))
    vocabulary = Vocabulary(tiny_whisper / "tokenizer.json", multilingual=True)
    assert [vocabulary.decode(context) for context in contexts] == [" Amoxicillin, Wurzelbehandlung, Keller"]


@pytest.mark.proves("P-27")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("\n".join(f"t{n}" for n in range(201)).encode(), "201 terms; the limit is 200"),
        (b"word " * 60, "tokens; the limit is 224"),
        ("Zürich".encode("latin-1"), "cannot be read"),
    ],
)
def test_terms_that_the_model_cannot_be_told_are_refused_when_it_is_loaded(
    loaded: Callable[..., FasterWhisper], tmp_path: Path, content: bytes, says: str
) -> None:
    terms = tmp_path / "terms.txt"
    terms.write_bytes(content)
    with pytest.raises(BadConfiguration, match=says):
        loaded(terms=str(terms))


def test_folder_without_tokenizer_is_refused_not_completed_from_the_hub(tiny_whisper: Path, tmp_path: Path) -> None:
    for name in ("model.bin", "config.json"):
        (tmp_path / name).write_bytes((tiny_whisper / name).read_bytes())
    with pytest.raises(EngineUnavailable, match=r"tokenizer\.json"):
        load(Options(model=str(tmp_path)))


@pytest.mark.parametrize("file", ["model.bin", "tokenizer.json"])
def test_damaged_model_is_unavailable(tiny_whisper: Path, tmp_path: Path, file: str) -> None:
    for there in tiny_whisper.iterdir():
        (tmp_path / there.name).write_bytes(there.read_bytes())
    (tmp_path / file).write_bytes(b"not a model")
    with pytest.raises(EngineUnavailable):
        load(Options(model=str(tmp_path)))


@pytest.mark.proves("B24")
def test_number_format_is_checked_against_the_device(tiny_whisper: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"compute_type 'float7'.* one of .*float32.*int8.* can"):
        load(Options(model=str(tiny_whisper), device="cpu", compute_type="float7"))


@pytest.mark.parametrize("temperatures", [("warm",), ("0", "2"), ("nan",)])
def test_temperatures_are_checked(tiny_whisper: Path, temperatures: tuple[str, ...]) -> None:
    with pytest.raises(BadConfiguration, match="temperatures"):
        load(Options(model=str(tiny_whisper), temperatures=temperatures))


def test_mean_probability_weighs_segments_by_tokens() -> None:
    def segment(tokens: int, avg_logprob: float) -> Segment:
        return Segment("", 0.0, 1.0, (0,) * tokens, avg_logprob)

    assert mean_probability([segment(1, math.log(0.5)), segment(3, 0.0)]) == pytest.approx(0.5**0.25)
    assert mean_probability([]) == 0.0
    assert mean_probability([segment(3, math.nan)]) == 0.0


async def test_noise_without_speech_stays_before_the_model(
    loaded: Callable[..., FasterWhisper], speech: list[dict[str, Any]]
) -> None:
    import soundfile

    engine, detector = loaded(), SpeechDetector([silero_numpy.load(silero_numpy.Options())])
    gate = SpeechGate(engine, detector)
    noise = await gate.transcribe(NOISE, Hearing())
    assert (noise.text, noise.no_speech, engine.batcher.counts.items) == ("", True, 0)
    samples, _ = soundfile.read(
        next(item["path"] for item in speech if item["condition"] == "read-en"), dtype="float32"
    )
    assert (await gate.transcribe(samples, Hearing())).text
    assert engine.batcher.counts.items == 1
    detector.close()


async def test_asking_for_word_times_costs_no_text(loaded: Callable[..., FasterWhisper]) -> None:
    """Times of words may squeeze a short segment to nothing; its words were said all the same."""
    engine = loaded(Script("one two three|four five six", seconds=0.64))
    for length in (9_600, 11_200, 12_800, 16_000):
        plain, timed = [await engine.transcribe(NOISE[:length], Hearing(words=asked)) for asked in (False, True)]
        assert timed.text == plain.text == "one two three four five six", length
        assert [word.word for word in timed.words] == timed.text.split()
