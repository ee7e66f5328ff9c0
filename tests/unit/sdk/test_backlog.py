"""Audio that a live stream keeps: all of it, in order, from wherever the server is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import BadAudio, BadInput
from antiphon.events import live as wire
from antiphon.sdk.backlog import Backlog

SOUND = np.arange(20_000, dtype="<i2").tobytes()


def drained(backlog: Backlog) -> bytes:
    """All audio that waits, as one piece."""
    audio = b""
    while backlog.waiting:
        item = backlog.take()
        audio += item if isinstance(item, bytes) else b""
    return audio


@given(st.lists(st.integers(0, 3_000), max_size=10), st.lists(st.integers(0, 20_000), max_size=5))
def test_what_is_not_done_with_is_sent_again(sizes: list[int], acks: list[int]) -> None:
    backlog, given_samples = Backlog(wire.Start()), 0
    for size in sizes:
        backlog.add_audio(SOUND[2 * given_samples : 2 * (given_samples + size)])
        given_samples += size
    assert drained(backlog) == SOUND[: 2 * given_samples]
    for ack in sorted(min(ack, given_samples) for ack in acks):
        backlog.acknowledge(ack)
        assert backlog.rewind() == backlog.acked == ack
        assert drained(backlog) == SOUND[2 * ack : 2 * given_samples]


def test_a_finalize_stays_until_it_is_answered() -> None:
    backlog = Backlog(wire.Start())
    backlog.add_audio(SOUND[:200])
    backlog.add(wire.Finalize())
    backlog.add_audio(SOUND[200:400])
    drained(backlog)
    backlog.acknowledge(100)
    assert backlog.rewind() == 100
    assert backlog.take() == wire.Finalize()
    backlog.acknowledge(100, flushed=True)
    assert backlog.take() == SOUND[200:400]
    assert not backlog.waiting
    assert backlog.rewind() == 100
    assert drained(backlog) == SOUND[200:400]


def test_long_audio_is_sent_in_frames_that_are_taken() -> None:
    backlog = Backlog(wire.Start(channels=2))
    backlog.add_audio(bytes(200_000))
    sizes = []
    while backlog.waiting:
        item = backlog.take()
        assert isinstance(item, bytes)
        sizes.append(len(item))
    assert sum(sizes) == 200_000
    assert max(sizes) <= wire.MAX_FRAME_BYTES
    assert backlog.end == 50_000


def test_packets_are_sent_whole() -> None:
    backlog = Backlog(wire.Start(encoding=wire.Encoding.OPUS))
    packets = [bytes([0xFC, n]) for n in range(5)]  # 20 ms each
    for packet in packets:
        backlog.add_audio(packet)
    backlog.add_audio(b"")
    assert backlog.end == 5 * 960
    backlog.acknowledge(1_500)
    assert backlog.rewind() == 960
    assert drained(backlog) == b"".join(packets[1:])


@pytest.mark.parametrize(
    ("start", "audio", "error"),
    [
        (wire.Start(), b"\0", BadInput),
        (wire.Start(channels=2), b"\0\0", BadInput),
        (wire.Start(encoding=wire.Encoding.OPUS), b"\x03", BadAudio),
    ],
)
def test_what_is_no_audio_is_refused_at_once(start: wire.Start, audio: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        Backlog(start).add_audio(audio)
