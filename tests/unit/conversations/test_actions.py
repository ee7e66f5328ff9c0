"""P-21: the body, the signature, the retry schedule, and where actions may go."""

import hashlib
import hmac
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.conversations.actions import (
    check_endpoint,
    delivery_headers,
    make_action,
    retry_delay_s,
    signature,
    verify,
)
from antiphon.conversations.delivery import Result, outcome, retry_after_s
from antiphon.conversations.settings import ConversationSettings
from antiphon.errors import BadConfiguration
from antiphon.events.dialogue import ActionRequest, ActionType
from antiphon.testing.clock import ManualClock

CLOCK = ManualClock()
REQUEST = ActionRequest(ActionType.BOOK, {"caller_name": "Zoë", "preferred_slots": ["2026-11-26"]}, 0.8, True)


@pytest.mark.proves("D27")
def test_the_body_has_the_fields_of_the_contract_and_no_other() -> None:
    action = make_action(REQUEST, conversation_id="c" * 26, turn=3, locale="de-CH", clock=CLOCK)
    assert json.loads(action.body) == {
        "id": action.id,
        "type": "book_appointment",
        "version": 1,
        "conversation_id": "c" * 26,
        "created_at": "2026-11-23T08:00:00.000Z",
        "locale": "de-CH",
        "facts": {"caller_name": "Zoë", "preferred_slots": ["2026-11-26"]},
        "confidence": 0.8,
        "requires_confirmation": True,
    }


@pytest.mark.proves("D27")
def test_the_headers_carry_key_time_and_signature() -> None:
    action = make_action(REQUEST, conversation_id="c" * 26, turn=3, locale="de-CH", clock=CLOCK)
    headers = delivery_headers(action, "secret", CLOCK.now())
    signed = f"{headers['X-Timestamp']}.{action.body}".encode()
    assert headers["Idempotency-Key"] == action.id
    assert headers["X-Timestamp"] == str(int(CLOCK.now().timestamp()))
    assert headers["X-Signature"] == hmac.new(b"secret", signed, hashlib.sha256).hexdigest()


KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
TIMES = st.integers(0, 2**40).map(str)


@given(KEYS, TIMES, st.binary())
def test_a_signature_verifies_what_it_signed(secret: str, timestamp: str, body: bytes) -> None:
    assert verify(secret, timestamp, body, signature(secret, timestamp, body))


@given(KEYS, TIMES, st.binary(min_size=1), st.integers(0, 7), st.data())
def test_a_signature_fails_when_one_bit_of_anything_differs(
    secret: str, timestamp: str, body: bytes, bit: int, data: st.DataObject
) -> None:
    made = signature(secret, timestamp, body)
    place = data.draw(st.integers(0, len(body) - 1))
    changed = body[:place] + bytes([body[place] ^ (1 << bit)]) + body[place + 1 :]
    assert not verify(secret, timestamp, changed, made)
    assert not verify(secret, timestamp + "0", body, made)
    assert not verify(secret + "x", timestamp, body, made)
    assert not verify(secret, timestamp, body, made.upper() if made.upper() != made else made[:-1])


@given(st.text())
def test_no_text_given_as_a_signature_breaks_the_check(given_text: str) -> None:
    assert not verify("secret", "1", b"{}", given_text)


def test_retries_grow_from_a_second_to_six_hours() -> None:
    delays = [retry_delay_s(attempts, 10, random.Random(0)) for attempts in range(1, 10)]
    assert 0.9 <= delays[0] <= 1.1
    assert 0.9 * 21_600 <= delays[-1] <= 1.1 * 21_600
    assert delays == sorted(delays)


@given(st.integers(1, 200), st.integers(1, 100), st.integers())
def test_a_delay_is_never_outside_its_bounds(attempts: int, limit: int, seed: int) -> None:
    assert 0.9 <= retry_delay_s(attempts, limit, random.Random(seed)) <= 1.1 * 21_600


@pytest.mark.proves("D27")
@pytest.mark.parametrize(
    ("status", "result"),
    [
        *((status, Result.DELIVERED) for status in (200, 201, 202, 204, 299)),
        *((status, Result.RETRY) for status in (408, 425, 429, 500, 502, 503, 504, 599)),
        *((status, Result.REFUSED) for status in (301, 302, 307, 400, 401, 403, 404, 409, 410, 413, 422)),
    ],
)
def test_what_a_status_means(status: int, result: Result) -> None:
    assert outcome(status, "", CLOCK.now()).result is result


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0.0),
        ("120", 120.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("nan", 0.0),
        ("1e300", 21_600.0),
        ("Mon, 23 Nov 2026 08:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2020 08:01:30 GMT", 0.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float) -> None:
    assert retry_after_s(header, CLOCK.now()) == seconds


def endpoint(url: str, *hosts: str, signed: bool = True) -> ConversationSettings:
    return ConversationSettings(action_endpoint=url, action_secret="key" if signed else "", action_allowed_hosts=hosts)


@pytest.mark.proves("D20")
@pytest.mark.parametrize(
    "settings",
    [
        ConversationSettings(),
        endpoint("http://127.0.0.1:9090/actions"),
        endpoint("http://localhost:9090/"),
        endpoint("http://[::1]:9090/"),
        endpoint("https://bridge.example.org/actions", "bridge.example.org"),
        endpoint("https://Bridge.Example.org/actions", "BRIDGE.example.org"),
    ],
)
def test_an_endpoint_is_optional_secured_and_allowed(settings: ConversationSettings) -> None:
    check_endpoint(settings)


@pytest.mark.proves("D20")
@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (endpoint("http://bridge.example.org/", "bridge.example.org"), "action_endpoint"),
        (endpoint("https://bridge.example.org/"), "action_allowed_hosts"),
        (endpoint("https://bridge.example.org.evil.org/", "bridge.example.org"), "action_allowed_hosts"),
        (endpoint("https://127.0.0.1.evil.org/"), "action_allowed_hosts"),
        (endpoint("https://user:pass@bridge.example.org/", "bridge.example.org"), "action_endpoint"),
        (endpoint("ftp://127.0.0.1/"), "action_endpoint"),
        (endpoint("bridge.example.org"), "action_endpoint"),
        (endpoint("http://127.0.0.1:9090/", signed=False), "action_secret"),
    ],
)
def test_any_other_endpoint_is_refused_by_the_name_of_its_key(settings: ConversationSettings, key: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        check_endpoint(settings)
    assert refused.value.param == key
    assert "pass" not in refused.value.message
