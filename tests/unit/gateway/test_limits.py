"""How often somebody may call, whose address counts, and which keys are let in."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import BadConfiguration
from antiphon.gateway import limits
from antiphon.gateway.callers import TrustedProxies
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.keyring import KeyRing
from antiphon.gateway.limits import TokenBuckets
from antiphon.gateway.settings import ServerSettings
from antiphon.testing.clock import ManualClock


@pytest.mark.proves("P-8", "B52")
def test_a_bucket_holds_the_burst_and_refills_by_the_clock() -> None:
    clock = ManualClock()
    buckets = TokenBuckets(2.0, 3, clock)
    assert [buckets.take("a").taken for _ in range(4)] == [True, True, True, False]
    assert buckets.take("b").taken, "everybody has a bucket"
    left = buckets.take("a")
    assert (left.next_s, left.full_s, left.tokens) == (0.5, 1.5, 0)
    clock.advance(0.5)
    assert buckets.take("a").taken
    assert not buckets.take("a").taken
    clock.advance(1000.0)
    assert [buckets.take("a").taken for _ in range(4)] == [True, True, True, False]


@given(
    rps=st.floats(0.1, 100),
    burst=st.integers(1, 50),
    waits=st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_never_more_than_burst_and_rate_allow(rps: float, burst: int, waits: list[float]) -> None:
    clock = ManualClock()
    buckets = TokenBuckets(rps, burst, clock)
    taken = 0
    for wait in waits:
        clock.advance(wait)
        taken += buckets.take("a").taken
    assert taken <= burst + rps * sum(waits) + 1e-6


def test_what_is_remembered_of_callers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BUCKETS", 100)
    clock = ManualClock()
    buckets = TokenBuckets(1.0, 5, clock)
    for number in range(1000):
        buckets.take(f"caller {number}")
    assert len(buckets) <= 101
    clock.advance(10.0)
    for number in range(200):
        buckets.take("one") if number % 2 else buckets.take("other")
    assert len(buckets) <= 2, "full buckets are as good as none"


def scope(peer: str, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"type": "http", "client": (peer, 1), "headers": headers}


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ((), "1.2.3.4", ("9.9.9.9",), "1.2.3.4"),
        (("10.0.0.0/8",), "1.2.3.4", ("9.9.9.9",), "1.2.3.4"),
        (("10.0.0.0/8",), "10.0.0.1", ("9.9.9.9",), "9.9.9.9"),
        (("10.0.0.0/8",), "10.0.0.1", ("7.7.7.7, 9.9.9.9",), "9.9.9.9"),
        (("10.0.0.0/8",), "10.0.0.1", ("7.7.7.7, 9.9.9.9, 10.0.0.2",), "9.9.9.9"),
        (("10.0.0.0/8",), "10.0.0.1", ("7.7.7.7", "9.9.9.9, 10.0.0.2"), "9.9.9.9"),
        (("10.0.0.0/8",), "10.0.0.1", (), "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", ("nonsense",), "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", ("9.9.9.9, <script>",), "10.0.0.1"),
        (("10.0.0.1",), "::ffff:10.0.0.1", ("9.9.9.9",), "9.9.9.9"),
        (("::1",), "::1", ("2001:db8:1:2:3:4:5:6",), "2001:db8:1:2::/64"),
        ((), "2001:db8:1:2:a:b:c:d", (), "2001:db8:1:2::/64"),
    ],
)
@pytest.mark.proves("P-8")
def test_only_our_own_proxies_tell_addresses(
    trusted: tuple[str, ...], peer: str, forwarded: tuple[str, ...], client: str
) -> None:
    assert TrustedProxies(trusted).client(scope(peer, *forwarded)) == client


def test_a_proxy_that_is_no_address_is_refused() -> None:
    with pytest.raises(BadConfiguration, match=r"server\.trusted_proxies"):
        TrustedProxies(("proxy.example",))


@pytest.mark.proves("B51", "F32")
def test_a_thousand_rotations_refuse_no_valid_key_and_let_no_old_one_in() -> None:
    ring = KeyRing(["key-0"])
    for number in range(1000):
        old, new = f"key-{number}", f"key-{number + 1}"
        ring.replace([old, new])
        assert ring.holder(f"Bearer {old}")
        assert ring.holder(f"Bearer {new}")
        ring.replace([new])
        assert ring.holder(f"Bearer {new}")
        assert ring.holder(f"Bearer {old}") is None
    assert len(ring.last_used) == 1, "keys that are gone are forgotten"


@pytest.mark.proves("B51")
def test_a_key_is_known_by_its_hash_and_when_it_was_last_used() -> None:
    clock = ManualClock()
    ring = KeyRing(["used", "unused", "used"], clock)
    name = hashlib.sha256(b"used").hexdigest()[:8]
    assert ring.holder("Bearer used") == ring.holder("bearer  used ") == name
    assert set(ring.last_used) == {name, hashlib.sha256(b"unused").hexdigest()[:8]}
    assert ring.last_used[name] == clock.now().isoformat(timespec="seconds")
    assert [ring.holder(text) for text in ("", "Bearer", "Basic used", "used", "Bearer used2", "Bearer \udcff")] == [
        None
    ] * 6


def test_the_door_never_opens_to_everybody_while_it_is_open() -> None:
    door = FrontDoor(ServerSettings(api_keys=("a",)))
    with pytest.raises(BadConfiguration, match="cannot become empty"):
        door.change(ServerSettings())
    with pytest.raises(BadConfiguration, match="trusted_proxies"):
        door.change(ServerSettings(api_keys=("b",), trusted_proxies=("x",)))
    assert door.keys.holder("Bearer a")
    door.change(ServerSettings(api_keys=("b",), rate_limit_rps=5, rate_limit_burst=7))
    assert (door.limits.rps, door.limits.burst) == (5, 7)
    assert not door.keys.holder("Bearer a")
