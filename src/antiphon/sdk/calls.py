"""One call to a server: made, made again where that helps, within its deadline; and the record that it leaves."""

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from antiphon.errors import AntiphonError, EngineFailed, TimedOut
from antiphon.sdk.recordings import LATE, AudioFile
from antiphon.sdk.refusals import refusal
from antiphon.sdk.retries import RETRIED_STATUS, Retries, WorthRetrying
from antiphon.sdk.wire import BAD_ANSWER

LONGEST_ANSWER_BYTES = 32 << 20
UNREACHABLE, LOST = "unreachable", "connection_lost"
_TIMING_HEADERS = {
    "x-queue-wait-ms": "queue_wait",
    "x-primary-infer-ms": "primary_infer",
    "x-fallback-infer-ms": "fallback_infer",
    "x-total-ms": "total",
}


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What became of one call, however often it had to be made; for metrics and logs. Holds nothing that was said.

    Attributes:
        url: that was called.
        request_id: sent as `X-Req-Id`, the same at every attempt.
        attempts: how often the call was made.
        status: of the last answer; None where none came.
        total_s: from the call to its end, pauses included.
        server_ms: what the server says took how long: `queue_wait`, `primary_infer`, `fallback_infer`, `total`.
        sent_bytes: size of the recording.
        received_bytes: size of the last answer.
        error_code: of the error that was raised; empty on success, `cancelled` if nobody waited any more.
        fallback_used: whether the fallback tier answered.
    """

    url: str
    request_id: str
    attempts: int
    status: int | None
    total_s: float
    server_ms: Mapping[str, int]
    sent_bytes: int
    received_bytes: int
    error_code: str
    fallback_used: bool


def made_up_id() -> str:
    """A request id for who gives none."""
    return uuid.UUID(int=random.getrandbits(128), version=4).hex


@dataclass(slots=True)
class Call:
    """A call while it is made.

    Attributes:
        method: GET or POST.
        url: what is called.
        request_id: sent as `X-Req-Id`; made up where none is given.
        form: fields of the form.
        file: the recording.
        file_field: the field of the form that it goes into.
        accepted: statuses that are answers rather than refusals.
    """

    method: str
    url: str
    request_id: str = field(default_factory=made_up_id)
    form: Mapping[str, str | list[str]] = field(default_factory=dict)
    file: AudioFile | None = None
    file_field: str = "audio"
    accepted: frozenset[int] = frozenset((200,))
    attempts: int = 0
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    async def make(self, http: httpx2.AsyncClient, key: Callable[[], str], retries: Retries, deadline_s: float) -> None:
        """Make it until it is answered; afterwards `status`, `headers` and `body` are of the last answer.

        Args:
            http: makes requests.
            key: the bearer key at this moment, asked for at every attempt.
            retries: when to make it again.
            deadline_s: how long all of it may take.

        Raises:
            TimedOut: `deadline`: it took longer.
            AntiphonError: what the server answered.
            EngineFailed: `unreachable`, `connection_lost`, `bad_answer`.
        """
        last: AntiphonError | None = None
        try:
            async with asyncio.timeout(deadline_s) as deadline:
                while True:
                    try:
                        return self._check(await self.attempt(http, key()))
                    except WorthRetrying as failed:
                        last = failed.error
                        pause_s = retries.pause_s(self.attempts, last)
                        if self.attempts > retries.most or not _time_for(pause_s, deadline):
                            raise last from failed.__cause__
                        await asyncio.sleep(pause_s)
        except TimeoutError as late:
            raise TimedOut(f"{self.url} did not answer within {deadline_s:g} s.", code=LATE) from last or late

    async def attempt(self, http: httpx2.AsyncClient, key: str) -> int:
        """Make it once; afterwards `status`, `headers` and `body` are of the answer, whichever it is.

        Args:
            http: makes requests.
            key: the bearer key; empty for none.

        Returns:
            The status.

        Raises:
            WorthRetrying: with an `EngineFailed`: `unreachable`, `connection_lost`.
            EngineFailed: `bad_answer`: the answer has no end.
        """
        self.attempts += 1
        self.status, self.headers, self.body = None, {}, b""
        headers = {"X-Req-Id": self.request_id} | ({"Authorization": f"Bearer {key}"} if key else {})
        form: dict[str, Any] = {}
        if self.file is not None:
            files = {self.file_field: (self.file.name, self.file.data, self.file.media_type)}
            form = {"data": dict(self.form), "files": files}
        try:
            async with http.stream(self.method, self.url, headers=headers, **form) as answer:
                self.status, self.headers = answer.status_code, {k.lower(): v for k, v in answer.headers.items()}
                self.body = await _read(answer)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as refused:
            raise WorthRetrying(EngineFailed(f"{self.url} cannot be reached.", code=UNREACHABLE)) from refused
        except httpx2.RequestError as lost:
            raise WorthRetrying(EngineFailed(f"The connection to {self.url} broke.", code=LOST)) from lost
        return self.status

    def record(self, began_s: float, error_code: str) -> CallRecord:
        """The record of the call, which ends now."""
        return CallRecord(
            url=self.url,
            request_id=self.request_id,
            attempts=self.attempts,
            status=self.status,
            total_s=time.monotonic() - began_s,
            server_ms={name: int(self.headers[h]) for h, name in _TIMING_HEADERS.items() if _whole(self.headers, h)},
            sent_bytes=len(self.file.data) if self.file else 0,
            received_bytes=len(self.body),
            error_code=error_code,
            fallback_used=self.headers.get("x-fallback-used") == "true",
        )

    def _check(self, status: int) -> None:
        if status not in self.accepted:
            error = refusal(status, self.headers, self.body)
            raise WorthRetrying(error) if status in RETRIED_STATUS else error


def _time_for(pause_s: float, deadline: asyncio.Timeout) -> bool:
    """Whether there is time left after a pause: a caller is better told at once that there is not."""
    ends_s = deadline.when()
    return ends_s is None or asyncio.get_running_loop().time() + pause_s < ends_s


async def _read(answer: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > LONGEST_ANSWER_BYTES:
            raise EngineFailed("The server's answer has no end.", code=BAD_ANSWER)
    return bytes(body)


def _whole(headers: Mapping[str, str], name: str) -> bool:
    value = headers.get(name, "")
    return value.isascii() and value.isdigit()
