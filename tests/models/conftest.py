"""Small real models: Whispers that always say the same, built in a moment without torch or a download."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whisper_fixtures import Script, build


@pytest.fixture(scope="session")
def build_whisper(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Builds a Whisper that says what its script says; options as `whisper_fixtures.build`."""
    pytest.importorskip("ctranslate2", reason="ctranslate2 is not installed: the Whisper engine was not tested")

    def built(script: Script | None = None, **options: Any) -> Path:
        return build(tmp_path_factory.mktemp("whisper"), script, **options)

    return built


@pytest.fixture(scope="session")
def tiny_whisper(build_whisper: Callable[..., Path]) -> Path:
    """Folder of a one-layer multilingual Whisper that hears "hello from a tiny model" in English, whatever is said."""
    return build_whisper()
