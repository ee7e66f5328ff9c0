"""Reading a stack: the environment, the file of variables that it names, the stack file, and the packaged ones."""

import functools
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from antiphon.config.env_file import read_env_file
from antiphon.config.lint import lint
from antiphon.config.practice import read_practice
from antiphon.config.reader import Reader, Variables
from antiphon.config.stack import OTHER_PORTS, AudioSettings, EngineChoice, Stack, VoiceSettings
from antiphon.conversations.settings import ConversationSettings
from antiphon.errors import BadConfiguration
from antiphon.gateway.settings import ServerSettings
from antiphon.realtime.settings import RealtimeSettings
from antiphon.stt.listen_settings import ListenSettings
from antiphon.stt.settings import SttSettings
from antiphon.telemetry import LogSettings

PACKAGED = "the packaged stack"
"""How the source of a setting begins that nobody has set but the packaged stack of a role."""
_FALLBACK_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_SECTIONS = ("practice", "audio", "realtime", "conversations", "server", "log", "stt", "listen", "tts")


def load(
    path: Path | None = None, env: Mapping[str, str] | None = None, role: str = "", env_file: Path | None = None
) -> Stack:
    """Read the stack: the environment, over the variables of the file that `$CONFIG_PATH` names, over the stack file.

    The stack file is the one at `path`, or the one that `$ANTIPHON_STACK` names. What it leaves out is filled in by the
    packaged stack of the `role`, key by key, and then by the built-in one, section by section.

    Args:
        path: the stack file.
        env: variables; those of the process without it.
        role: `primary` or `fallback` for a process that is that tier of speech-to-text and nothing else.
        env_file: the file of variables, where it is not the one that `$CONFIG_PATH` names.

    Raises:
        BadConfiguration: a file cannot be read or a value cannot be used.
    """
    env = os.environ if env is None else env
    path = path or (Path(env["ANTIPHON_STACK"]) if env.get("ANTIPHON_STACK") else None)
    env_file = env_file or _env_file(env, role)
    variables = [Variables(env)]
    if env_file is not None:
        variables.append(Variables(read_env_file(env_file), str(env_file)))
    tables, origins = _tables(path, role)
    reader = Reader(variables, role, origins)
    files = tuple(file for file in (env_file, path) if file is not None)
    stack = _filled(reader, tables, str(tables.get("name", path.stem if path else role or "embedded")), files)
    reader.unknown_variables()
    _check_together(stack)
    stack.warnings.extend(lint(stack))
    return stack


def _env_file(env: Mapping[str, str], role: str) -> Path | None:
    """The file of variables: the one that is named, or for a tier the one that lies here under its own name."""
    if env.get("CONFIG_PATH"):
        return Path(env["CONFIG_PATH"])
    own = Path(f"stt_{role}.env")
    return own if role and own.is_file() else None


def _tables(path: Path | None, role: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The tables of all files laid over each other, and the file that sets each key."""
    own = {} if path is None else _read(path)
    packaged = _packaged(f"stt_{role}") if role else {}
    origins = dict.fromkeys(_keys(packaged), f"{PACKAGED} stt_{role}")
    origins.update(dict.fromkeys(_keys(own), str(path)))
    return embedded() | _laid_over(own, packaged), origins


def _laid_over(upper: dict[str, Any], lower: dict[str, Any]) -> dict[str, Any]:
    both = {key: _laid_over(upper[key], lower[key]) for key in upper if _are_tables(upper[key], lower.get(key))}
    return lower | upper | both


def _are_tables(*found: Any) -> bool:
    return all(isinstance(item, dict) for item in found)


def _keys(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, found in table.items():
        if isinstance(found, dict):
            yield from _keys(found, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _filled(reader: Reader, tables: Mapping[str, Any], name: str, files: tuple[Path, ...]) -> Stack:
    reader.unknown("", tables, ("name", "engines", *_SECTIONS, *OTHER_PORTS))

    def table(section: str) -> Mapping[str, Any]:
        return _table(tables.get(section, {}), section)

    return Stack(
        name=name,
        role=reader.role,
        practice=read_practice(reader, table("practice")),
        audio=reader.fill(AudioSettings, "audio", table("audio")),
        realtime=reader.fill(RealtimeSettings, "realtime", table("realtime")),
        conversations=reader.fill(ConversationSettings, "conversations", table("conversations")),
        server=reader.fill(ServerSettings, "server", table("server")),
        log=reader.fill(LogSettings, "log", table("log")),
        stt=reader.fill(SttSettings, "stt", table("stt")),
        listen=reader.fill(ListenSettings, "listen", table("listen")),
        tts=reader.fill(VoiceSettings, "tts", table("tts")),
        others={port: reader.fill(EngineChoice, port, table(port)) for port in OTHER_PORTS},
        engine_options={name: _table(found, f"engines.{name}") for name, found in table("engines").items()},
        files=files,
        reader=reader,
    )


def embedded() -> dict[str, Any]:
    """The built-in stack: everything in one process, on engines that need no GPU, no hub and no server."""
    return _packaged("embedded")


@functools.cache
def _packaged(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("antiphon").joinpath(f"stacks/{name}.toml").read_text("utf-8"))


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
    if (url := stack.stt.fallback_url) and not _FALLBACK_URL.fullmatch(url):
        raise BadConfiguration(
            f"`stt.fallback_url` = {url!r:.200} is not allowed: http:// or https://, a host, and maybe a port",
            param="stt.fallback_url",
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadConfiguration(f"cannot read stack file {path}: {error.strerror}", param=str(path)) from None
    except (ValueError, RecursionError) as error:
        raise BadConfiguration(f"{path} is not valid TOML: {error}", param=str(path)) from None


def _table(found: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise BadConfiguration(f"`{name}` = {found!r} must be a table, written as [{name}]", param=name)
    return found
