"""Reads tables of plain values into settings classes: types, ranges, unknown keys, and where each value came from."""

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from rapidfuzz import process

from antiphon.errors import BadConfiguration
from antiphon.settings import Setting

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

PREFIX = "ANTIPHON_"
ALIASES = {
    "NEXTJS_ACTION_ENDPOINT": "conversations.action_endpoint",
    "ACTION_SECRET": "conversations.action_secret",
    "API_KEYS": "server.api_keys",
    "MAX_AUDIO_SECONDS": "audio.max_audio_seconds",
    "MAX_UPLOAD_MB": "server.max_upload_mb",
}
"""Variables that the set-ups Antiphon replaces already use, and the key each one sets."""

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Value:
    """One setting as it stands: its key, value, source (`default`, `file`, or a variable's name) and declaration."""

    key: str
    value: Any
    source: str
    setting: Setting


@dataclass(slots=True)
class Reader:
    """Reads one stack: keeps the provenance of every value and the warnings on the way."""

    env: Mapping[str, str]
    values: list[Value] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    def fill(
        self, settings: type[T], section: str, table: Mapping[str, Any], given: Mapping[str, Any] = MappingProxyType({})
    ) -> T:
        """An instance of the dataclass `settings` from `table` and the environment.

        `given` holds values that only the process knows, by field: they fill fields that are no settings, and settings
        that are left empty.

        Raises:
            BadConfiguration: a value has the wrong type or lies outside its range; names key, value and range.
        """
        hints = typing.get_type_hints(settings)
        declared = {f.name: f for f in dataclasses.fields(settings) if "setting" in f.metadata}
        self.unknown(section, table, declared)
        fields = {f.name for f in dataclasses.fields(settings)}
        chosen = {name: value for name, value in given.items() if name in fields}
        for name, declaration in declared.items():
            key = f"{section}.{name}"
            found, source = self._find(key, table.get(name))
            setting: Setting = declaration.metadata["setting"]
            if source == "default":
                value = declaration.default
            else:
                value = _in_range(key, _typed(key, found, hints[name]), setting)
                if value or name not in given:
                    chosen[name] = value
            self.values.append(Value(key, value, source, setting))
        return settings(**chosen)

    def unknown(self, section: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
        """Warn of keys that nothing reads, with the nearest that exists."""
        known = list(known)
        for key in table:
            if key not in known:
                near = nearest(key, known)
                hint = f"; did you mean `{near}`?" if near else ""
                where = f"[{section}] " if section else ""
                self.warnings.append(f"unknown key {where}`{key}`{hint}")

    def unknown_variables(self) -> None:
        """Warn of variables with our prefix that set nothing."""
        keys = [variable_of(value.key) for value in self.values]
        for name in sorted(set(self.env) - self._used):
            # Options of engines are read when the engine is loaded, which is not now.
            elsewhere = name == f"{PREFIX}STACK" or name.startswith(f"{PREFIX}ENGINES__")
            if name.startswith(PREFIX) and name not in keys and not elsewhere:
                near = nearest(name, keys)
                self.warnings.append(f"unknown variable `{name}`" + (f"; did you mean `{near}`?" if near else ""))

    def _find(self, key: str, in_file: Any) -> tuple[Any, str]:
        for name in (variable_of(key), *(alias for alias, target in ALIASES.items() if target == key)):
            if name in self.env:
                self._used.add(name)
                return self.env[name], name
        return (None, "default") if in_file is None else (in_file, "file")


def nearest(name: str, known: Iterable[str]) -> str:
    """The one of `known` that `name` was most likely meant to be; empty if none is like it."""
    found = process.extractOne(name, list(known), score_cutoff=60)
    return found[0] if found else ""


def variable_of(key: str) -> str:
    """The environment variable that sets `key`: `realtime.idle_s` is `ANTIPHON_REALTIME__IDLE_S`."""
    return PREFIX + key.replace(".", "__").replace("-", "_").upper()


def _typed(key: str, found: Any, wanted: Any) -> Any:
    """`found` as the declared type; text is parsed, since that is all the environment has."""
    if typing.get_origin(wanted) in (typing.Union, types.UnionType):
        wanted = next(t for t in typing.get_args(wanted) if t is not type(None))
    if typing.get_origin(wanted) is tuple:
        items = [part.strip() for part in found.split(",")] if isinstance(found, str) else found
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise BadConfiguration(f"`{key}` = {found!r} must be a list of texts", param=key)
        return tuple(item for item in items if item)
    try:
        if wanted is bool:
            return _bool(found)
        if wanted in (int, float) and not isinstance(found, bool):
            number = wanted(found) if isinstance(found, (str, wanted, int)) else None
            if number is not None and number == number and abs(number) != float("inf"):
                return number
        if wanted is str and isinstance(found, str):
            return found
    except ValueError:
        pass
    raise BadConfiguration(f"`{key}` = {found!r} must be {_NAMES.get(wanted, wanted)}", param=key)


_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def _bool(found: Any) -> bool:
    if isinstance(found, bool):
        return found
    word = str(found).strip().lower()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise ValueError(found)


def _in_range(key: str, value: Any, setting: Setting) -> Any:
    low, high = setting.low, setting.high
    outside = isinstance(value, (int, float)) and (
        (low is not None and value < low) or (high is not None and value > high)
    )
    if outside or (setting.choices and value not in setting.choices):
        raise BadConfiguration(f"`{key}` = {value!r} is not allowed: {setting.allowed}", param=key)
    return value
