"""The espeak-ng engine with the real library."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.tts.espeak_ctypes import CHUNK_SAMPLES, MAX_CHARACTERS, Espeak, Options, load
from antiphon.engines.tts.espeak_ctypes.pieces import pieces
from antiphon.errors import EngineFailed, EngineUnavailable
from antiphon.events.speech import SpokenWord, Voicing

pytest.importorskip("espeakng_loader", reason="espeakng-loader is not installed: the real voice is not tested here")
pytestmark = pytest.mark.models


@pytest.fixture
async def espeak() -> AsyncIterator[Espeak]:
    engine = load(Options())
    yield engine
    await engine.close()


async def words_of(espeak: Espeak, text: str, language: str) -> list[SpokenWord]:
    return [word async for chunk in espeak.speak(text, Voicing(language)) for word in chunk.words]


async def test_places_are_characters_whatever_their_bytes(espeak: Espeak) -> None:
    text = "Grüß Gott 😀 Frau Äpfelböck, übermorgen um halb elf."
    words = await words_of(espeak, text, "de")
    heard = [text[word.start : word.end] for word in words]
    assert [w for w in heard if w != "😀"] == ["Grüß", "Gott", "Frau", "Äpfelböck", "übermorgen", "um", "halb", "elf"]


async def test_a_time_written_in_figures_is_one_word_and_says_the_hour(espeak: Espeak) -> None:
    text = "Um 10:30 Uhr am 24.11.2026 bei Dr. Müller"
    words = await words_of(espeak, text, "de")
    assert [text[w.start : w.end] for w in words] == ["Um", "10:30 Uhr", "am", "24.11.2026", "bei", "Dr.", "Müller"]


async def test_places_stay_right_after_the_first_piece(espeak: Espeak) -> None:
    text = "Grüezi, das ist ein längerer Satz. " * 12 + "Schöner Schluss."
    words = await words_of(espeak, text, "de")
    assert [text[word.start : word.end] for word in words[-2:]] == ["Schöner", "Schluss"]
    times = [word.at_sample for word in words]
    assert times == sorted(times)


async def test_words_sound_where_they_are_said_to_begin(espeak: Espeak) -> None:
    chunks = [chunk async for chunk in espeak.speak("Yes. No.", Voicing())]
    samples = np.concatenate([chunk.samples for chunk in chunks])
    second = next(word for chunk in chunks for word in chunk.words if word.start == 5)
    level = np.abs(samples)
    assert level[second.at_sample - 2000 : second.at_sample - 200].max() < 0.02
    assert level[second.at_sample : second.at_sample + 4000].max() > 0.1


async def test_voices_dialects_and_variants(espeak: Espeak) -> None:
    sounds = {}
    for voice in ("", "klatt4", "f2", "en-us", "en-US+f2", "de", "Annie"):
        sounds[voice] = np.concatenate([c.samples async for c in espeak.speak("Hello there", Voicing("en", voice))])
    assert len(sounds[""]) == pytest.approx(len(sounds["klatt4"]), rel=0.02)
    assert all(len(sound) > 5_000 for sound in sounds.values())
    assert np.abs(sounds["f2"][:8000] - sounds["klatt4"][:8000]).max() > 0.1


async def test_swiss_and_other_regions_speak_their_language(espeak: Espeak) -> None:
    for language in ("de-CH", "en-GB", "fr-FR", "it"):
        assert [chunk async for chunk in espeak.speak("Do re mi", Voicing(language))]


async def test_a_killed_process_costs_no_sentence(espeak: Espeak) -> None:
    text = "This sentence is long enough to be spoken in several pieces of work. " * 20
    chunks = espeak.speak(text, Voicing())
    heard = [await anext(chunks)]
    for pid in espeak.pool.pids:
        os.kill(pid, signal.SIGKILL)
    heard += [chunk async for chunk in chunks]
    last = [word for chunk in heard for word in chunk.words][-1]
    assert text[last.start : last.end] == "work"


async def test_a_chunk_is_short(espeak: Espeak) -> None:
    assert all([len(c.samples) <= CHUNK_SAMPLES async for c in espeak.speak("One two three four. " * 20, Voicing())])


async def test_a_closed_engine_says_so() -> None:
    engine = load(Options())
    await engine.close()
    with pytest.raises(EngineFailed):
        await words_of(engine, "Hello.", "en")


async def test_a_listener_who_leaves_does_not_kill_the_process(espeak: Espeak) -> None:
    await espeak.start()
    before = espeak.pool.pids
    for _ in range(10):
        listener = asyncio.create_task(words_of(espeak, "Nobody hears this. " * 100, "en"))
        await asyncio.sleep(0.005)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
    assert await words_of(espeak, "Hello.", "en")
    assert espeak.pool.pids == before
    assert espeak.pool.gate.in_flight == 0


def test_an_unknown_default_voice_is_told_when_it_is_loaded() -> None:
    with pytest.raises(EngineUnavailable, match="no voice 'nobody'"):
        load(Options(voice="nobody"))


def test_the_library_stays_out_of_this_process() -> None:
    code = (
        "import asyncio; from antiphon.engines.tts.espeak_ctypes import *\n"
        "async def main():\n"
        "    e = load(Options())\n"
        "    print(len([c async for c in e.speak('Hello.', Voicing())]) > 1)\n"
        "    print('libespeak' in open('/proc/self/maps').read())\n"
        "    await e.close()\n"
        "asyncio.run(main())"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert out.stdout.split() == ["True", "False"]


@given(st.text("ab1. ?!\n…é", max_size=2000))
def test_pieces_lie_in_order_and_lose_no_letter(text: str) -> None:
    cut = list(pieces(text))
    edges = [edge for piece in cut for edge in piece]
    assert edges == sorted(edges)
    kept = "".join(text[a:b] for a, b in cut)
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]
    assert all(b - a <= 320 for a, b in cut)


def test_the_first_piece_ends_early_and_at_a_sentence() -> None:
    text = "It is open. We are closed at noon, as on any day. " * 8
    cut = [text[begin:end] for begin, end in pieces(text)]
    assert cut[0] == "It is open. We are closed at noon, as on any day. "
    assert all(piece.endswith(". ") and len(piece) >= 160 for piece in cut[1:-1])
    assert "".join(cut) == text


def test_a_text_without_spaces_is_cut_too() -> None:
    assert next(pieces("x" * MAX_CHARACTERS)) == (0, 320)
