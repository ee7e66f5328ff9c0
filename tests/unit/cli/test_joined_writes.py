"""What a server writes in one turn of the event loop leaves in one piece."""

import asyncio

from antiphon.cli.connections import Joined


class Recorder(asyncio.Transport):
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


async def test_pieces_of_one_turn_are_one() -> None:
    wire = Recorder()
    joined = Joined(wire, asyncio.get_running_loop())
    joined.write(b"head ")
    joined.write(b"body")
    assert wire.sent == []
    await asyncio.sleep(0)
    joined.write(b"more")
    await asyncio.sleep(0)
    assert wire.sent == [b"head body", b"more"]


async def test_closing_sends_first_and_nothing_after() -> None:
    wire = Recorder()
    joined = Joined(wire, asyncio.get_running_loop())
    joined.write(b"goodbye")
    joined.close()
    joined.write(b"too late")
    await asyncio.sleep(0)
    assert (wire.sent, wire.closed, joined.is_closing()) == ([b"goodbye"], True, True)


async def test_another_protocol_gets_the_transport_itself() -> None:
    wire = Recorder()
    joined = Joined(wire, asyncio.get_running_loop())
    joined.write(b"switching protocols")
    assert joined.alone() is wire
    assert wire.sent == [b"switching protocols"]
