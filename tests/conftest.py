"""What all tests share: where the evaluation recordings are, and which tests may open sockets."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
import structlog
from hypothesis import HealthCheck, settings

from antiphon.audio.resample import resample
from antiphon.errors import EngineUnavailable
from antiphon.events.speech import Samples
from antiphon.models import Store

ROOT: Path = Path(__file__).resolve().parent.parent
LOOPBACK_FOLDERS = ("contracts", "e2e", "faults", "models")
"""Tests in these folders may reach servers on this machine; all others may open no socket at all."""

# A busy machine is slow: no property may pass or fail on seconds.
settings.register_profile("antiphon", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("antiphon")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the folders that talk to servers reach this machine, and no other."""
    for item in items:
        if item.path.relative_to(ROOT / "tests").parts[0] in LOOPBACK_FOLDERS:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]))


@pytest.fixture(autouse=True)
def _logging_restored() -> Iterator[None]:
    """Take back where a command run in this process sends its lines: to a standard error that ends with its test."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder beside the repository that holds what is too large to commit; skips where there is none."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"no evaluation material beside the repository ({folder.name}/): nothing was evaluated")
    return folder


@pytest.fixture(scope="session")
def speech(shared_dir: Path) -> list[dict[str, Any]]:
    """The manifest of `../shared/data/speech`, with the absolute `path` of each recording; skips where it is absent."""
    folder = shared_dir / "data" / "speech"
    manifest = folder / "manifest.jsonl"
    if not manifest.is_file():
        pytest.skip("no recordings in ../shared/data/speech: nothing was evaluated")
    items = [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
    return [item | {"path": folder / item["file"]} for item in items]


@pytest.fixture(scope="session")
def beckett() -> Samples:
    """A man reads "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."; float32 [n] at 16 kHz."""
    try:
        folder = Store().locate("moonshine-tiny-en")
    except EngineUnavailable as missing:
        pytest.skip(f"{missing.message}: the recording that comes with the model was heard by nobody")
    samples, rate_hz = soundfile.read(folder.parent / "beckett.wav", dtype="float32")
    return resample(samples, rate_hz, 16_000)
