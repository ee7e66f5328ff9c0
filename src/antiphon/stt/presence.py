"""Work for somebody who may go away: then it is given up, and what it held is free at once (P-12)."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""ASGI's: the next message of a request whose body has been read, which can only be that its caller left."""


class CallerGone(Exception):
    """Nobody waits for the answer any more."""


async def while_present(receive: Receive, work: Awaitable[T]) -> T:
    """The result of `work`, which is given up when its caller goes.

    Args:
        receive: ASGI's, after the body has been read.
        work: what the caller waits for.

    Raises:
        CallerGone: the caller went before the work was done.
    """
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("only a task can be given up")
    left = False

    async def watch() -> None:
        nonlocal left
        await _gone(receive)
        left = True
        task.cancel()

    # The work stays in its own task and only the watching has one: every task is turns of the event loop.
    watching = asyncio.create_task(watch(), name="caller-present")
    try:
        return await work
    except asyncio.CancelledError:
        if left and not task.uncancel():
            raise CallerGone from None
        raise
    finally:
        watching.cancel()


async def settled(receive: Receive, working: asyncio.Future[Any], *, patience_s: float | None = None) -> None:
    """Wait until work is done, well or not, or `patience_s` have passed; it goes on in any case.

    Raises:
        CallerGone: the caller went before.
    """
    leaving = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait((working, leaving), timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        if leaving.done() and not working.done():
            raise CallerGone
    finally:
        await stop(leaving)


async def stop(*tasks: asyncio.Future[Any]) -> None:
    """Give up tasks, and wait until they have let go of what they held."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
