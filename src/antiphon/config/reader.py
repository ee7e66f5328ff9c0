"""Reads tables of plain values into settings classes: types, ranges, unknown keys, and where each value came from."""

import dataclasses
import functools
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from rapidfuzz import process

from antiphon.config.aliases import CHOICES, ELSEWHERE, aliases
from antiphon.errors import BadConfiguration
from antiphon.settings import Setting

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

PREFIX = "ANTIPHON_"
_ENGINES = f"{PREFIX}ENGINES__"

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Value:
    """One setting as it stands.

    Attributes:
        key: section and name, with a dot between.
        value: what it is set to.
        source: `default`, the file that sets it, or the variable (of a file: both).
        setting: its declaration.
    """

    key: str
    value: Any
    source: str
    setting: Setting


@dataclass(frozen=True, slots=True)
class Variables:
    """Variables that set keys: those of the process, or of a file, whose name is `origin` then."""

    values: Mapping[str, str]
    origin: str = ""

    def source(self, name: str) -> str:
        """What to call the variable `name` where its origin matters."""
        return f"{self.origin}: {name}" if self.origin else name


@dataclass(slots=True)
class Reader:
    """Reads one stack: keeps the provenance of every value and the warnings on the way.

    Attributes:
        variables: where variables are looked for; the first that has one counts.
        role: what the process is (`primary`, `fallback` or neither): variables may mean other keys by it.
        origins: the file that sets a key, by key, where that is not the stack's own.
    """

    variables: Sequence[Variables]
    role: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)
    values: list[Value] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def env(self) -> Mapping[str, str]:
        """The environment of the process."""
        return self.variables[0].values if self.variables else {}

    def fill(
        self, settings: type[T], section: str, table: Mapping[str, Any], given: Mapping[str, Any] = MappingProxyType({})
    ) -> T:
        """An instance of the dataclass `settings` from `table` and the environment.

        `given` holds values that only the process knows, by field: they fill fields that are no settings, and settings
        that are left empty.

        Raises:
            BadConfiguration: a value has the wrong type or lies outside its range; names key, value and range.
        """
        hints = _type_hints(settings)
        declared = {f.name: f for f in dataclasses.fields(settings) if "setting" in f.metadata}
        self.unknown(section, table, declared)
        fields = {f.name for f in dataclasses.fields(settings)}
        chosen = {name: value for name, value in given.items() if name in fields}
        for name, declaration in declared.items():
            key = f"{section}.{name}"
            found, source = self._find(key, table.get(name))
            setting: Setting = declaration.metadata["setting"]
            if found is None:
                value = declaration.default
            else:
                value = _checked(_Found(key, found, source, setting), hints[name])
                if value != "" or name not in given:
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
        """Warn of variables that set nothing: of the process those with our prefix, of a file all of them."""
        second = aliases(self.role)
        keys = [variable_of(value.key) for value in self.values]
        known = {*keys, *second, *ELSEWHERE}
        for place in self.variables:
            for name in sorted(set(place.values) - known):
                # Options of engines are read when the engine is loaded, which is not now.
                ours = place.origin or name.startswith(PREFIX)
                if not ours or name.startswith(_ENGINES):
                    continue
                near = nearest(name, keys if name.startswith(PREFIX) else second)
                hint = f"; did you mean `{near}`?" if near else ""
                self.warnings.append(f"unknown variable `{place.source(name)}`{hint}")

    def find(self, key: str) -> tuple[str, str] | None:
        """What a variable sets `key` to, and which one it is; None where none does."""
        for place in self.variables:
            for name in self._names(key):
                if name in place.values:
                    return place.values[name], place.source(name)
            for name, chosen in CHOICES[self.role].items():
                if chosen == key and place.values.get(name):
                    return "faster-whisper", place.source(name)
        return None

    def engine_variables(self, engines: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Variables that set options of engines, each with the key that it sets.

        An underscore of a variable may stand for a dash of an engine's name; one of no engine keeps it.
        """
        names = {name.replace("-", "_"): name for name in engines}
        second = aliases(self.role)
        for place in self.variables:
            for name in sorted(place.values):
                if name.startswith(_ENGINES):
                    engine, *rest = name.removeprefix(_ENGINES).lower().split("__")
                    yield place.source(name), ".".join(("engines", names.get(engine, engine), *(rest or [""])))
                elif second.get(name, "").startswith("engines."):
                    yield place.source(name), second[name]

    def _names(self, key: str) -> Iterator[str]:
        yield variable_of(key)
        yield from (alias for alias, target in aliases(self.role).items() if target == key)

    def _find(self, key: str, in_file: Any) -> tuple[Any, str]:
        if (found := self.find(key)) is not None:
            return found
        return (None, "default") if in_file is None else (in_file, self.origins.get(key, "file"))


_type_hints = functools.cache(typing.get_type_hints)


def nearest(name: str, known: Iterable[str]) -> str:
    """The one of `known` that `name` was most likely meant to be; empty if none is like it."""
    found = process.extractOne(name, list(known), score_cutoff=60)
    return found[0] if found else ""


def variable_of(key: str) -> str:
    """The environment variable that sets `key`: `realtime.idle_s` is `ANTIPHON_REALTIME__IDLE_S`."""
    return PREFIX + key.replace(".", "__").replace("-", "_").upper()


@dataclass(frozen=True, slots=True)
class _Found:
    """A value as it was written, before anything of it is believed."""

    key: str
    written: Any
    source: str
    setting: Setting

    def refused(self, why: str) -> BadConfiguration:
        """The error that names key, source, value and what is allowed; of a secret not the value."""
        value = "(secret)" if self.setting.secret else f"{self.written!r:.200}"
        by = f" (from {self.source})" if self.source != "file" else ""
        return BadConfiguration(f"`{self.key}` = {value} {why}{by}", param=self.key)


def _checked(found: _Found, wanted: Any) -> Any:
    """The value as the declared type and within its range; text is parsed, since that is all variables have."""
    value = _typed(found, wanted)
    setting = found.setting
    low, high = setting.low, setting.high
    outside = isinstance(value, (int, float)) and (
        (low is not None and value < low) or (high is not None and value > high)
    )
    if outside or (setting.choices and value not in setting.choices):
        raise found.refused(f"is not allowed: {setting.allowed}")
    return value


def _typed(found: _Found, wanted: Any) -> Any:
    written = found.written
    if typing.get_origin(wanted) in (typing.Union, types.UnionType):
        wanted = next(t for t in typing.get_args(wanted) if t is not type(None))
    if typing.get_origin(wanted) is tuple:
        items = [part.strip() for part in written.split(",")] if isinstance(written, str) else written
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise found.refused("must be a list of texts")
        return tuple(item for item in items if item)
    try:
        if wanted is bool:
            return _bool(written)
        if wanted in (int, float) and not isinstance(written, bool):
            number = wanted(written) if isinstance(written, (str, wanted, int)) else None
            if number is not None and number == number and abs(number) != float("inf"):
                return number
        if wanted is str and isinstance(written, str):
            return written
    except (ValueError, OverflowError):
        pass
    limits = f": {found.setting.allowed}" if found.setting.allowed != "any" else ""
    raise found.refused(f"must be {_NAMES.get(wanted, wanted)}{limits}")


_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def _bool(written: Any) -> bool:
    if isinstance(written, bool):
        return written
    word = str(written).strip().lower()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise ValueError(written)
