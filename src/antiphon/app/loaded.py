"""The engines that a process has loaded: each once, when it is first asked for, closed with the process."""

import asyncio
import inspect
from contextlib import AsyncExitStack
from typing import Any

import structlog

from antiphon.app.choosing import choose, choose_second_tier, options, second_tier_options, store_of
from antiphon.config import Stack
from antiphon.engines import discover
from antiphon.ports.card import Port
from antiphon.serving.batcher import Batcher
from antiphon.serving.metrics import ServingMetrics
from antiphon.serving.worker import WorkerPool

log = structlog.get_logger(__name__)


class LoadedEngines:
    """Chooses, loads and keeps engines."""

    def __init__(self, stack: Stack, metrics: ServingMetrics, exits: AsyncExitStack) -> None:
        """Engines are closed when `exits` is."""
        self._stack, self._store = stack, store_of(stack)
        self._metrics, self._exits = metrics, exits
        self._choices: dict[str, discover.Choice] = {}
        self._engines: dict[Port, Any] = {}
        self._loading = asyncio.Lock()

    @property
    def in_use(self) -> dict[str, dict[str, str]]:
        """By port (and `stt.fallback`): the engine loaded and why it was chosen."""
        return {
            place: {"engine": choice.engine.card.name, "why": choice.reason}
            for place, choice in sorted(self._choices.items())
        }

    async def of(self, port: Port) -> Any:
        """The engine of a port, the same for everybody.

        Raises:
            BadConfiguration: the stack names one that there is not, or an option cannot be used.
            EngineUnavailable: something that it needs is missing.
        """
        async with self._loading:
            if port not in self._engines:
                self._engines[port] = await self.another(port)
            return self._engines[port]

    async def another(self, port: Port) -> Any:
        """An engine of a port for whoever asks alone."""
        choice = choose(self._stack, self._store, port)
        return await self._load(str(port), choice, options(self._stack, self._store, choice.engine))

    async def second_tier(self) -> Any:
        """The engine of a second tier of speech-to-text in this process."""
        choice = choose_second_tier(self._stack, self._store)
        return await self._load("stt.fallback", choice, second_tier_options(self._stack, self._store, choice.engine))

    async def _load(self, place: str, choice: discover.Choice, chosen: Any) -> Any:
        engine = await asyncio.to_thread(choice.engine.load, chosen)
        if hasattr(engine, "start"):
            await engine.start()
        self._exits.push_async_callback(_close, engine)
        if isinstance(pool := getattr(engine, "pool", None), WorkerPool):
            self._metrics.watch_pool(place, pool)
        if isinstance(batcher := getattr(engine, "batcher", None), Batcher):
            self._metrics.watch_batcher(place, batcher)
        self._choices[place] = choice
        log.info("engine_loaded", port=place, engine=choice.engine.card.name, why=choice.reason)
        return engine


async def _close(engine: Any) -> None:
    closed = engine.close()
    if inspect.isawaitable(closed):
        await closed
