import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.audio.pcm import RATE_HZ
from antiphon.engines.turn.silence_text import Options, TextCues, load, trailing_silence_s
from antiphon.events.speech import Expectation

FREE, YES_NO, DIGITS = Expectation.FREE, Expectation.YES_NO, Expectation.DIGITS
DATE, TIME, NAME = Expectation.DATE, Expectation.TIME, Expectation.NAME
NO_SOUND = np.zeros(0, np.float32)

ENGLISH_FINISHED = [
    ("I would like to book an appointment.", FREE),
    ("I'd like a cleaning next Tuesday at ten.", FREE),
    ("What are your opening hours", FREE),
    ("What time are you open until?", FREE),
    ("Can I bring my daughter in?", FREE),
    ("I'd like to come in.", FREE),
    ("I need to call it off.", FREE),
    ("Could you fit me in", FREE),
    ("Goodbye.", FREE),
    ("No thank you, that's all", FREE),
    ("Thanks a lot", FREE),
    ("I think so.", YES_NO),
    ("Yes.", YES_NO),
    ("yes please", YES_NO),
    ("No.", YES_NO),
    ("Yes, it is.", YES_NO),
    ("Yes I would.", YES_NO),
    ("That's right", YES_NO),
    ("on Thursday", DATE),
    ("the twenty-fourth of November", DATE),
    ("tomorrow", DATE),
    ("at half past ten", TIME),
    ("10:30.", TIME),
    ("Susan Miller", NAME),
    ("My name is Susan Miller.", NAME),
    ("I'm Mary Cooper, with a C", NAME),
    ("Robert Hassel. H, A, double S, E, L.", NAME),
    ("079 555 12 34", DIGITS),
    ("zero seven nine five five five one two three four", DIGITS),
    ("055-double01-2030", DIGITS),
    ("It's oh four four, one two three, four five, six seven.", DIGITS),
    ("+41 44 123 45 67", DIGITS),
    ("I don't have a phone.", DIGITS),
    ("I'd like an appointment please", FREE),
    ("On Tuesday maybe.", FREE),
    ("I'm not feeling very well.", FREE),
    ("I don't know what it is.", FREE),
    ("As soon as I can.", FREE),
    ("Yes, me too.", FREE),
    ("I've been there before.", FREE),
    ("I need a doctor.", FREE),
    ("I'd rather not.", FREE),
]
ENGLISH_UNFINISHED = [
    ("I would like to", FREE),
    ("I'd like an appointment on", FREE),
    ("I would like.", FREE),
    ("Could you move it to the", FREE),
    ("My tooth hurts and", FREE),
    ("I can't come because.", FREE),
    ("I want", FREE),
    ("Um", FREE),
    ("It's about my, uh", FREE),
    ("Let me see.", FREE),
    ("Just a moment please", FREE),
    ("One second.", YES_NO),
    ("Well,", YES_NO),
    ("Yes, but", YES_NO),
    ("No,", YES_NO),
    ("My name is", NAME),
    ("M I double", NAME),
    ("M-E-I", NAME),
    ("Robert Hassel. H, A, double S,", NAME),
    ("Robert Hassel. H, A, double S", NAME),
    ("my number is", DIGITS),
    ("It's oh seven nine", DIGITS),
    ("079 555", DIGITS),
    ("zero seven nine, five five five, one two", DIGITS),
    ("079 555 and then", DIGITS),
    ("My number is 079 555", FREE),
    ("on the", DATE),
    ("the 24th of", DATE),
    ("next", DATE),
    ("at", TIME),
    ("half past", TIME),
]
GERMAN_FINISHED = [
    ("Ich möchte einen Termin.", FREE),
    ("Was kostet das?", FREE),
    ("Wann haben Sie offen", FREE),
    ("Ich rufe später noch einmal an.", FREE),
    ("Ich sage den Termin ab.", FREE),
    ("Nein danke, das wär's.", FREE),
    ("Auf Wiederhören", FREE),
    ("Vielen Dank.", FREE),
    ("Ja.", YES_NO),
    ("Ja, gerne", YES_NO),
    ("Nein.", YES_NO),
    ("Das stimmt so.", YES_NO),
    ("am Donnerstag", DATE),
    ("um halb elf", TIME),
    ("Peter Müller", NAME),
    ("Ich wollte fragen, ob ich am Montag kommen kann.", FREE),
    ("Ich rufe an, weil ich Zahnschmerzen habe.", FREE),
    ("Ich weiß es nicht.", FREE),
    ("Ich möchte gerne einen Termin haben.", FREE),
    ("Das wird wohl so sein.", FREE),
    ("null sieben neun, fünf fünf fünf, eins zwei, drei vier", DIGITS),
]
GERMAN_UNFINISHED = [
    ("Ich möchte", FREE),
    ("Ich hätte gern einen", FREE),
    ("Ich möchte einen Termin am", FREE),
    ("Ich kann nicht kommen, weil", FREE),
    ("Und", FREE),
    ("Äh", FREE),
    ("Es geht um meine, ähm", FREE),
    ("Einen Moment bitte.", FREE),
    ("Ja, aber", YES_NO),
    ("Mein Name ist", NAME),
    ("Ich heiße", NAME),
    ("meine Nummer ist", DIGITS),
    ("null sieben neun, fünf fünf", DIGITS),
    ("am", DATE),
    ("um halb", TIME),
    ("um viertel vor", TIME),
]


@pytest.fixture
def cues() -> TextCues:
    return load(Options())


@pytest.mark.parametrize(("text", "expect"), ENGLISH_FINISHED)
def test_english_that_is_finished(cues: TextCues, text: str, expect: Expectation) -> None:
    assert cues.finished(NO_SOUND, text, expect, "en") >= 0.75


@pytest.mark.parametrize(("text", "expect"), ENGLISH_UNFINISHED)
def test_english_that_goes_on(cues: TextCues, text: str, expect: Expectation) -> None:
    assert cues.finished(NO_SOUND, text, expect, "en") <= 0.35


@pytest.mark.parametrize(("text", "expect"), GERMAN_FINISHED)
def test_german_that_is_finished(cues: TextCues, text: str, expect: Expectation) -> None:
    assert cues.finished(NO_SOUND, text, expect, "de") >= 0.75


@pytest.mark.parametrize(("text", "expect"), GERMAN_UNFINISHED)
def test_german_that_goes_on(cues: TextCues, text: str, expect: Expectation) -> None:
    assert cues.finished(NO_SOUND, text, expect, "de") <= 0.35


def test_digits_bring_it_nearer_to_its_end(cues: TextCues) -> None:
    number = "0795551234"
    so_far = [cues.finished(NO_SOUND, number[:n], DIGITS, "en") for n in (3, 5, 9, 10)]
    assert so_far == sorted(so_far)
    assert so_far[0] < 0.2 < 0.9 < so_far[-1]


def test_an_answer_of_few_digits_is_whole_where_few_are_needed() -> None:
    assert load(Options(phone_digits=4)).finished(NO_SOUND, "one two three four", DIGITS, "en") > 0.9


def test_silence_wins_over_words_in_the_end(cues: TextCues) -> None:
    speech = np.sin(np.arange(RATE_HZ, dtype=np.float32)) * np.float32(0.3)
    silence = np.random.default_rng(0).normal(0, 1e-3, 4 * RATE_HZ).astype(np.float32)
    odds = [
        cues.finished(np.concatenate([speech, silence[: round(s * RATE_HZ)]]), "I would like to", FREE, "en")
        for s in (0, 0.5, 1.2, 4)
    ]
    assert odds == sorted(odds)
    assert odds[0] < 0.1
    assert odds[2] == pytest.approx(0.53, abs=0.03)
    assert odds[3] > 0.85


@pytest.mark.parametrize("silence_s", [0.0, 0.2, 1.0])
def test_trailing_silence_is_measured_over_noise(silence_s: float) -> None:
    noise = np.random.default_rng(1).normal(0, 0.005, 3 * RATE_HZ).astype(np.float32)
    loud = len(noise) - round(silence_s * RATE_HZ)
    noise[:loud] += np.sin(np.arange(loud, dtype=np.float32) * 0.1)
    assert trailing_silence_s(noise) == pytest.approx(silence_s, abs=0.02)


def test_an_unknown_language_is_judged_by_punctuation(cues: TextCues) -> None:
    assert cues.finished(NO_SOUND, "À quelle heure?", FREE, "fr") > 0.9
    assert cues.finished(NO_SOUND, "Je voudrais,", FREE, "fr") < 0.1


@given(st.text(max_size=200), st.sampled_from(Expectation), st.sampled_from(["en", "de", "fr", ""]))
def test_any_text_gets_a_probability(text: str, expect: Expectation, language: str) -> None:
    assert 0 <= load(Options()).finished(NO_SOUND, text, expect, language) <= 1
