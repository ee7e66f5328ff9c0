"""Audio and messages of a live stream that the server is not done with."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from antiphon.audio.opus_packet import packet_samples
from antiphon.errors import BadInput
from antiphon.events import live as wire
from antiphon.events.live import Encoding, Start

BYTES_PER_SAMPLE: Mapping[Encoding, int] = {
    Encoding.S16LE: 2,
    Encoding.F32LE: 4,
    Encoding.MULAW: 1,
    Encoding.ALAW: 1,
}


@dataclass(frozen=True, slots=True)
class Item:
    """Something to send: audio with its place in the stream, or a message."""

    start: int
    end: int
    sent: bytes | wire.ClientMessage


class Backlog:
    """What is to be sent, in order, and sent again after a lost connection.

    Attributes:
        acked: samples that the server is done with.
        end: samples that were given to it.
    """

    def __init__(self, start: Start) -> None:
        """Nothing yet, of a stream that begins with `start`."""
        self.acked = self.end = 0
        self._encoding = start.encoding
        self._width = BYTES_PER_SAMPLE.get(start.encoding, 0) * start.channels
        self._items: deque[Item] = deque()
        self._next = 0

    @property
    def waiting(self) -> bool:
        """There is something that was not sent over this connection."""
        return self._next < len(self._items)

    def add_audio(self, audio: bytes) -> None:
        """Add any number of whole samples, or one Opus packet.

        Raises:
            BadInput: there is a piece of a sample in it, or it is no packet.
        """
        for piece, samples in self._pieces(audio):
            self._items.append(Item(self.end, self.end + samples, piece))
            self.end += samples

    def add(self, message: wire.ClientMessage) -> None:
        """Add a message behind all audio so far."""
        self._items.append(Item(self.end, self.end, message))

    def take(self) -> bytes | wire.ClientMessage:
        """The next thing to send."""
        self._next += 1
        return self._items[self._next - 1].sent

    def rewind(self) -> int:
        """Begin again with what the server is not done with; at which sample that is."""
        self._next = 0
        first = self._items[0] if self._items else None
        if first is None or first.start >= self.acked:
            return self.acked
        if self._encoding is Encoding.OPUS or not isinstance(first.sent, bytes):
            return first.start
        known = (self.acked - first.start) * self._width
        self._items[0] = Item(self.acked, first.end, first.sent[known:])
        return self.acked

    def acknowledge(self, sample: int, *, flushed: bool = False) -> None:
        """The server is done with the audio before `sample`, and with the first `finalize` if it has `flushed`."""
        self.acked = max(self.acked, sample)
        while self._items and isinstance(self._items[0].sent, bytes) and self._items[0].end <= self.acked:
            self._items.popleft()
            self._next = max(0, self._next - 1)
        if flushed:
            self._forget_finalize()

    def _forget_finalize(self) -> None:
        for index, item in enumerate(self._items):
            if isinstance(item.sent, wire.Finalize):
                del self._items[index]
                self._next -= index < self._next
                return

    def _pieces(self, audio: bytes) -> list[tuple[bytes, int]]:
        """Audio as frames that the server takes, each with its samples."""
        if self._encoding is Encoding.OPUS:
            return [(audio, packet_samples(audio))] if audio else []
        if len(audio) % self._width:
            raise BadInput(f"Audio comes in multiples of {self._width} bytes.", code="audio_length_invalid")
        most = wire.MAX_FRAME_BYTES // self._width * self._width
        pieces = (audio[at : at + most] for at in range(0, len(audio), most))
        return [(piece, len(piece) // self._width) for piece in pieces]
