"""The embedded recogniser with its real weights, on the recording that comes with them."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from antiphon.engines.stt.moonshine_onnxruntime import Moonshine, Options, load
from antiphon.engines.stt.moonshine_onnxruntime.beam import search
from antiphon.engines.stt.moonshine_onnxruntime.network import Network
from antiphon.engines.stt.moonshine_onnxruntime.pieces import RATE_HZ, pad
from antiphon.engines.stt.moonshine_onnxruntime.recognition import Recogniser
from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import Vocabulary, read_tokens
from antiphon.engines.stt.moonshine_onnxruntime.word_model import WordModel, words
from antiphon.errors import EngineUnavailable, TooLong
from antiphon.events.speech import Expectation, Hearing, Samples
from antiphon.models import MANIFEST, Store, Weights, verify

pytestmark = pytest.mark.models
HEARING = Hearing(language="en")


@pytest.fixture(scope="module")
def folder() -> Path:
    try:
        return Store().locate("moonshine-tiny-en")
    except EngineUnavailable as missing:
        pytest.skip(f"{missing.message}: the embedded recogniser was not tested")


@pytest.fixture(scope="module")
def moonshine(folder: Path) -> Iterator[Moonshine]:
    engine = load(Options(model=str(folder), threads=1, max_audio_s=60.0))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def recogniser(folder: Path) -> Recogniser:
    vocabulary = Vocabulary(read_tokens(folder / "tokenizer.bin"))
    return Recogniser(Network(folder), vocabulary, boost=0.5, second_attempt=True)


def plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum() or c == " ")


def test_weights_are_the_ones_that_were_measured(folder: Path) -> None:
    weights = MANIFEST["moonshine-tiny-en"]
    assert isinstance(weights, Weights)
    verify(weights, folder)


async def test_reads_a_recording_with_words_in_order(moonshine: Moonshine, beckett: Samples) -> None:
    transcript = await moonshine.transcribe(beckett, Hearing(language="en", words=True))
    assert plain(transcript.text) == "ever tried ever failed no matter try again fail again fail better"
    assert [plain(w.word) for w in transcript.words] == plain(transcript.text).split()
    edges = [t for w in transcript.words for t in (w.start_s, w.end_s)]
    assert edges == sorted(edges)
    assert edges[-1] <= transcript.duration_s
    assert all(w.confidence is not None and 0.0 < w.confidence <= 1.0 for w in transcript.words)


async def test_alternatives_are_other_words(moonshine: Moonshine, beckett: Samples) -> None:
    noise = np.random.default_rng(0).normal(0.0, beckett.std(), len(beckett)).astype(np.float32)
    heard = await moonshine.transcribe(beckett + noise, Hearing(language="en"))
    plain = ["".join(c for c in text.lower() if c.isalnum()) for text in (heard.text, *heard.alternatives)]
    assert len(plain) > 1
    assert len(set(plain)) == len(plain)


async def test_the_same_recording_is_always_read_the_same(moonshine: Moonshine, beckett: Samples) -> None:
    first, second = await asyncio.gather(*(moonshine.transcribe(beckett, HEARING) for _ in range(2)))
    assert first == second


async def test_draft_reads_nearly_the_same(moonshine: Moonshine, beckett: Samples) -> None:
    assert plain(await moonshine.draft(beckett, HEARING)).startswith("ever tried ever failed no matter")


async def test_greedy_reading_is_the_draft_with_words_and_a_confidence_of_its_own(
    folder: Path, moonshine: Moonshine, beckett: Samples
) -> None:
    noise = np.random.default_rng(0).normal(0.0, beckett.std(), len(beckett)).astype(np.float32)
    with closing(load(Options(model=str(folder), search="greedy"))) as greedy:
        clear, unclear = [
            await greedy.transcribe(samples, Hearing(language="en", expect=Expectation.DIGITS, words=True))
            for samples in (beckett, beckett + noise)
        ]
    assert clear.text == await moonshine.draft(beckett, HEARING)
    assert [plain(w.word) for w in clear.words] == plain(clear.text).split()
    assert clear.alternatives == ()
    assert 0.0 < 2 * unclear.confidence < clear.confidence < 1.0
    assert clear.confidence != (await moonshine.transcribe(beckett, HEARING)).confidence


@pytest.mark.parametrize("samples", [0, 1, 160, 16_000])
async def test_silence_of_any_length_is_no_speech(moonshine: Moonshine, samples: int) -> None:
    transcript = await moonshine.transcribe(np.zeros(samples, np.float32), HEARING)
    assert (transcript.text, transcript.no_speech) == ("", True)


async def test_numbers_that_are_none_are_survived(moonshine: Moonshine, beckett: Samples) -> None:
    damaged = beckett.copy()
    damaged[1000:1010] = [np.nan, np.inf, -np.inf, 1e38, -1e38] * 2
    assert "fail" in (await moonshine.transcribe(damaged, HEARING)).text.lower()


async def test_too_long_is_refused(moonshine: Moonshine) -> None:
    with pytest.raises(TooLong):
        await moonshine.transcribe(np.zeros(61 * 16_000, np.float32), HEARING)


async def test_cancelled_call_gives_its_thread_back(moonshine: Moonshine, beckett: Samples) -> None:
    long = asyncio.create_task(moonshine.transcribe(np.tile(beckett, 5), HEARING))
    await asyncio.sleep(0.05)
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long
    assert (await moonshine.transcribe(beckett[:16_000], HEARING)).duration_s == 1.0


def test_abandoned_search_stops_before_its_next_step(recogniser: Recogniser, beckett: Samples) -> None:
    asked = 0

    def alive() -> None:
        nonlocal asked
        asked += 1
        if asked == 5:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        recogniser.recognise(beckett, Expectation.FREE, (), alive)
    assert asked == 5


@pytest.mark.parametrize("expect", [e for e in Expectation if e is not Expectation.FREE])
async def test_surprising_answer_comes_through(moonshine: Moonshine, beckett: Samples, expect: Expectation) -> None:
    transcript = await moonshine.transcribe(beckett, Hearing(language="en", expect=expect))
    assert plain(transcript.text) == "ever tried ever failed no matter try again fail again fail better"


async def test_phrases_that_were_not_said_stay_unsaid(moonshine: Moonshine, beckett: Samples) -> None:
    hearing = Hearing(language="en", phrases=("Beatrice Keller", "root canal", "Everett Trice"))
    assert "everett" not in (await moonshine.transcribe(beckett, hearing)).text.lower()


def test_hopeless_search_ends_early_and_empty(folder: Path, beckett: Samples) -> None:
    steps = 0

    def alive() -> None:
        nonlocal steps
        steps += 1

    assert search(Network(folder), pad(beckett, 0.1, 0.1), 60, alive=alive, floor=-0.001) == []
    assert steps < 5


def test_only_what_was_asked_for_is_looked_at_again(folder: Path, beckett: Samples) -> None:
    noise = np.random.default_rng(0).normal(0.0, beckett.std(), len(beckett)).astype(np.float32)
    network, vocabulary = Network(folder), Vocabulary(read_tokens(folder / "tokenizer.bin"))
    steps = Counter[tuple[Expectation, bool]]()
    for expect, looks in product((Expectation.FREE, Expectation.NAME), (False, True)):
        recogniser = Recogniser(network, vocabulary, boost=0.5, second_attempt=True, second_looks=looks)
        recogniser.recognise(beckett + noise, expect, (), partial(steps.update, [(expect, looks)]))
    assert steps[Expectation.FREE, True] == steps[Expectation.FREE, False]
    assert steps[Expectation.NAME, True] > steps[Expectation.NAME, False]


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"encoder_model\.ort"):
        load(Options(model=str(tmp_path)))


class Favour(WordModel):
    """Finds one sentence likely and no other."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence.split()

    def log_p(self, sentence: Sequence[str]) -> float:
        return 0.0 if list(sentence) == self._sentence else -1000.0


@pytest.mark.parametrize(
    ("expect", "phrases", "judged"),
    [
        (Expectation.FREE, ("check-up",), True),
        (Expectation.DATE, (), True),
        (Expectation.NAME, (), False),
        (Expectation.FREE, (), False),
    ],
)
def test_a_callers_turn_is_the_reading_whose_words_are_likely(
    folder: Path, beckett: Samples, expect: Expectation, phrases: tuple[str, ...], judged: bool
) -> None:
    network, vocabulary = Network(folder), Vocabulary(read_tokens(folder / "tokenizer.bin"))
    ever_tried = beckett[: 2 * RATE_HZ]
    alone = Recogniser(network, vocabulary, boost=0.5, second_attempt=False)
    heard = alone.recognise(ever_tried, expect, phrases, lambda: None)
    other = " ".join(words(heard.others[0]))
    with_model = Recogniser(network, vocabulary, boost=0.5, second_attempt=False, word_model=Favour(other))
    chosen = with_model.recognise(ever_tried, expect, phrases, lambda: None)
    assert " ".join(words(chosen.text)) == (other if judged else " ".join(words(heard.text)))
