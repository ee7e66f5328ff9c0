"""Engines and fakes as the contracts meet them."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from inspect import isawaitable
from pathlib import Path
from typing import Any

import pytest

import whisper_fixtures
from antiphon.engines.discover import Engine, why_not
from antiphon.models import Store


@pytest.fixture(scope="session")
def load_engine(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any], Any]:
    """Loads an engine with its weights, or makes a fake; skips what this machine cannot use, and says why."""
    store = Store()
    # No machine that tests has Whisper's weights for certain; a small model that says the same always is soon built.
    build = functools.cache(lambda: whisper_fixtures.build(tmp_path_factory.mktemp("whisper")))

    def load(found: Any) -> Any:
        if not isinstance(found, Engine):
            return found()
        if found.card.name == "faster-whisper" and not why_not(found.card, lambda _: Path()):
            return found.load(found.module.Options(model=str(build())))
        if reason := why_not(found.card, store.locate):
            pytest.skip(f"{found.card.name}: {reason}")
        model = {"model": str(store.locate(found.card.model))} if found.card.model else {}
        return found.load(found.module.Options(**model))

    return load


@pytest.fixture
def open_engine(load_engine: Callable[[Any], Any]) -> Callable[[Any], AbstractAsyncContextManager[Any]]:
    """The same for an engine that lives on the event loop; closes it at the end."""

    @asynccontextmanager
    async def opened(found: Any) -> AsyncIterator[Any]:
        engine = await asyncio.to_thread(load_engine, found)
        yield engine
        closed = engine.close() if hasattr(engine, "close") else None
        if isawaitable(closed):
            await closed

    return opened
