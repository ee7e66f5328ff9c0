"""A service that works for a long time stays as it is: memory, files, gauges. Behind `make test-long`."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from antiphon.audio.wav import encode_wav
from antiphon.cli.knee import Load, find_knee
from antiphon.cli.load_client import Answer, load, target
from antiphon.cli.stt_soak import Soak, run
from antiphon.cli.stt_steps import summed_up
from antiphon.cli.stt_watch import read_process
from antiphon.events.speech import Samples
from stt_services import KEY, packaged

pytestmark = [pytest.mark.long, pytest.mark.models, pytest.mark.timeout(3600)]
SOAK_S, STEP_S = 20 * 60.0, 8.0
REQUESTS, WARM_UP = 10_000, 1_000
MB = 2**20


@dataclass(frozen=True, slots=True)
class Service:
    url: str
    pid: int
    recording: bytes


@pytest.fixture
def service(beckett: Samples, tmp_path: Path) -> Iterator[Service]:
    """`antiphon serve stt --role primary` as packaged, without a rate limit in the way, and half a second of speech."""
    # Two lines for each of many thousand requests are of no use.
    process = packaged(tmp_path, ANTIPHON_LOG__LEVEL="warning")
    yield Service(process.url, process.process.pid, encode_wav(beckett[4_000:14_000], 16_000))
    process.end()


async def send(service: Service, concurrency: int, *, seconds: float = 0.0, requests: int = 0) -> list[Answer]:
    """Answers to so many requests, or to those of so many seconds."""
    answers, loop = list[Answer](), asyncio.get_running_loop()
    enough = asyncio.Event()

    def answered(answer: Answer) -> None:
        answers.append(answer)
        if requests and len(answers) >= requests:
            enough.set()

    to = target(service.url, KEY, service.recording, "en")
    until_s = loop.time() + (seconds or 3600.0)
    sending = asyncio.create_task(load(to, concurrency=concurrency, until_s=until_s, answered=answered))
    waiting = asyncio.create_task(enough.wait())
    await asyncio.wait((sending, waiting), return_when=asyncio.FIRST_COMPLETED)
    for task in (sending, waiting):
        task.cancel()
    await asyncio.gather(sending, waiting, return_exceptions=True)
    return answers


async def knee(service: Service) -> int:
    """Callers at once up to which more of them mean more answers."""
    loads = []
    for concurrency in (1, 2, 4, 8):
        began_s = asyncio.get_running_loop().time()
        step = summed_up(await send(service, concurrency, seconds=STEP_S), concurrency, began_s, began_s + STEP_S)
        loads.append(Load(concurrency, step.goodput_per_s, step.p95_s or 0.0))
    found = find_knee(loads)
    assert found is not None
    return found.concurrency


def soak_of(service: Service, seconds: float, concurrency: int) -> Soak:
    return Soak(
        url=service.url,
        key=KEY,
        recording=service.recording,
        language="en",
        seconds=seconds,
        concurrency=concurrency,
        rate_per_s=0.0,
        warm_up=0.25,
        growth_mb=10.0,
        every_s=5.0,
        pid=service.pid,
        temp=None,
    )


@pytest.mark.proves("B104")
async def test_twenty_minutes_at_half_the_knee_leave_a_service_as_it_was(service: Service) -> None:
    half = max(1, await knee(service) // 2)
    verdict, samples = await run(soak_of(service, SOAK_S, half), lambda _: None)
    print(f"half the knee: {half}; {verdict}")
    assert len(samples) > 100
    assert verdict.faults == []
    assert verdict.gauges == {}
    assert {one.name for one in verdict.grown} >= {"rss_bytes", "tree_rss_bytes", "open_files", "threads"}


@pytest.mark.proves("B104")
async def test_ten_thousand_requests_cost_no_memory_after_warm_up(service: Service) -> None:
    warm = await send(service, 2, requests=WARM_UP)
    before = read_process(service.pid)["tree_rss_bytes"]
    answers = await send(service, 2, requests=REQUESTS)
    after = read_process(service.pid)["tree_rss_bytes"]
    print(f"{before / MB:.1f} MB after {len(warm)} requests, {after / MB:.1f} MB after {len(answers)} more")
    assert {answer.outcome for answer in (*warm, *answers)} == {"200"}
    assert len(answers) >= REQUESTS
    assert after <= 1.05 * before
