"""Deliveries: at least once, in time, with back-off, and never after they have been settled."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2
import pytest
from structlog.testing import capture_logs

from antiphon.conversations.actions import make_action, verify
from antiphon.conversations.delivery import Courier
from antiphon.conversations.dispatcher import AT_ONCE, Dispatcher
from antiphon.conversations.outbox import Backlog, Outbox
from antiphon.conversations.records import Action, ActionState
from antiphon.conversations.settings import ConversationSettings
from antiphon.conversations.store import Change, ConversationStore
from antiphon.events.dialogue import ActionRequest, ActionType
from antiphon.storage.database import Database
from antiphon.testing.clock import ManualClock

SETTINGS = ConversationSettings(action_endpoint="http://127.0.0.1:9/actions", action_secret="key", action_timeout_s=5)
Answer = Callable[[httpx2.Request], httpx2.Response]


class Desk:
    """An outbox, its dispatcher and a receiver that answers as told; `posts` is what arrived there."""

    def __init__(self, database: Database, clock: ManualClock, answer: Answer, settings: ConversationSettings) -> None:
        self.posts: list[httpx2.Request] = []
        self.clock = clock
        self.store = ConversationStore(database, clock)
        self.outbox = Outbox(database)
        self._answer = answer
        self.courier = Courier(settings, httpx2.MockTransport(self._receive))
        self.dispatcher = Dispatcher(self.outbox, self.courier, settings, clock)

    async def _receive(self, request: httpx2.Request) -> httpx2.Response:
        self.posts.append(request)
        return self._answer(request)

    async def queue(self, number: int = 1) -> list[Action]:
        head = await self.store.create("en", "test")
        asked = ActionRequest(ActionType.TRANSFER, {})
        made = [
            make_action(asked, conversation_id=head.id, turn=0, locale="en-CH", clock=self.clock) for _ in range(number)
        ]
        await self.store.keep(Change(head, actions=tuple(made)))
        self.dispatcher.wake()
        return made

    async def deliver_due(self) -> None:
        for action in await self.outbox.claim(self.clock.now(), AT_ONCE, 10):
            await self.dispatcher.attempt(action)

    async def state_of(self, action: Action) -> Action:
        return next(item for item in await self.store.actions(action.conversation_id) if item.id == action.id)

    async def action_of(self, post: httpx2.Request) -> Action:
        body = json.loads(post.content)
        return next(item for item in await self.store.actions(body["conversation_id"]) if item.id == body["id"])

    async def until(self, action: Action, reached: Callable[[Action], bool]) -> Action:
        while not reached(found := await self.state_of(action)):  # noqa: ASYNC110 (the database has no event)
            await asyncio.sleep(0.01)
        return found


@pytest.fixture
async def desk(database: Database, clock: ManualClock) -> AsyncIterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(answer: Answer | int = 204, settings: ConversationSettings = SETTINGS) -> Desk:
        said = answer if callable(answer) else lambda _request: httpx2.Response(answer)
        made.append(Desk(database, clock, said, settings))
        return made[-1]

    yield make
    for one in made:
        await one.courier.close()


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[None]:
    task = asyncio.create_task(desk.dispatcher.run())
    yield
    desk.dispatcher.stop()
    await task


@pytest.mark.proves("D27")
async def test_an_action_arrives_signed_under_its_id(desk: Callable[..., Desk]) -> None:
    one = desk()
    (action,) = await one.queue()
    await one.deliver_due()
    (post,) = one.posts
    assert post.method == "POST"
    assert post.headers["Idempotency-Key"] == action.id == json.loads(post.content)["id"]
    assert verify("key", post.headers["X-Timestamp"], post.content, post.headers["X-Signature"])
    assert (await one.state_of(action)).state is ActionState.DELIVERED
    assert await one.outbox.backlog() == Backlog()


@pytest.mark.proves("D27")
async def test_a_failing_receiver_is_tried_with_growing_pauses_and_then_given_up(
    desk: Callable[..., Desk], clock: ManualClock
) -> None:
    one = desk(503)
    (action,) = await one.queue()
    pauses = []
    with capture_logs() as logs:
        while (await one.state_of(action)).state is ActionState.PENDING:
            await one.deliver_due()
            due = await one.outbox.next_due()
            if due is not None:
                pauses.append((due - clock.now()).total_seconds())
                clock.advance(pauses[-1] - 0.001)
                await one.deliver_due()  # not yet due: nothing is posted
                clock.advance(0.001)
    assert len(one.posts) == 10
    assert len(pauses) == 9
    assert pauses == sorted(pauses)
    assert 0.9 <= pauses[0] <= 1.1
    assert 19_440 <= pauses[-1] <= 23_760
    settled = await one.state_of(action)
    assert (settled.state, settled.attempts, settled.error) == (ActionState.DEAD, 10, "HTTP 503")
    assert [line["log_level"] for line in logs if line["event"] == "action_dead"] == ["error"]
    assert await one.outbox.backlog() == Backlog(pending=0, dead=1)


@pytest.mark.proves("D27")
async def test_a_receiver_that_refuses_is_not_asked_again(desk: Callable[..., Desk], clock: ManualClock) -> None:
    one = desk(422)
    (action,) = await one.queue()
    await one.deliver_due()
    clock.advance(10**6)
    await one.deliver_due()
    assert len(one.posts) == 1
    settled = await one.state_of(action)
    assert (settled.state, settled.error) == (ActionState.DEAD, "HTTP 422")


async def test_a_receiver_is_left_alone_for_as_long_as_it_asks(desk: Callable[..., Desk], clock: ManualClock) -> None:
    one = desk(lambda _request: httpx2.Response(429, headers={"Retry-After": "300"}))
    await one.queue()
    await one.deliver_due()
    due = await one.outbox.next_due()
    assert due is not None
    assert due - clock.now() == timedelta(seconds=300)


def refuse(_request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("nobody there")


async def test_an_unreachable_receiver_is_tried_again(desk: Callable[..., Desk]) -> None:
    one = desk(refuse)
    (action,) = await one.queue()
    await one.deliver_due()
    settled = await one.state_of(action)
    assert (settled.state, settled.attempts, settled.error) == (ActionState.PENDING, 1, "ConnectError")


async def test_a_redirect_is_not_followed(desk: Callable[..., Desk]) -> None:
    one = desk(lambda _request: httpx2.Response(307, headers={"Location": "http://127.0.0.1:10/"}))
    (action,) = await one.queue()
    await one.deliver_due()
    assert len(one.posts) == 1
    assert (await one.state_of(action)).error == "HTTP 307"


async def test_what_a_killed_process_had_claimed_is_delivered_when_its_lease_ends(
    desk: Callable[..., Desk], clock: ManualClock
) -> None:
    one = desk()
    (action,) = await one.queue()
    await one.outbox.claim(clock.now(), AT_ONCE, 10)  # claimed, and then the process is gone
    await one.deliver_due()
    assert one.posts == []
    clock.advance(10)
    await one.deliver_due()
    assert len(one.posts) == 1
    assert (await one.state_of(action)).attempts == 2


async def test_two_processes_do_not_claim_the_same_action(desk: Callable[..., Desk], clock: ManualClock) -> None:
    one, other = desk(), desk()
    made = await one.queue(20)
    claims = await asyncio.gather(*(each.outbox.claim(clock.now(), 5, 10) for each in (one, other) * 3))
    claimed = [action.id for claim in claims for action in claim]
    assert sorted(claimed) == sorted(action.id for action in made)


async def test_a_late_failure_does_not_undo_a_delivery(desk: Callable[..., Desk], clock: ManualClock) -> None:
    one = desk()
    await one.queue()
    (first,) = await one.outbox.claim(clock.now(), 1, 10)
    clock.advance(10)
    (second,) = await one.outbox.claim(clock.now(), 1, 10)
    await one.outbox.delivered(second, clock.now())
    await one.outbox.failed(first, clock.now(), "late", again_in_s=1)
    assert (await one.state_of(first)).state is ActionState.DELIVERED


async def test_a_queued_action_wakes_the_dispatcher_and_draining_waits_for_it(desk: Callable[..., Desk]) -> None:
    one = desk()
    async with running(one):
        assert await one.dispatcher.drain(60)  # nothing to do: asleep from here on
        for _ in range(3):
            await one.queue()
            assert await one.dispatcher.drain(60)
    assert len(one.posts) == 3


async def test_more_actions_than_hands_are_all_delivered_once(desk: Callable[..., Desk]) -> None:
    one = desk()
    async with running(one):
        made = await one.queue(3 * AT_ONCE + 1)
        assert await one.dispatcher.drain(60)
    assert sorted(post.headers["Idempotency-Key"] for post in one.posts) == sorted(action.id for action in made)


async def test_draining_gives_up_in_time(desk: Callable[..., Desk]) -> None:
    one = desk(503)
    async with running(one):
        await one.queue()
        assert not await one.dispatcher.drain(0.05)
    assert (await one.outbox.backlog()).pending == 1


async def test_a_hanging_receiver_meets_the_deadline_and_blocks_no_other(
    database: Database, clock: ManualClock
) -> None:
    never = asyncio.Event()

    class Hanging(Desk):
        async def _receive(self, request: httpx2.Request) -> httpx2.Response:
            self.posts.append(request)
            if len(self.posts) == 1:
                await never.wait()
            return httpx2.Response(204)

    settings = ConversationSettings(action_endpoint="http://127.0.0.1:9/", action_secret="key", action_timeout_s=0.2)
    one = Hanging(database, clock, lambda _request: httpx2.Response(204), settings)
    async with running(one):
        await one.queue(2)
        while len(one.posts) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        hanging, other = [await one.action_of(post) for post in one.posts]
        await one.until(other, lambda action: action.state is ActionState.DELIVERED)
        settled = await one.until(hanging, lambda action: bool(action.error))
    assert (settled.state, settled.error) == (ActionState.PENDING, "deadline passed")
    await one.courier.close()


async def test_a_delivery_that_breaks_in_a_new_way_does_not_end_the_others(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        if len(one.posts) == 1:
            raise RuntimeError("nobody thought of this")
        return httpx2.Response(204)

    monkeypatch.setattr("antiphon.conversations.dispatcher.PAUSE_S", 0.01)
    one = desk(answer)
    with capture_logs() as logs:
        async with running(one):
            (broken,) = await one.queue()
            while not one.posts:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            (action,) = await one.queue()
            await one.until(action, lambda found: found.state is ActionState.DELIVERED)
    assert (await one.state_of(broken)).state is ActionState.PENDING
    assert "dispatcher_failed" in [line["event"] for line in logs]
