"""Yes and no in the words callers use; backchannels, languages, and the form in which texts are compared."""

import pytest

from antiphon.language.answers import read_yes_no
from antiphon.language.backchannels import is_backchannel
from antiphon.language.languages import read_language
from antiphon.language.normal import normalise, words

YES_EN = [
    "Quite so.",
    "Suits me.",
    "Fine by me.",
    "He can do that.",
    "That should work.",
    "Let's go with that.",
    "As far as I can tell, yes.",
    "You've got it.",
    "No changes.",
    "Looks good.",
    "That's noted.",
    "That's the one, yes.",
    "Book it, please.",
    "If you would, please.",
    "I'll take it.",
    "It suits her.",
    "Yes.",
    "Yes, yes",
    "yes please",
    "that's right",
    "Yeah, that works",
    "yep",
    "Uh, yes, that's correct.",
    "sure",
    "Correct.",
    "That's fine.",
    "sounds good",
    "I do",
    "Right.",
    "why not",
    "no problem",
    "Okay, perfect",
    "of course",
    "Yes, Thursday at ten",
    "yet",
    "that would be great",
    "Exactly",
    "Yes I do",
    "It is",
    "That works for me",
    "Ok then",
]
NO_EN = [
    "No.",
    "no thank you",
    "not really",
    "nope",
    "Nay",
    "No, Thursday",
    "I don't think so",
    "that's not right",
    "No, that's wrong",
    "that is not correct",
    "no no no",
    "Not at all",
    "I'd rather not",
    "Yes, no wait",
    "know",
    "no pain at all",
    "Nah",
    "Unfortunately not",
    "That doesn't work for me",
    "Sorry, no",
    "wrong",
    "no, that's all",
    "I'm afraid not",
    "It isn't",
]
NEITHER_EN = [
    "I'm not sure",
    "Tuesday is good",
    "Thank you",
    "Maybe",
    "Tuesday at ten",
    "My name is Susan Miller",
    "I am in pain",
    "I know that you are open",
    "I would like an appointment",
    "Good morning",
    "What?",
    "I have a toothache",
    "note that",
    "I have to go",
]
YES_DE = [
    "na klar",
    "na gut",
    "Ja",
    "Ja, genau",
    "ja bitte",
    "Genau.",
    "passt",
    "das passt mir gut",
    "Stimmt",
    "gerne",
    "In Ordnung",
    "Das ist richtig",
    "jawohl",
    "Ja, das stimmt",
    "alles klar",
    "sehr gerne",
    "klar",
    "okay",
    "natürlich",
    "Doch",
    "Das wäre super",
]
NO_DE = [
    "nein",
    "nein danke",
    "lieber nicht",
    "Nee",
    "das stimmt nicht",
    "passt nicht",
    "das geht leider nicht",
    "Nein, am Donnerstag",
    "falsch",
    "auf keinen Fall",
    "sicher nicht",
    "nicht wirklich",
    "natürlich nicht",
    "Das ist nicht richtig",
    "leider nicht",
]
NEITHER_DE = [
    "keine Ahnung",
    "ich weiss nicht",
    "am Dienstag um zehn",
    "ich hätte gern einen Termin",
    "Guten Morgen",
    "mein Name ist Meier",
    "Guten Tag",
]
ANSWERS = [
    *(("en", text, True) for text in YES_EN),
    *(("en", text, False) for text in NO_EN),
    *(("en", text, None) for text in NEITHER_EN),
    *(("de", text, True) for text in YES_DE),
    *(("de", text, False) for text in NO_DE),
    *(("de", text, None) for text in NEITHER_DE),
]


@pytest.mark.parametrize(("language", "text", "agrees"), ANSWERS)
def test_yes_and_no(language: str, text: str, agrees: bool | None) -> None:
    reading = read_yes_no(text, language)
    assert (reading.value if reading else None) is agrees


def test_the_rest_can_be_read_on() -> None:
    text = "No, Thursday"
    reading = read_yes_no(text, "en")
    assert reading is not None
    assert text[reading.start : reading.end] == "No"


@pytest.mark.parametrize("text", ["yet", "know", "Okay then we see", "Yes, but that's not right"])
def test_doubtful_answers_are_to_be_confirmed(text: str) -> None:
    reading = read_yes_no(text, "en")
    assert reading is not None
    assert reading.confidence < 0.8


@pytest.mark.parametrize("text", ["mhm", "Uh-huh.", "Okay", "right", "I see", "Mm-hmm", "yeah, yeah", "Got it."])
def test_english_backchannels(text: str) -> None:
    assert is_backchannel(text, "en")


@pytest.mark.parametrize("text", ["ja", "genau", "Aha", "Ja, ja", "ach so", "alles klar", "Mhm."])
def test_german_backchannels(text: str) -> None:
    assert is_backchannel(text, "de")


@pytest.mark.parametrize("text", ["", "Yes, Thursday", "okay, but no", "no", "stop", "Really?", "...", "ten o'clock"])
def test_a_turn_is_no_backchannel(text: str) -> None:
    assert not is_backchannel(text, "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I'd like an appointment please", "en"),
        ("Ich hätte gerne einen Termin", "de"),
        ("Yes", "en"),
        ("Genau", "de"),
        ("Grüezi, Müller", "de"),
        ("tomorrow at ten", "en"),
        ("morgen um zehn", "de"),
        ("079 223 45 67", None),
        ("", None),
        ("xyzzy", None),
    ],
)
def test_languages(text: str, language: str | None) -> None:
    reading = read_language(text)
    assert (reading.value if reading else None) == language


def test_only_the_languages_asked_for_are_found() -> None:
    assert read_language("Ich hätte gerne einen Termin", ("en",)) is None


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "Uh, at ten-thirty on the Twenty-Fourth", "at 10:30 on the 24th"),
        ("en", "oh seven nine, 2 2 3", "079 223"),
        ("en", "I'm Dr. Müller", "i am doctor mueller"),
        ("en", "Yeah, that’s okay!", "yes that's ok"),
        ("en", "10 a.m.", "ten AM"),
        ("de", "Am dritten März um zehn Uhr dreißig", "am 3. Maerz um 10 Uhr 30"),
        ("de", "neunzehnhundertvierundachtzig", "1984"),
    ],
)
def test_two_ways_of_writing_are_one(language: str, one: str, other: str) -> None:
    assert normalise(one, language) == normalise(other, language)


@pytest.mark.parametrize(
    ("one", "other"), [("Tuesday", "Thursday"), ("ten", "eleven"), ("can", "can't"), ("yes", "no")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert normalise(one, "en") != normalise(other, "en")


def test_words() -> None:
    assert words("I'm fine, it’s 10:30!") == ["i'm", "fine", "it's", "10", "30"]
    assert words("") == []
