"""F31: whatever stands in any key, from any place, is used, warned of, or refused by its name; nothing else happens."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from antiphon.app import check_engines
from antiphon.config import Stack, load
from antiphon.config.aliases import ALIASES
from antiphon.config.reader import variable_of
from antiphon.engines import discover
from antiphon.errors import BadConfiguration

HUGE = "9" * 400
WRONG = ("", " ", HUGE, f"-{HUGE}", "-1", "nan", "inf", "1e999", "0x10", "½", "soon", "\U0001f600", "'", "a,b", "\t")
IN_TOML = ('""', HUGE, f"-{HUGE}", "nan", "inf", "-1", "true", "[]", "{}", '["a"]', "[1]", "2026-01-01", "1e400")
KEYS = [value.key for value in load(env={}).values]
ENGINE_KEYS = [
    f"engines.{engine.card.name}.{field.name}"
    for engine in discover.engines()
    for field in dataclasses.fields(engine.module.Options)
    if "setting" in field.metadata
]


def outcome(read: Iterator[Stack], *, engines: bool = False) -> str:
    """How it ends; anything but our own refusal is a failure of the test."""
    try:
        stack = next(read)
        warnings = [*stack.warnings, *(check_engines(stack) if engines else ())]
    except BadConfiguration as error:
        assert error.param  # noqa: PT017
        assert error.param in error.message  # noqa: PT017
        assert len(error.message) < 1000  # noqa: PT017
        return error.message
    return "\n".join(warnings)


@pytest.mark.proves("F31")
@pytest.mark.parametrize("key", [*KEYS, *ENGINE_KEYS])
def test_any_variable(key: str) -> None:
    # Engines are looked for on disk, which takes a while.
    for text in WRONG[:5] if key in ENGINE_KEYS else WRONG:
        read = (load(env={variable_of(key): text}, role=role) for role in ("primary",))
        outcome(read, engines="engine" in key)


@pytest.mark.proves("F31")
@pytest.mark.parametrize("key", [*KEYS, *ENGINE_KEYS])
def test_any_value_of_a_file(key: str, tmp_path: Path) -> None:
    section, _, name = key.rpartition(".")
    file = tmp_path / "stack.toml"
    for text in IN_TOML[:7] if key in ENGINE_KEYS else IN_TOML:
        file.write_text(f"[{section}]\n{name} = {text}\n", "utf-8")
        outcome((load(path, {}) for path in (file,)), engines="engine" in key)


@pytest.mark.proves("F31")
@pytest.mark.parametrize("name", [*ALIASES, "CT2_SMALL_PATH", "CT2_MEDIUM_PATH"])
@pytest.mark.parametrize("role", ["", "primary", "fallback"])
def test_any_line_of_a_file_of_variables(name: str, role: str, tmp_path: Path) -> None:
    file = tmp_path / "config.env"
    for text in WRONG:
        file.write_text(f'{name}="{text}"\n', "utf-8")
        read = (load(env={"CONFIG_PATH": str(path)}, role=role) for path in (file,))
        outcome(read, engines=name.startswith("CT2"))


NUMBERS = [
    (name, key)
    for name, key in ALIASES.items()
    for value in load(env={}).values
    if value.key == key and isinstance(value.value, int | float) and not isinstance(value.value, bool)
]


@pytest.mark.proves("F31", "P-14")
@pytest.mark.parametrize(("name", "key"), NUMBERS)
@pytest.mark.parametrize("text", ["", "nan", "-inf", "soon", f"-{HUGE}"])
def test_a_number_that_is_none_names_key_variable_and_range(name: str, key: str, text: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        load(env={name: text})
    assert caught.value.param == key
    assert name in caught.value.message
    assert any(word in caught.value.message for word in (" to ", "at least", "at most"))


@pytest.mark.parametrize("name", ["API_KEYS", "FALLBACK_API_KEY", "ACTION_SECRET"])
def test_no_secret_is_in_a_message(name: str, tmp_path: Path) -> None:
    key = ALIASES[name]
    section, _, field = key.rpartition(".")
    file = tmp_path / "stack.toml"
    file.write_text(f"[{section}]\n{field} = [1, 'hush']\n")
    with pytest.raises(BadConfiguration) as caught:
        load(file, {})
    assert "hush" not in caught.value.message


@pytest.mark.parametrize("text", ["x = " + "9" * 5000, "x = " + "[" * 5000, "\0", "[a]\n[a]\n"])
def test_a_file_that_no_parser_likes_is_named(text: str, tmp_path: Path) -> None:
    file = tmp_path / "stack.toml"
    file.write_text(text)
    with pytest.raises(BadConfiguration, match=r"stack\.toml"):
        load(file, {})
