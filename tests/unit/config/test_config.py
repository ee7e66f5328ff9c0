from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.config import load
from antiphon.errors import BadConfiguration


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "stack.toml"
    file.write_text(text, "utf-8")
    return file


def test_the_built_in_stack_is_a_practice_in_zurich() -> None:
    stack = load(env={})
    assert (stack.practice.timezone, stack.practice.phone_region) == ("Europe/Zurich", "CH")
    assert stack.practice.languages == ("en", "de")
    assert [(h.weekday, f"{h.opens:%H}", f"{h.closes:%H}") for h in stack.practice.hours] == [
        (day, "08", "18") for day in range(5)
    ]
    assert stack.warnings == []


def test_environment_wins_over_file_wins_over_default(tmp_path: Path) -> None:
    file = write(tmp_path, "[realtime]\nidle_s = 20\nmin_silence_ms = 400\n")
    stack = load(file, {"ANTIPHON_REALTIME__IDLE_S": "30"})
    assert (stack.realtime.idle_s, stack.realtime.min_silence_ms, stack.realtime.max_turn_s) == (30.0, 400, 45.0)
    sources = {value.key: value.source for value in stack.values}
    assert sources["realtime.idle_s"] == "ANTIPHON_REALTIME__IDLE_S"
    assert sources["realtime.min_silence_ms"] == str(file)
    assert sources["realtime.max_turn_s"] == "default"


def test_the_stack_file_can_be_named_by_the_environment(tmp_path: Path) -> None:
    file = write(tmp_path, 'name = "mine"\n')
    assert load(env={"ANTIPHON_STACK": str(file)}).name == "mine"


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("[realtime]\nidle_s = 0.1\n", "realtime.idle_s", "1 to 600"),
        ('[realtime]\nidle_s = "soon"\n', "realtime.idle_s", "a number"),
        ("[realtime]\nidle_s = nan\n", "realtime.idle_s", "a number"),
        ("[realtime]\nidle_s = inf\n", "realtime.idle_s", "a number"),
        ("[realtime]\nidle_s = true\n", "realtime.idle_s", "a number"),
        ("[realtime]\nspeech_ms = 1.5\n", "realtime.speech_ms", "a whole number"),
        ('[realtime]\nbarge_in = "perhaps"\n', "realtime.barge_in", "true or false"),
        ("[realtime]\nmin_silence_ms = 3000\n", "realtime.min_silence_ms", "at most"),
        ('[conversations]\nguard_fail_mode = "maybe"\n', "conversations.guard_fail_mode", "one of"),
        (
            "[practice]\ntimezone = 'Mars/Olympus'\nname = 'x'\nphone_region='CH'\nlanguages=['en']\n",
            "practice.timezone",
            "IANA",
        ),
        ("realtime = 3\n", "realtime", "must be a table"),
        ("[realtime\n", None, "not valid TOML"),
    ],
)
def test_a_bad_value_names_key_value_and_range(tmp_path: Path, text: str, key: str | None, says: str) -> None:
    with pytest.raises(BadConfiguration, match=says) as caught:
        load(write(tmp_path, text), {})
    if key:
        assert caught.value.param == key
        assert key in caught.value.message


def test_an_unknown_key_is_a_warning_with_the_nearest_known_one(tmp_path: Path) -> None:
    stack = load(write(tmp_path, "[realtime]\nidel_s = 12\n[relatime]\n"), {"ANTIPHON_REALTIME__IDEL_S": "3"})
    warnings = "\n".join(stack.warnings)
    assert "did you mean `idle_s`" in warnings
    assert "did you mean `realtime`" in warnings
    assert "ANTIPHON_REALTIME__IDLE_S" in warnings


def test_a_missing_file_is_a_bad_configuration(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="cannot read"):
        load(tmp_path / "none.toml", {})


@given(key=st.sampled_from([value.key for value in load(env={}).values]), value=st.text(max_size=20))
def test_any_text_in_the_environment_is_taken_or_refused_by_name(key: str, value: str) -> None:
    from antiphon.config.reader import variable_of

    try:
        load(env={variable_of(key): value})
    except BadConfiguration as error:
        assert error.param is not None  # noqa: PT017
        assert error.param in error.message  # noqa: PT017


PRACTICE = "[practice]\nname = 'x'\ntimezone = 'Europe/Zurich'\nphone_region = 'CH'\nlanguages = ['en']\n"


def test_a_missing_key_is_named_with_the_key_that_was_meant_to_be_it(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration) as caught:
        load(write(tmp_path, PRACTICE.replace("name", "naem", 1)), {})
    assert caught.value.message == "`practice.name` is missing: is `naem` meant to be it?"
    with pytest.raises(BadConfiguration, match=r"`practice\.name` is missing$"):
        load(write(tmp_path, "[practice]\n"), {})


@pytest.mark.parametrize(
    ("row", "place", "key"),
    [
        ("[[practice.services]]\nname = 'a'\nminuets = 5", "practice.services[0]", "minutes"),
        ("[[practice.answers]]\nname = 'a'\nceus = {}", "practice.answers[0]", "cues"),
        (
            "[[practice.hours]]\ndays = 'mon'\nopens = '08:00'\ncloses = '09:00'\ncolses = '10:00'",
            "practice.hours[0]",
            "closes",
        ),
    ],
)
def test_a_misspelt_key_of_a_row_is_a_warning(tmp_path: Path, row: str, place: str, key: str) -> None:
    (warning,) = load(write(tmp_path, PRACTICE + row), {}).warnings
    assert f"[{place}]" in warning
    assert f"did you mean `{key}`" in warning


@pytest.mark.parametrize("rows", ["services", "answers"])
def test_no_two_services_or_answers_have_the_same_name(tmp_path: Path, rows: str) -> None:
    row = f"[[practice.{rows}]]\nname = 'a'\n"
    with pytest.raises(BadConfiguration, match="has that name already") as caught:
        load(write(tmp_path, PRACTICE + row + row), {})
    assert caught.value.param == f"practice.{rows}[1].name"


@pytest.mark.parametrize(("written", "read"), [("144", "144"), ("'144'", "144"), ("'+41 44 123 45 67'", None)])
def test_an_emergency_number_may_be_written_as_a_number(tmp_path: Path, written: str, read: str | None) -> None:
    stack = load(write(tmp_path, f"{PRACTICE}emergency_number = {written}\n"), {})
    assert stack.practice.emergency_number == (read or written.strip("'"))


@pytest.mark.parametrize("written", ["true", "-144", "1.5", "''", "'ask the desk'", "['144']", "1", "'1'"])
def test_an_emergency_number_that_cannot_be_dialled_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(BadConfiguration, match=r"practice\.emergency_number"):
        load(write(tmp_path, f"{PRACTICE}emergency_number = {written}\n"), {})
