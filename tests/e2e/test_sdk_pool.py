"""The pool against small real servers: slow ones, failing ones, ones that die and come back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from antiphon.errors import AtCapacity, BadAudio, BadConfiguration, EngineFailed, NotAllowed, TimedOut
from antiphon.sdk import CallRecord, PoolSettings, Retries, STTPool
from antiphon.testing.clock import ManualClock
from little_server import Answer, Asked, Behaviour, LittleServer, heard, refused

UNCHECKED = PoolSettings(check_every_s=0, failures=3, ejected_s=60)
QUICK = Retries(2, jitter_s=(0.0, 0.001))


@pytest.fixture
async def three() -> AsyncIterator[list[LittleServer]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(LittleServer()) for _ in range(3)]


def pool_of(servers: list[LittleServer], settings: PoolSettings = UNCHECKED, retries: Retries = QUICK) -> STTPool:
    return STTPool([server.url for server in servers], "key", settings=settings, retries=retries)


async def fails(_: Asked) -> Answer:
    return refused(502, "engine_failed")


def after(seconds: float) -> Behaviour:
    async def behave(_: Asked) -> Answer:
        await asyncio.sleep(seconds)
        return heard()

    return behave


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 - what a pool thinks of a server is no event
        await asyncio.sleep(0.005)


async def transcribe_all(pool: STTPool, calls: int, at_once: int) -> None:
    """So many calls, each beginning when another has ended."""
    todo = iter(range(calls))

    async def caller() -> None:
        for _ in todo:
            assert (await pool.transcribe(b"RIFF")).text == "hello"

    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(caller())


@pytest.mark.proves("B13")
async def test_equal_servers_get_equal_shares(three: list[LittleServer]) -> None:
    for server in three:
        server.behaviour = after(0.01)
    async with pool_of(three) as pool:
        await transcribe_all(pool, calls=300, at_once=9)
    shares = [server.transcribed / 300 for server in three]
    assert sum(shares) == 1.0
    assert min(shares) > 0.25


@pytest.mark.proves("B13")
async def test_a_slow_server_gets_the_share_that_it_can_take(three: list[LittleServer]) -> None:
    for server, seconds in zip(three, (0.02, 0.02, 1.0), strict=True):
        server.behaviour = after(seconds)
    async with pool_of(three) as pool:
        await transcribe_all(pool, calls=200, at_once=6)
        slowest = pool.snapshot()[2]
    assert 0 < three[2].transcribed < 40
    assert min(three[0].transcribed, three[1].transcribed) > 40
    assert slowest.latency_s is not None
    assert slowest.latency_s >= 1.0


async def test_never_more_in_flight_on_one_server_than_on_another_by_two(three: list[LittleServer]) -> None:
    release = asyncio.Event()

    async def hold(_: Asked) -> Answer:
        await release.wait()
        return heard()

    for server in three:
        server.behaviour = hold
    async with pool_of(three) as pool, asyncio.TaskGroup() as tasks:
        for _ in range(10):
            tasks.create_task(pool.transcribe(b"RIFF"))
        await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        in_flight = [server.in_flight for server in pool.snapshot()]
        release.set()
    assert sorted(in_flight) == [3, 3, 4]


@pytest.mark.proves("B13")
async def test_a_failing_server_costs_no_caller_an_answer_and_is_left_alone(three: list[LittleServer]) -> None:
    three[1].behaviour = fails
    records: list[CallRecord] = []
    urls = [server.url for server in three]
    async with STTPool(urls, retries=QUICK, settings=UNCHECKED, on_call=records.append) as pool:
        await transcribe_all(pool, calls=100, at_once=5)
        snapshot = pool.snapshot()
    assert three[1].transcribed < 10
    assert snapshot[1].ejected_for_s > 0
    assert snapshot[0].ejected_for_s == snapshot[2].ejected_for_s == 0
    failed = {record.request_id for record in records if record.error_code}
    mended = {record.request_id for record in records if not record.error_code}
    assert len(mended) == 100
    assert failed
    assert failed <= mended, "the second attempt goes by the same id"


async def test_a_server_that_dies_in_mid_run_and_returns(three: list[LittleServer]) -> None:
    for server in three:
        server.behaviour = after(0.005)
    settings = PoolSettings(check_every_s=0.02, check_s=5, failures=3, ejected_s=0.01)
    async with pool_of(three, settings) as pool:
        run = asyncio.create_task(transcribe_all(pool, calls=400, at_once=6))
        await asyncio.sleep(0.1)
        await three[0].die()
        await until(lambda: not pool.snapshot()[0].ready)
        missed = three[0].transcribed
        await three[0].start()
        await until(lambda: pool.snapshot()[0].ready)
        await run
        await transcribe_all(pool, calls=30, at_once=6)
    assert three[0].transcribed > missed


async def test_a_server_on_trial_gets_one_call_and_returns_with_its_success(three: list[LittleServer]) -> None:
    three[0].behaviour = fails
    settings, clock = PoolSettings(check_every_s=0, failures=3, ejected_s=5), ManualClock()
    urls = [server.url for server in three]
    async with STTPool(urls, retries=QUICK, settings=settings, clock=clock) as pool:
        while not pool.snapshot()[0].ejected_for_s:
            await transcribe_all(pool, calls=6, at_once=3)
        before = three[0].transcribed
        await transcribe_all(pool, calls=12, at_once=12)
        assert three[0].transcribed == before
        clock.advance(5)
        await transcribe_all(pool, calls=12, at_once=12)
        assert three[0].transcribed == before + 1, "one call finds out that it still fails"
        assert pool.snapshot()[0].ejected_for_s == 10
        three[0].behaviour = None
        clock.advance(10)
        await transcribe_all(pool, calls=60, at_once=3)
        assert three[0].transcribed > before + 5


async def test_when_all_are_out_all_are_asked(three: list[LittleServer]) -> None:
    for server in three:
        server.behaviour = fails
    async with pool_of(three) as pool:
        for _ in range(6):
            with pytest.raises(EngineFailed):
                await pool.transcribe(b"RIFF")
        assert all(server.ejected_for_s for server in pool.snapshot())
        for server in three:
            server.behaviour = None
        assert (await pool.transcribe(b"RIFF")).text == "hello"


async def test_a_full_server_is_passed_over_but_not_blamed(three: list[LittleServer]) -> None:
    async def full(_: Asked) -> Answer:
        return refused(503, "queue_full", "overloaded_error", Retry_After="30")

    three[0].behaviour = three[1].behaviour = full
    async with pool_of(three) as pool:
        await transcribe_all(pool, calls=40, at_once=4)
        assert [server.ejected_for_s for server in pool.snapshot()] == [0, 0, 0]
        three[2].behaviour = full
        with pytest.raises(AtCapacity):
            await pool.transcribe(b"RIFF", deadline_s=20)


@pytest.mark.parametrize(
    ("status", "code", "kind"), [(415, "audio_unsupported", BadAudio), (401, "unauthorized", NotAllowed)]
)
async def test_what_is_wrong_with_the_call_is_wrong_everywhere(
    three: list[LittleServer], status: int, code: str, kind: type[Exception]
) -> None:
    async def refuse(_: Asked) -> Answer:
        return refused(status, code, "invalid_request_error")

    for server in three:
        server.behaviour = refuse
    async with pool_of(three) as pool:
        with pytest.raises(kind):
            await pool.transcribe(b"RIFF")
    assert sum(server.transcribed for server in three) == 1


async def test_a_server_that_hangs_is_given_up_for_another(three: list[LittleServer]) -> None:
    three[0].behaviour = three[1].behaviour = after(3600)
    urls = [server.url for server in three]
    async with STTPool(urls, settings=UNCHECKED, retries=QUICK, attempt_timeout_s=0.2) as pool:
        for _ in range(3):
            assert (await pool.transcribe(b"RIFF")).text == "hello"


async def test_the_deadline_holds_over_all_servers_and_hurry_blames_nobody(three: list[LittleServer]) -> None:
    for server in three:
        server.behaviour = after(3600)
    async with pool_of(three) as pool:
        for _ in range(9):
            with pytest.raises(TimedOut) as caught:
                await pool.transcribe(b"RIFF", deadline_s=0.02)
            assert caught.value.code == "deadline"
        assert [server.failures for server in pool.snapshot()] == [0, 0, 0]
    assert sum(server.transcribed for server in three) <= 9


async def test_a_server_that_is_not_ready_gets_nothing_until_it_is(three: list[LittleServer]) -> None:
    ready = three[0].pages["/v1/ready"]
    three[0].pages["/v1/ready"] = Answer(503, b'{"ok":false,"state":"draining"}')
    async with pool_of(three, PoolSettings(check_every_s=0.02)) as pool:
        await until(lambda: not pool.snapshot()[0].ready)
        await transcribe_all(pool, calls=30, at_once=3)
        assert three[0].transcribed == 0
        three[0].pages["/v1/ready"] = ready
        await until(lambda: pool.snapshot()[0].ready)
        await transcribe_all(pool, calls=30, at_once=3)
        assert three[0].transcribed > 0


async def test_keys_rotate_on_all_servers(three: list[LittleServer]) -> None:
    async with pool_of(three) as pool:
        pool.key = "new"
        await transcribe_all(pool, calls=9, at_once=3)
        assert pool.key == "new"
    assert {asked.headers["authorization"] for server in three for asked in server.asked} == {"Bearer new"}


async def test_a_cancelled_call_leaves_nothing_in_flight(three: list[LittleServer]) -> None:
    for server in three:
        server.behaviour = after(3600)
    async with pool_of(three) as pool:
        calls = [asyncio.create_task(pool.transcribe(b"RIFF")) for _ in range(6)]
        await asyncio.sleep(0.05)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert [server.in_flight for server in pool.snapshot()] == [0, 0, 0]
        assert [server.failures for server in pool.snapshot()] == [0, 0, 0]


@pytest.mark.parametrize("urls", [[], ["http://a", "http://a/"], ["a"]])
def test_no_pool_of_nothing_or_of_twins(urls: list[str]) -> None:
    with pytest.raises(BadConfiguration):
        STTPool(urls)
