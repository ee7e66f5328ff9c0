"""Which engines a stack means on this machine, and with which options."""

import contextlib
import dataclasses
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.config import Stack
from antiphon.config.reader import nearest
from antiphon.engines import discover
from antiphon.errors import BadConfiguration, EngineUnavailable, NotFound
from antiphon.models import Store
from antiphon.ports.card import Card, Port

TIER_PORTS = (Port.STT, Port.VAD, Port.ALIGN)
"""What a process needs that is a tier of speech-to-text and nothing else."""
SECOND_TIER = "fallback"
"""The table in an engine's options that holds for a second tier of it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An engine as `antiphon engines` shows it: why it cannot be used, and why the stack means it; empty if not so."""

    card: Card
    why_not: str = ""
    chosen_because: str = ""


def catalogue(stack: Stack) -> list[Listed]:
    """All engines, and which of them this stack means on this machine."""
    store, chosen = store_of(stack), dict[tuple[Port, str], str]()
    for port in Port:
        with contextlib.suppress(EngineUnavailable):
            choice = choose(stack, store, port)
            chosen[port, choice.engine.card.name] = choice.reason
    return [
        Listed(card, discover.why_not(card, store.locate), chosen.get((card.port, card.name), ""))
        for card in discover.cards()
    ]


def store_of(stack: Stack) -> Store:
    """Where this stack's weights lie: where it says, in installed packages, in the hub's cache."""
    configured = dict[str, Path]()
    for card in discover.cards():
        own = {name: stack.written(f"engines.{card.name}", name) for name in ("model", "download")}
        if card.model and any(own.values()):
            configured[card.model] = Path(str(own["model"] or "."))
    return Store(stack.reader.env, configured=configured)


def choose(stack: Stack, store: Store, port: Port) -> discover.Choice:
    """The engine a stack means for a port, and why.

    Raises:
        BadConfiguration: the stack names an engine that there is not.
        EngineUnavailable: this machine cannot use it; says what is missing.
    """
    name = stack.engine_of(str(port))
    return discover.choose(port, store.locate) if name == "auto" else _named(store, port, name, f"{port}.engine")


def choose_second_tier(stack: Stack, store: Store) -> discover.Choice:
    """The engine that the stack names for a second tier of speech-to-text in this process.

    Raises:
        BadConfiguration: there is none of that name.
        EngineUnavailable: this machine cannot use it.
    """
    return _named(store, Port.STT, stack.stt.fallback_engine, "stt.fallback_engine")


def _named(store: Store, port: Port, name: str, key: str) -> discover.Choice:
    try:
        engine = discover.find(port, name)
    except NotFound as error:
        raise BadConfiguration(f"`{key}` = {name!r:.200} is not allowed: {error.message}", param=key) from None
    if reason := discover.why_not(engine.card, store.locate):
        raise EngineUnavailable(f"`{key}` = {name!r} cannot be used here: {reason}")
    return discover.Choice(engine, f"{name}, as the stack says")


def options(stack: Stack, store: Store, engine: discover.Engine) -> Any:
    """An engine's options: what the stack sets under `[engines.NAME]`, and what only the process knows.

    Raises:
        BadConfiguration: an option holds a value that cannot be used, or the practice speaks what the engine does not.
    """
    _check_languages(stack, engine.card)
    table = {key: value for key, value in _table(stack, engine).items() if key != SECOND_TIER}
    section = f"engines.{engine.card.name}"
    return stack.reader.fill(engine.module.Options, section, table, _given(stack, store, engine))


def second_tier_options(stack: Stack, store: Store, engine: discover.Engine) -> Any:
    """The options of an engine as second tier: those under `[engines.NAME.fallback]` over those it has anyway.

    Raises:
        BadConfiguration: an option holds a value that cannot be used.
    """
    own, section = _table(stack, engine).get(SECOND_TIER, {}), f"engines.{engine.card.name}.{SECOND_TIER}"
    if not isinstance(own, dict):
        raise BadConfiguration(f"`{section}` must be a table, written as [{section}]", param=section)
    usual = options(stack, store, engine)
    given = {field.name: getattr(usual, field.name) for field in dataclasses.fields(usual)}
    return stack.reader.fill(engine.module.Options, section, own, given)


def check_engines(stack: Stack) -> list[str]:
    """Read the options of all engines that the stack means; what is missing here, and what nothing reads.

    Raises:
        BadConfiguration: an engine or an option cannot be meant.
    """
    store, warnings, used = store_of(stack), list[str](), set[str]()
    # First the engine that knows the fewest languages, so that its answer is about all of them.
    ports = TIER_PORTS if stack.role else (Port.LLM, *(port for port in Port if port is not Port.LLM))
    for port in ports:
        used.add(stack.engine_of(str(port)))
        # The file may well be meant for another machine.
        with _noting(warnings):
            engine = choose(stack, store, port).engine
            used.add(engine.card.name)
            options(stack, store, engine)
    if stack.stt.fallback_engine:
        used.add(stack.stt.fallback_engine)
        with _noting(warnings):
            second_tier_options(stack, store, choose_second_tier(stack, store).engine)
    return [*warnings, *_unread(stack, used)]


@contextlib.contextmanager
def _noting(warnings: list[str]) -> Iterator[None]:
    try:
        yield
    except EngineUnavailable as missing:
        warnings.append(missing.message)


def _unread(stack: Stack, used: Collection[str]) -> Iterator[str]:
    """Variables that set an option of an engine that is not in use, or one that it does not have."""
    there = {engine.card.name: engine for engine in discover.engines()}
    for name, key in stack.reader.engine_variables(there):
        _, engine, *rest = key.split(".")
        known = [field.name for field in dataclasses.fields(there[engine].module.Options)] if engine in there else []
        if engine not in used:
            yield f"`{name}` does nothing: it sets an option of {engine or 'an engine'}, which is not in use"
        elif rest[-1] not in known:
            near = nearest(rest[-1], known)
            hint = f"; did you mean `{near}`?" if near else ""
            yield f"`{name}` does nothing: {engine} has no option {rest[-1]}{hint}"


def _table(stack: Stack, engine: discover.Engine) -> Mapping[str, Any]:
    return stack.engine_options.get(engine.card.name, {})


def _check_languages(stack: Stack, card: Card) -> None:
    """What is spoken must be known to the engines that speak; a recogniser may hear fewer languages and says so."""
    if card.port not in (Port.LLM, Port.TTS) or not card.languages:
        return
    said = {"practice.languages": stack.practice.languages}
    if card.port is Port.TTS and stack.tts.language:
        said["tts.language"] = (stack.tts.language,)
    for key, languages in said.items():
        if unknown := [language for language in languages if language not in card.languages]:
            there = ", ".join(card.languages)
            raise BadConfiguration(f"`{key}` = {unknown[0]!r} is not allowed: {card.name} speaks {there}", param=key)


def _given(stack: Stack, store: Store, engine: discover.Engine) -> Mapping[str, Any]:
    """What an engine may ask for by the name of an option that its stack leaves empty."""
    given: dict[str, Any] = {"practice": stack.practice}
    if engine.card.model:
        given["model"] = str(store.locate(engine.card.model))
    return given
