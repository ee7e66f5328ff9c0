"""A closed-loop HTTP client that costs next to nothing: the machine it runs on is the one that is measured."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

BOUNDARY = "antiphon-bench"


@dataclass(slots=True)
class Load:
    """What came of a run: seconds each request took, by nothing but its order, and how they were answered."""

    took_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    elapsed_s: float = 0.0

    @property
    def good_a_second(self) -> float:
        """Requests answered 200, a second."""
        return self.statuses[200] / self.elapsed_s

    def percentile_ms(self, share: float) -> float:
        """The time that `share` of the requests took at most, in milliseconds."""
        ordered = sorted(self.took_s)
        return 1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def post(path: str, wav: bytes, **fields: str) -> bytes:
    """A whole request: `wav` and form fields as a multipart body."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\n'.encode()
    body = b"".join((*parts, head, wav, f"\r\n--{BOUNDARY}--\r\n".encode()))
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    ).encode() + body


def get(path: str) -> bytes:
    """A whole request without a body."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


async def run(port: int, request: bytes, *, concurrency: int, requests: int = 0, seconds: float = 0.0) -> Load:
    """Send `request` from `concurrency` connections, so many times or for so long, each when the last is answered.

    A refusal (503, 429) is followed by a rest of 50 ms, as a client with any manners would.
    """
    load, left = Load(), requests
    began_s = time.perf_counter()

    async def caller() -> None:
        nonlocal left
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (left > 0) if requests else (time.perf_counter() - began_s < seconds):
            left -= 1
            sent_s = time.perf_counter()
            writer.write(request)
            status = await _answer(reader)
            load.took_s.append(time.perf_counter() - sent_s)
            load.statuses[status] += 1
            if status in (429, 503):
                await asyncio.sleep(0.05)
        writer.close()

    await asyncio.gather(*(caller() for _ in range(concurrency)))
    load.elapsed_s = time.perf_counter() - began_s
    return load


async def _answer(reader: asyncio.StreamReader) -> int:
    """The status of the next answer, its body read to the end."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    at = head.index(b"content-length:") + len(b"content-length:")
    await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
    return int(head[9:12])
