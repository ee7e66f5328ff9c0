"""Word times by the real aligner in its own process."""

import math
from collections.abc import AsyncIterator

import numpy as np
import pytest

from antiphon.engines.align.pocketsphinx_process import Options, PocketsphinxAligner, load
from antiphon.engines.align.pocketsphinx_process.spelling import between, phones, spoken
from antiphon.events.speech import Samples

pytestmark = pytest.mark.models
TEXT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."


@pytest.fixture
async def aligner() -> AsyncIterator[PocketsphinxAligner]:
    pytest.importorskip("pocketsphinx", reason="pocketsphinx is not installed: word times were not tested")
    found = load(Options())
    yield found
    await found.close()


def level(samples: Samples, start_s: float, end_s: float) -> float:
    part = samples[int(start_s * 16_000) : int(end_s * 16_000)]
    return float(np.sqrt(np.square(part).mean()))


async def test_every_word_lies_on_sound_and_in_order(aligner: PocketsphinxAligner, beckett: Samples) -> None:
    times = await aligner.align(beckett, TEXT)
    assert len(times) == len(TEXT.split())
    known = [t for t in times if t is not None]
    assert len(known) == len(times)
    edges = [edge for t in known for edge in t]
    assert edges == sorted(edges)
    whole = level(beckett, 0, len(beckett) / 16_000)
    assert sum(level(beckett, *t) > whole / 2 for t in known) >= len(known) - 1


async def test_unknown_words_numerals_and_signs_keep_their_places(
    aligner: PocketsphinxAligner, beckett: Samples
) -> None:
    exact = await aligner.align(beckett, TEXT)
    odd = await aligner.align(beckett, TEXT.replace("tried.", "tryde -").replace("Fail better", "Feyl better"))
    assert len(odd) == len(exact) + 1
    assert None not in odd
    assert math.isclose((odd[-1] or (0, 0))[1], (exact[-1] or (0, 0))[1], abs_tol=0.3)


async def test_words_that_were_not_said_have_no_times(aligner: PocketsphinxAligner, beckett: Samples) -> None:
    times = await aligner.align(beckett[:4_000], TEXT)
    assert times == (None,) * len(TEXT.split())


async def test_it_goes_on_after_a_refusal(aligner: PocketsphinxAligner, beckett: Samples) -> None:
    await aligner.align(beckett[:4_000], TEXT)
    assert None not in await aligner.align(beckett, TEXT)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("8:15", ("eight", "fifteen")),
        ("555-010", ("five", "five", "five", "zero", "one", "zero")),
        ("1984", ("nineteen", "eighty", "four")),
        ("o'clock,", ("o'clock",)),
        ("Mood-Lighting!", ("mood", "lighting")),
        ("-", ()),
        ("&", ("and",)),
    ],
)
def test_what_is_said_for_what_is_written(written: str, said: tuple[str, ...]) -> None:
    assert spoken(written) == said


def test_guessed_phones_are_of_the_right_kind() -> None:
    assert phones("thatcher") == "TH AE CH ER"
    assert phones("qwx") != ""


def test_words_between_found_ones_share_the_time_there() -> None:
    times = between([None, (1.0, 2.0), None, None, (3.0, 4.0), None], 5.0)
    assert times == ((0.0, 1.0), (1.0, 2.0), (2.0, 2.5), (2.5, 3.0), (3.0, 4.0), (4.0, 5.0))
    assert between([None, None], 5.0) == (None, None)


async def test_words_that_do_not_fit_are_no_noise_on_standard_error(
    aligner: PocketsphinxAligner, capfd: pytest.CaptureFixture[str]
) -> None:
    hiss = (np.random.default_rng(0).standard_normal(16_000) * 0.1).astype(np.float32)
    for samples, text in ((hiss, TEXT), (hiss[:1600], "hello xyzzy"), (hiss[:0], "hello"), (hiss, "hello")):
        await aligner.align(samples, text)
    assert capfd.readouterr().err == ""
