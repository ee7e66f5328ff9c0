import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.language.aloud import read_aloud

ENGLISH = {
    "at 10:30": "at 10 30",
    "at 8:05.": "at 8 oh 5.",
    "at 10:00": "at 10 o'clock",
    "at 14:30 today": "at 2 30 p.m. today",
    "at 0:15": "at 12 15 a.m.",
    "at 12:30": "at 12 30",
    "at 10:30 a.m.": "at 10 30 a.m.",
    "at 2.15 pm": "at 2 15 p.m.",
    "from 8:00-18:00": "from 8 o'clock to 6 p.m.",
    "8–18": "8 to 18",
    "2026-11-24": "the twenty-fourth of November twenty twenty-six",
    "on the 24/11/2026": "on the twenty-fourth of November twenty twenty-six",
    "on 24.11.2026": "on the twenty-fourth of November twenty twenty-six",
    "on 24.13.2026": "on 24.13.2026",
    "version 3.5.": "version 3.5.",
    "1.2.3": "1.2.3",
    "room 12-14-16": "room 12-14-16",
    "+41 44 123 45 67": "plus four one, four four, one two three, four five, six seven",
    "079 555 12 34": "zero seven nine, five five five, one two, three four",
    "0795551234": "zero seven nine, five five five, one two, three four",
    "555-010-2030": "five five five, zero one zero, two zero three zero",
    "CHF 120": "120 francs",
    "CHF 1'250.-": "1250 francs",
    "CHF 1": "1 franc",
    "89.50 CHF": "89 francs 50",
    "€ 20.05": "20 euros 5",
    "born in 1984": "born in nineteen eighty-four",
    "1984 francs": "1984 francs",
    "37.5 %": "37.5 %",
    "in 10 min.": "in 10 minutes",
    "No. 5": "number 5",
    "No. Not today.": "No. Not today.",
}
GERMAN = {
    "um 10:30 Uhr": "um 10 Uhr 30",
    "um 14:30": "um 14 Uhr 30",
    "8.05 Uhr": "8 Uhr 5",
    "um 10.00 Uhr": "um 10 Uhr",
    "um 1:00 Uhr": "um ein Uhr",
    "11 Uhr": "11 Uhr",
    "8:00–18:00 Uhr": "8 Uhr bis 18 Uhr",
    "am 24.11.2026": "am vierundzwanzigsten November zweitausendsechsundzwanzig",
    "am 3.5. um": "am dritten Mai um",
    "der 24. November": "der vierundzwanzigste November",
    "Dienstag, 3. März": "Dienstag, dritter März",
    "am 3. März": "am dritten März",
    "am 45. März": "am 45. März",
    "Fr. 85.-": "85 Franken",
    "Fr. 1.50": "ein Franken 50",
    "Fr. Müller und Hr. Dr. Meier": "Frau Müller und Herr Doktor Meier",
    "044 123 45 67": "null vier vier, eins zwei drei, vier fünf, sechs sieben",
    "z.B. ca. 30 Min.": "zum Beispiel circa 30 Minuten",
    "Bahnhofstr. 5": "Bahnhofstraße 5",
    "37,5 Grad": "37,5 Grad",
}


@pytest.mark.parametrize(("written", "spoken"), ENGLISH.items())
def test_english_is_read_as_it_is_said(written: str, spoken: str) -> None:
    assert read_aloud(written, "en").text == spoken


@pytest.mark.parametrize(("written", "spoken"), GERMAN.items())
def test_german_is_read_as_it_is_said(written: str, spoken: str) -> None:
    assert read_aloud(written, "de").text == spoken


def test_other_languages_are_only_cleaned() -> None:
    assert read_aloud("à 10:30\x01+20S, zé\u200bro", "fr").text == "à 10:30 +20S, zéro"


@given(st.text(st.characters(codec=None), max_size=80), st.sampled_from(["en", "de", "fr"]))
def test_no_text_leaves_anything_unspeakable(text: str, language: str) -> None:
    aloud = read_aloud(text, language)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in aloud.text)
    aloud.text.encode()


@given(st.text("0123456789 .:,-–/+'ApmUhrCHFDr.\x01\u200b€ä", max_size=60), st.sampled_from(["en", "de"]))
def test_every_character_knows_what_it_stands_for(text: str, language: str) -> None:
    aloud = read_aloud(text, language)
    assert len(aloud.text) == len(aloud.starts) == len(aloud.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(aloud.starts, aloud.ends, strict=True))
    assert list(aloud.starts) == sorted(aloud.starts)
    assert list(aloud.ends) == sorted(aloud.ends)


def test_words_before_and_after_a_written_form_are_found_in_the_original() -> None:
    text = "Grüezi, um 10:30 Uhr dann"
    aloud = read_aloud(text, "de")
    at = aloud.text.index("dann")
    assert text[aloud.starts[at] : aloud.ends[at + 3]] == "dann"
    hour = aloud.text.index("10")
    assert text[aloud.starts[hour] : aloud.ends[hour]] == "10:30 Uhr"
