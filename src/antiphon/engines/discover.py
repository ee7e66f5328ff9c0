"""Which engines there are, which of them this machine can use, and which one `auto` means.

Engines are the modules in `engines/<port>/` that have a `CARD`, and what other distributions register under the entry
point group `antiphon.engines` (each an engine module). Reading a card imports its module, which is cheap: an engine
imports its runtime in `load()` only.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, TypeAlias

import antiphon.engines
from antiphon.errors import EngineUnavailable, NotFound
from antiphon.ports.card import Card, Port

GROUP = "antiphon.engines"

Locate: TypeAlias = Callable[[str], Path]
"""Where the weights of a name lie (`models.Store.locate`); raises EngineUnavailable where they are missing."""

AUTO: Mapping[Port, tuple[str, ...]] = MappingProxyType(
    {
        Port.STT: ("faster-whisper", "moonshine"),
        Port.TTS: ("espeak-ng",),
        Port.VAD: ("silero",),
        Port.TURN: ("cues",),
        Port.GUARD: ("rules",),
        Port.LLM: ("receptionist",),
        Port.ALIGN: ("pocketsphinx",),
    }
)
"""What `auto` tries for each port, in this order; then any other usable engine by name."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that was found.

    Attributes:
        card: what it says of itself.
        module: its module, which has `Options` and `load`.
    """

    card: Card
    module: ModuleType

    def load(self, options: Any = None) -> Any:
        """Load it with these options, or its defaults: blocking.

        Raises:
            EngineUnavailable: something it needs is missing.
        """
        return self.module.load(self.module.Options() if options is None else options)


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine that `auto` means, and why, in words for a log or a person."""

    engine: Engine
    reason: str


def engines() -> tuple[Engine, ...]:
    """All engines, by port and name.

    Raises:
        EngineUnavailable: two engines of one port have the same name.
    """
    found: dict[tuple[Port, str], Engine] = {}
    for module in _modules():
        engine = Engine(module.CARD, module)
        key = (engine.card.port, engine.card.name)
        if key in found:
            raise EngineUnavailable(
                f"Both {found[key].module.__name__} and {module.__name__} call themselves {engine.card.name}.",
                code="engine_ambiguous",
            )
        found[key] = engine
    return tuple(found[key] for key in sorted(found))


def cards() -> tuple[Card, ...]:
    """The cards of all engines."""
    return tuple(engine.card for engine in engines())


def find(port: Port, name: str) -> Engine:
    """The engine of that name.

    Raises:
        NotFound: there is none; the message names those there are.
    """
    for engine in (there := [e for e in engines() if e.card.port is port]):
        if engine.card.name == name:
            return engine
    names = ", ".join(e.card.name for e in there) or "none"
    raise NotFound(f"No {port} engine is called {name!r}; there are: {names}.", code="engine_unknown", param=name)


def why_not(card: Card, locate: Locate) -> str:
    """Why this machine cannot use an engine, and what to do about it; empty if it can."""
    missing = [m for m in card.requires if not _importable(m)]
    if missing:
        bring = f": pip install 'antiphon[{card.extra}]'" if card.extra else ""
        return f"{' and '.join(missing)} cannot be imported{bring}"
    if card.model:
        try:
            locate(card.model)
        except EngineUnavailable as missing_model:
            return missing_model.message
    return ""


def choose(port: Port, locate: Locate) -> Choice:
    """The engine that `auto` means on this machine.

    Args:
        port: the port to fill.
        locate: where weights lie.

    Raises:
        EngineUnavailable: no engine of the port can be used; the message says why none of them.
    """
    there = {e.card.name: e for e in engines() if e.card.port is port}
    order = [*AUTO.get(port, ()), *(name for name in there if name not in AUTO.get(port, ()))]
    passed_over: list[str] = []
    for name in order:
        if name not in there:
            continue
        if reason := why_not(there[name].card, locate):
            passed_over.append(f"{name}: {reason}")
        else:
            because = f"not {'; not '.join(passed_over)}" if passed_over else "it comes first and is usable here"
            return Choice(there[name], f"{name}, {because}")
    raise EngineUnavailable(f"No {port} engine can be used here. {'; '.join(passed_over)}.", code="engine_unavailable")


def _modules() -> Iterator[ModuleType]:
    root = antiphon.engines
    for folder in pkgutil.iter_modules(root.__path__, root.__name__ + "."):
        if not folder.ispkg:
            continue
        package = importlib.import_module(folder.name)
        for found in pkgutil.iter_modules(package.__path__, folder.name + "."):
            module = importlib.import_module(found.name)
            if hasattr(module, "CARD"):
                yield module
    for entry in entry_points(group=GROUP):
        module = entry.load()
        if not isinstance(getattr(module, "CARD", None), Card):
            raise EngineUnavailable(
                f"Entry point {entry.value} in {GROUP} is no engine module.", code="engine_unusable"
            )
        yield module


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
