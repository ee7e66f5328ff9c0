"""Lists of labelled recordings, and how errors are counted in what was heard of them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.cli.labelled import count_errors, read_manifest
from antiphon.errors import BadInput, NotFound


def test_a_table_with_a_header(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(
        "\ufeffpath,text,language,speaker,condition\n"
        'a/1.wav,"yes, please",en,anna,quiet\n'
        "2.wav,ja bitte,de,,\n"
        "3.wav,,en,anna,quiet\n",
        "utf-8",
    )
    english, german = read_manifest(tmp_path / "calls.csv")
    assert english.path == tmp_path / "a" / "1.wav"
    assert (english.text, english.language, english.speaker, english.condition) == (
        "yes, please",
        "en",
        "anna",
        "quiet",
    )
    assert german.speaker == "2.wav", "who is not named is nobody else"
    assert [one.id for one in read_manifest(tmp_path / "calls.csv", "de")] == ["2.wav"]


def test_one_object_a_line_by_either_name(tmp_path: Path) -> None:
    lines = [
        {"id": "x", "file": "x.flac", "transcript": "hello", "language": "en", "speaker": "s", "condition": "c"},
        {"path": "y.wav", "text": "bye"},
        {"path": "noise.wav", "transcript": None},
    ]
    (tmp_path / "list.jsonl").write_text("\n\n".join(map(json.dumps, lines)))
    first, second = read_manifest(tmp_path / "list.jsonl", "en")
    assert (first.id, first.path, first.text) == ("x", tmp_path / "x.flac", "hello")
    assert (second.id, second.language) == ("y.wav", "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", "{"),
        ("a.jsonl", "[1]"),
        ("a.jsonl", '{"text": "no path"}'),
        ("a.csv", "text\nno path\n"),
        ("a.csv", ""),
        ("a.csv", "path,text\n"),
        ("a.csv", "path,text,language\na.wav,bonjour,fr\n"),
    ],
)
def test_lists_that_are_none_are_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput):
        read_manifest(tmp_path / name, "en")


def test_no_list(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_manifest(tmp_path / "absent.csv")
    with pytest.raises(BadInput):
        read_manifest(tmp_path)
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00path")
    with pytest.raises(BadInput):
        read_manifest(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("said", "heard", "words", "errors"),
    [
        ("Hello, world!", "hello world", 2, 0),
        ("oh seven nine, double six", "079 66", 5, 0),
        ("oh seven nine", "078", 3, 1),
        ("a double room, triple four five", "a double room 4445", 7, 0),
        ("I'm here at half past ten", "I am here at half past 10", 7, 0),
        ("one two", "", 2, 2),
        ("", "anything at all", 0, 3),
        ("to be or not", "to see or not to", 4, 2),
    ],
)
def test_errors_are_counted_in_one_way_of_writing(said: str, heard: str, words: int, errors: int) -> None:
    counted, wrong = count_errors(said, heard, "en")
    assert wrong == errors
    assert counted in (words, words + 1), "ten is two figures"


@given(st.text(), st.text(), st.sampled_from(["en", "de", "fr"]))
def test_whoever_repeats_it_makes_no_error_and_nobody_makes_more_than_all(said: str, heard: str, language: str) -> None:
    assert count_errors(said, said, language)[1] == 0
    words, wrong = count_errors(said, heard, language)
    assert wrong <= max(words, count_errors(heard, "", language)[0])
