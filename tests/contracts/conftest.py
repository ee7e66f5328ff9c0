"""Engines and fakes as the contracts meet them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from inspect import isawaitable
from typing import Any

import pytest

from antiphon.engines.discover import Engine, why_not
from antiphon.models import Store


@pytest.fixture(scope="session")
def load_engine() -> Callable[[Any], Any]:
    """Loads an engine with its weights, or makes a fake; skips what this machine cannot use, and says why."""
    store = Store()

    def load(found: Any) -> Any:
        if not isinstance(found, Engine):
            return found()
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
