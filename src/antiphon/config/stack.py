"""A stack: everything an operator decided, read from one TOML file and the environment."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from antiphon.config.practice import read_practice
from antiphon.config.reader import Reader, Value
from antiphon.conversations.settings import ConversationSettings
from antiphon.errors import BadConfiguration
from antiphon.events.practice import Practice
from antiphon.gateway.settings import ServerSettings
from antiphon.realtime.settings import RealtimeSettings
from antiphon.settings import setting
from antiphon.telemetry import LogSettings

OTHER_PORTS = ("vad", "turn", "guard", "llm", "align")


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """What recordings are accepted."""

    max_audio_seconds: float = setting(600.0, "longest recording that is decoded", low=1, high=86_400)
    workers: int = setting(2, "processes that decode untrusted recordings", low=1, high=64)


_ENGINE = "engine by the name on its card, or `auto`"


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Which engine satisfies a port."""

    engine: str = setting("auto", _ENGINE)


@dataclass(frozen=True, slots=True)
class RecogniserSettings:
    """Speech-to-text."""

    engine: str = setting("auto", _ENGINE)
    concurrency: int = setting(2, "recordings recognised at once; eight times as many may wait", low=1, high=64)


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """Text-to-speech."""

    engine: str = setting("auto", _ENGINE)
    language: str = setting("", "language spoken; empty for the practice's first")
    voice: str = setting("", "voice by the engine's own name; empty for its default")
    speed: float = setting(1.0, "pace of speech, 1 is the engine's normal one", low=0.5, high=2.0)


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack as it was read.

    Attributes:
        others: engines of the ports that have no settings but that.
        engine_options: tables under `[engines.NAME]`, read by whoever knows the engine's `Options`.
        values: every setting with its source, for `config show`.
        warnings: unknown keys and variables.
    """

    name: str
    practice: Practice
    audio: AudioSettings
    realtime: RealtimeSettings
    conversations: ConversationSettings
    server: ServerSettings
    log: LogSettings
    stt: RecogniserSettings
    tts: VoiceSettings
    others: Mapping[str, EngineChoice]
    engine_options: Mapping[str, Mapping[str, Any]]
    reader: Reader

    def engine_of(self, port: str) -> str:
        """The name of the engine chosen for `port`, or `auto`."""
        return {"stt": self.stt.engine, "tts": self.tts.engine}.get(port) or self.others[port].engine

    @property
    def values(self) -> list[Value]:
        """Every setting with its source."""
        return self.reader.values

    @property
    def warnings(self) -> list[str]:
        """Keys and variables that nothing reads."""
        return self.reader.warnings


def load(path: Path | None = None, env: Mapping[str, str] | None = None) -> Stack:
    """Read the stack file at `path` (or `$ANTIPHON_STACK`, or the built-in `embedded` stack) and the environment.

    What a file leaves out, the built-in stack fills in, section by section.

    Raises:
        BadConfiguration: the file cannot be read or a value cannot be used.
    """
    env = os.environ if env is None else env
    path = path or (Path(env["ANTIPHON_STACK"]) if env.get("ANTIPHON_STACK") else None)
    tables = embedded() | ({} if path is None else _read(path))
    reader = Reader(env)
    sections = (
        "name",
        "practice",
        "audio",
        "realtime",
        "conversations",
        "server",
        "log",
        "engines",
        "stt",
        "tts",
        *OTHER_PORTS,
    )
    reader.unknown("", tables, sections)

    def table(name: str) -> Mapping[str, Any]:
        return _table(tables.get(name, {}), name)

    stack = Stack(
        name=str(tables.get("name", path.stem if path else "embedded")),
        practice=read_practice(reader, table("practice")),
        audio=reader.fill(AudioSettings, "audio", table("audio")),
        realtime=reader.fill(RealtimeSettings, "realtime", table("realtime")),
        conversations=reader.fill(ConversationSettings, "conversations", table("conversations")),
        server=reader.fill(ServerSettings, "server", table("server")),
        log=reader.fill(LogSettings, "log", table("log")),
        stt=reader.fill(RecogniserSettings, "stt", table("stt")),
        tts=reader.fill(VoiceSettings, "tts", table("tts")),
        others={port: reader.fill(EngineChoice, port, table(port)) for port in OTHER_PORTS},
        engine_options={name: _table(found, f"engines.{name}") for name, found in table("engines").items()},
        reader=reader,
    )
    reader.unknown_variables()
    _check_together(stack)
    return stack


def embedded() -> dict[str, Any]:
    """The built-in stack: everything in one process, on engines that need no GPU, no hub and no server."""
    return tomllib.loads(resources.files("antiphon").joinpath("stacks/embedded.toml").read_text("utf-8"))


def _check_together(stack: Stack) -> None:
    """Ranges that only make sense side by side."""
    live = stack.realtime
    if live.min_silence_ms > live.max_silence_ms:
        raise BadConfiguration(
            f"`realtime.min_silence_ms` = {live.min_silence_ms} is not allowed: at most `realtime.max_silence_ms`"
            f" ({live.max_silence_ms})",
            param="realtime.min_silence_ms",
        )
    if live.silence_threshold > live.speech_threshold:
        raise BadConfiguration(
            f"`realtime.silence_threshold` = {live.silence_threshold} is not allowed: at most"
            f" `realtime.speech_threshold` ({live.speech_threshold})",
            param="realtime.silence_threshold",
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadConfiguration(f"cannot read stack file {path}: {error.strerror}", param=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{path} is not valid TOML: {error}", param=str(path)) from None


def _table(found: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise BadConfiguration(f"`{name}` = {found!r} must be a table, written as [{name}]", param=name)
    return found
