"""The task that brings actions from the outbox to their receiver, at least once."""

import asyncio
import random
from contextlib import suppress

import structlog

from antiphon.clock import Clock
from antiphon.conversations.actions import retry_delay_s
from antiphon.conversations.delivery import Courier, Outcome, Result
from antiphon.conversations.outbox import Outbox
from antiphon.conversations.records import Action
from antiphon.conversations.settings import ConversationSettings
from antiphon.errors import StorageFailed

log = structlog.get_logger(__name__)

AT_ONCE = 8
LEASE_MARGIN_S = 5.0
LONGEST_SLEEP_S = 60.0
PAUSE_S = 1.0


class Dispatcher:
    """Delivers what is due, sleeps until the next is, and wakes at once when an action is queued."""

    def __init__(self, outbox: Outbox, courier: Courier, settings: ConversationSettings, clock: Clock) -> None:
        self._outbox = outbox
        self._courier = courier
        self._settings = settings
        self._clock = clock
        self._spread = random.Random()
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._stopping = False
        self._on_the_way = 0

    def wake(self) -> None:
        """An action was queued."""
        self._wake.set()

    def stop(self) -> None:
        """Begin no more deliveries; `run` returns when those on the way have ended."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Deliver until stopped, whatever breaks on the way. What another process left behind is taken up at once."""
        while not self._stopping:
            try:
                await self._attend()
            except Exception:
                # The supervisor of all deliveries: one that broke in a new way must not end the others for good.
                log.exception("dispatcher_failed")
                await asyncio.sleep(PAUSE_S)

    async def _attend(self) -> None:
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                self._wake.clear()
                try:
                    for action in await self._claim():
                        self._on_the_way += 1
                        group.create_task(self._deliver(action))
                    # With all hands full, the next delivery that ends wakes us.
                    sleep_s = await self._until_next_s() if self._on_the_way < AT_ONCE else LONGEST_SLEEP_S
                except StorageFailed:
                    sleep_s = PAUSE_S  # logged where it was mapped
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), sleep_s)

    async def _claim(self) -> list[Action]:
        free = AT_ONCE - self._on_the_way
        lease_s = self._settings.action_timeout_s + LEASE_MARGIN_S
        return list(await self._outbox.claim(self._clock.now(), free, lease_s)) if free > 0 else []

    async def _until_next_s(self) -> float:
        due = await self._outbox.next_due()
        if due is None:
            return LONGEST_SLEEP_S
        return min(max((due - self._clock.now()).total_seconds(), 0.01), LONGEST_SLEEP_S)

    async def _deliver(self, action: Action) -> None:
        try:
            await self.attempt(action)
        except StorageFailed:
            log.warning("action_unsettled", action=action.id)  # its lease ends, and it is posted again
        finally:
            self._on_the_way -= 1
            self._settled.set()
            self._wake.set()

    async def attempt(self, action: Action) -> None:
        """Post one claimed action and record what came of it."""
        outcome = await self._courier.post(action, self._clock.now())
        now = self._clock.now()
        if outcome.result is Result.DELIVERED:
            await self._outbox.delivered(action, now)
            log.info("action_delivered", action=action.id, type=action.type, attempts=action.attempts)
        elif outcome.result is Result.REFUSED or action.attempts >= self._settings.action_attempts:
            await self._outbox.dead(action, now, outcome.error)
            log.error("action_dead", action=action.id, type=action.type, reason=outcome.error)
        else:
            await self._outbox.failed(action, now, outcome.error, again_in_s=self._again_in_s(action, outcome))
            log.warning("action_not_delivered", action=action.id, reason=outcome.error, attempts=action.attempts)

    def _again_in_s(self, action: Action, outcome: Outcome) -> float:
        own = retry_delay_s(action.attempts, self._settings.action_attempts, self._spread)
        return max(own, outcome.retry_after_s)

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no action is pending any more; False when some still are after `timeout_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while True:
                    self._settled.clear()  # before looking: what is settled after the look must wake us
                    if not (await self._outbox.backlog()).pending:
                        return True
                    await self._settled.wait()
        return False
