"""Names in sentences, as bare answers and spelled; what is no name is not taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.language.names import capitalised, read_names, read_spelling

UNASKED_EN = [
    ("My name is Susan Miller.", "Susan Miller"),
    ("my name is susan miller", "Susan Miller"),
    ("Hello, this is John O'Brien speaking", "John O'Brien"),
    ("this is urgent", None),
    ("I am in pain", None),
    ("I'm calling about my tooth", None),
    ("Hi, I'm Peter and I need an appointment", "Peter"),
    ("It's Anna Keller here", "Anna Keller"),
    ("Hello, this is Dr. Meier", "Meier"),
    ("Susan Miller speaking", "Susan Miller"),
    ("I'm Mrs. Jones", "Jones"),
    ("My name is Meyer, M E I E R", "Meier"),
    ("I'd like an appointment on Tuesday", None),
    ("This is Tuesday", None),
    ("I am allergic to Penicillin", None),
    ("The name is von Allmen", "von Allmen"),
    ("hi this is peter parker i need a cleaning", "Peter Parker"),
    ("Is this the dentist?", None),
    ("I'm a new patient", None),
    ("I'm having a toothache", None),
    ("It's urgent, I'm bleeding", None),
    ("My name's Bond, James Bond", "James Bond"),
    ("I'm looking for Dr. Keller", None),
    ("it is about my insurance", None),
    ("Good morning, Maria Lopez here, I need a checkup", "Maria Lopez"),
    ("That's fine", None),
    ("that's Tuesday at ten", None),
    ("I'm from Zurich", None),
    ("This is a question about parking", None),
    ("MY NAME IS SUSAN MILLER", "Susan Miller"),
    ("My name is Thomas and I'd like to book", "Thomas"),
    ("my first name is Anna", "Anna"),
]
ASKED_EN = [
    ("It is Susan, Susan Miller", "Susan Miller"),
    ("Smith. John Smith.", "John Smith"),
    ("First name Victoria, last name Palmer.", "Victoria Palmer"),
    ("First named Victoria, last named Palmer.", "Victoria Palmer"),
    ("My last name is Kovacs and my first name is Anna", "Anna Kovacs"),
    ("Walter, that's W A L T E R, first name Simon.", "Simon Walter"),
    ("My last name is Kovacs", "Kovacs"),
    ("I'd rather not say", None),
    ("Ten thirty", None),
    ("One moment please", None),
    ("Van der Berg", "van der Berg"),
    ("Susan Miller.", "Susan Miller"),
    ("Uh, Miller", "Miller"),
    ("yes, it's susan miller", "Susan Miller"),
    ("I don't know", None),
    ("What?", None),
    ("M E I E R", "Meier"),
    ("Yes.", None),
    ("Tuesday", None),
    ("Hans-Peter Müller please", "Hans-Peter Müller"),
    ("Mr. Smith", "Smith"),
    ("It's McDonald", "McDonald"),
    ("mcdonald", "McDonald"),
    ("079 223", None),
    ("Smith, S M Y T H", "Smyth"),
    ("em ee eye ee ar", "Meier"),
    ("Sure, Ann Lee.", "Ann Lee"),
    ("Can you repeat that?", None),
    ("B for Bravo, A for Alpha, U for uniform, R, Double-U E R", "Baurwer"),
    ("He's called Noah Zimmermann", "Noah Zimmermann"),
    ("Hartmann with two Ns at the end, Zoe", "Zoe Hartmann"),
    ("Widmer, as in wide, Nora", "Nora Widmer"),
    ("The name's Fairfax Jones, Harriet Fairfax Jones", "Harriet Fairfax Jones"),
    ("Emily Watson's peaking", "Emily Watson"),
    ("Sister Abigail Crane", "Abigail Crane"),
    ("In your records I'm probably Elizabeth Horvath", "Elizabeth Horvath"),
    ("On my card it says Johann Meier", "Johann Meier"),
    ("The patient is Alexander Kaufmann, K A U F, M A double N", "Alexander Kaufmann"),
    ("Missis Kaya. Leyla Kaya", "Leyla Kaya"),
    ("Rossi, Marco. Rossi is the family name", "Marco Rossi"),
    ("Marco is the first name, Rossi the last name", "Marco Rossi"),
    ("Dora Meyer, dear, Meyer with an E and a Y", "Dora Meyer"),
    ("Katrin with a K, Katrin Vogt", "Katrin Vogt"),
    ("Anna Meier, with E I", "Anna Meier"),
    ("Eric Marsh, Eric with a C", "Eric Marsh"),
    ("Sarah without an H, Sara Blum", "Sara Blum"),
    ("Oh, that'd be Hanna Sorensen, dear", "Hanna Sorensen"),
]
UNASKED_DE = [
    ("Mein Name ist Müller", "Müller"),
    ("Ich heisse Anna Meier", "Anna Meier"),
    ("Guten Tag, hier ist Frau Keller", "Keller"),
    ("Müller am Apparat", "Müller"),
    ("ich bin krank", None),
    ("Ich bin Peter Huber", "Peter Huber"),
    ("Hier spricht Hans von Allmen", "Hans von Allmen"),
    ("Es ist dringend", None),
    ("Ich bin in den Ferien", None),
    ("mein name ist susanne weber", "Susanne Weber"),
    ("Das ist ein Notfall", None),
    ("Grüezi, Meier hier", "Meier"),
    ("ich habe Schmerzen", None),
    ("Mein Name ist Meier, M E I E R", "Meier"),
    ("Ich heiße Özlem Yılmaz", "Özlem Yılmaz"),
    ("hier ist es dringend", None),
]
ASKED_DE = [
    ("Müller", "Müller"),
    ("Ja, Anna Müller bitte", "Anna Müller"),
    ("weiss nicht", None),
    ("S wie Siegfried, M, I, T, H", "Smith"),
    ("Frau Dr. Keller", "Keller"),
    ("em e i e er", "Meier"),
    ("am Dienstag", None),
]


def _first(text: str, language: str, asked: bool) -> str | None:
    readings = read_names(text, language, asked)
    return readings[0].value if readings else None


@pytest.mark.parametrize(("text", "name"), UNASKED_EN)
def test_english_names_in_sentences(text: str, name: str | None) -> None:
    assert _first(text, "en", False) == name


@pytest.mark.parametrize(("text", "name"), ASKED_EN)
def test_english_names_as_answers(text: str, name: str | None) -> None:
    assert _first(text, "en", True) == name


@pytest.mark.parametrize(("text", "name"), UNASKED_DE)
def test_german_names_in_sentences(text: str, name: str | None) -> None:
    assert _first(text, "de", False) == name


@pytest.mark.parametrize(("text", "name"), ASKED_DE)
def test_german_names_as_answers(text: str, name: str | None) -> None:
    assert _first(text, "de", True) == name


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "M E I E R", "Meier"),
        ("en", "M-E-I-E-R.", "Meier"),
        ("en", "it's spelled K, E double L, E R", "Keller"),
        ("en", "B as in Bob, A as in Adam, U, R", "Baur"),
        ("en", "Mike Echo India Echo Romeo", "Meier"),
        ("en", "double-u, e, b, e, r", "Weber"),
        ("de", "em e ypsilon e er", "Meyer"),
        ("de", "M wie Martha, Ü, doppel L, E R", "Müller"),
        ("de", "S, T, A, ä, H, L, I", "Staähli"),
    ],
)
def test_spelled_words(language: str, text: str, word: str) -> None:
    assert [reading.value for reading in read_spelling(text, language)] == [word]


@pytest.mark.parametrize("text", ["I see you", "why are you", "a b", "Tuesday at ten", "U S", ""])
def test_what_is_not_spelled(text: str) -> None:
    assert read_spelling(text, "en") == []


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=10), st.sampled_from((" ", ", ", "-", ". ")))
def test_letters_are_put_together(word: str, between: str) -> None:
    (reading,) = read_spelling(between.join(word.upper()), "en")
    assert reading.value == word.capitalize()


@given(
    st.lists(st.sampled_from(("Susan", "Miller", "Anna", "Keller", "O'Brien", "Hans-Peter")), min_size=1, max_size=2)
)
def test_the_case_of_a_stated_name_is_mended(parts: list[str]) -> None:
    name = " ".join(parts)
    assert _first(f"my name is {name.lower()}", "en", False) == name
    assert _first(f"MY NAME IS {name.upper()}", "en", False) == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("patrick o'brien", "Patrick O'Brien"),
        ("ANNA-MARIA MCGREGOR", "Anna-Maria McGregor"),
        ("let's", "Let's"),
        ("james's", "James's"),
        ("jean d’arc", "Jean D’Arc"),
    ],
)
def test_name_in_the_case_of_names(words: str, name: str) -> None:
    assert capitalised(words) == name
