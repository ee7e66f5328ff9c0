"""A stack: everything an operator decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.config.reader import Reader, Value
from antiphon.conversations.settings import ConversationSettings
from antiphon.events.practice import Practice
from antiphon.gateway.settings import ServerSettings
from antiphon.realtime.settings import RealtimeSettings
from antiphon.settings import setting
from antiphon.stt.listen_settings import ListenSettings
from antiphon.stt.settings import SttSettings
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
        role: `primary` or `fallback` for a process that is that tier of speech-to-text and nothing else.
        others: engines of the ports that have no settings but that.
        engine_options: tables under `[engines.NAME]`, read by whoever knows the engine's `Options`.
        files: what was read, and may be read again when it changes.
        values: every setting with its source, for `config show`.
        warnings: unknown keys and variables.
    """

    name: str
    role: str
    practice: Practice
    audio: AudioSettings
    realtime: RealtimeSettings
    conversations: ConversationSettings
    server: ServerSettings
    log: LogSettings
    stt: SttSettings
    listen: ListenSettings
    tts: VoiceSettings
    others: Mapping[str, EngineChoice]
    engine_options: Mapping[str, Mapping[str, Any]]
    files: tuple[Path, ...]
    reader: Reader

    def engine_of(self, port: str) -> str:
        """The name of the engine chosen for `port`, or `auto`."""
        named = {"stt": self.stt.engine, "tts": self.tts.engine}
        return named[port] if port in named else self.others[port].engine

    def written(self, section: str, name: str) -> Any:
        """What a variable or the file says of an engine's option, unchecked; None where neither does."""
        if (found := self.reader.find(f"{section}.{name}")) is not None:
            return found[0]
        engine, *inner = section.split(".")[1:]
        table = self.engine_options.get(engine, {})
        return (table.get(inner[0], {}) if inner else table).get(name)

    @property
    def values(self) -> list[Value]:
        """Every setting with its source."""
        return list({value.key: value for value in self.reader.values}.values())

    @property
    def warnings(self) -> list[str]:
        """Keys and variables that nothing reads."""
        return self.reader.warnings
