"""What a speech-to-text service must do, checked from outside with real recordings."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from antiphon.cli.recordings import Clip, join, silence
from antiphon.sdk.refusals import retry_after_s

HEADERS = (
    "x-queue-wait-ms",
    "x-total-ms",
    "x-fallback-used",
    "x-final-model",
    "x-conf-below",
    "x-conf-reason",
    "x-lang-check-applicable",
)
"""On every answer that reached the engine; B69, B70, P-7."""
REASONS = frozenset(("none", "logprob", "langprob", "min_words", "primary_error", "no_speech"))
COUNTED = ("stt_requests_total", "stt_fallback_total", "stt_request_total_seconds_bucket", "process_open_fds")
BODY = ("request_id", "text", "language", "duration", "segments", "model", "confidence", "fallback_used", "timings_ms")
MOST_LOST = 4
PIECE_BYTES = 2**15
MOST_WAITS, LONGEST_WAIT_S = 20, 30.0
DURATION_OFF_S = 0.25
LONG_S = 45.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what, whether it was so, and what was seen."""

    name: str
    ok: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is checked.

    Attributes:
        url: of the service.
        key: bearer key; empty for none.
        fallback_url: of the fallback tier; empty for none.
        language: that the recordings are in, for forced requests.
        clips: short recordings.
        upload_mb: largest body that the service takes.
    """

    url: str
    key: str
    fallback_url: str
    language: str
    clips: Sequence[Clip]
    upload_mb: int


async def check_all(plan: Plan) -> AsyncIterator[Check]:
    """Every check, as each is done; a service that does not answer at all fails them one by one."""
    async with httpx2.AsyncClient(timeout=httpx2.Timeout(90.0, connect=5.0), trust_env=False) as http:
        service = _Service(http, plan.url, plan.key)
        # Figures after the recordings: what nobody has asked for yet has none.
        for group in (_state(service), _recordings(service, plan), _metrics(service), _refusals(service, plan)):
            async for check in group:
                yield check
        if plan.fallback_url:
            async for check in _state(_Service(http, plan.fallback_url, plan.key), "fallback "):
                yield check


@dataclass(slots=True)
class _Service:
    http: httpx2.AsyncClient
    url: str
    key: str

    async def ask(self, method: str, path: str, key: str | None = None, **request: Any) -> httpx2.Response:
        """An answer; a service that is full for a moment is asked again when it says so."""
        key = self.key if key is None else key
        headers = {**request.pop("headers", {}), **({"Authorization": f"Bearer {key}"} if key else {})}
        answer = await self.http.request(method, self.url.rstrip("/") + path, headers=headers, **request)
        for _ in range(MOST_WAITS):
            wait_s = retry_after_s(answer.headers)
            if answer.status_code != 429 or wait_s > LONGEST_WAIT_S:
                break
            await asyncio.sleep(wait_s)
            answer = await self.http.request(method, self.url.rstrip("/") + path, headers=headers, **request)
        return answer

    async def send(self, clip: Clip, request_id: str = "", **form: str) -> httpx2.Response:
        """The answer to a recording."""
        files = {"audio": (clip.name, clip.data, "application/octet-stream")}
        headers = {"X-Req-Id": request_id} if request_id else {}
        return await self.ask("POST", "/v1/transcribe", data=form, files=files, headers=headers)


@dataclass(slots=True)
class _Findings:
    """What is wrong with one answer, and what is worth telling of it."""

    wrong: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def expect(self, ok: object, otherwise: str) -> None:
        if not ok:
            self.wrong.append(otherwise)

    def check(self, name: str) -> Check:
        return Check(name, not self.wrong, "; ".join(self.wrong or self.told))


async def _looked_at(name: str, look: Callable[[_Findings], Any]) -> Check:
    """A check that fails, rather than ends everything, when there is no answer or none that makes sense."""
    findings = _Findings()
    try:
        await look(findings)
    except httpx2.HTTPError as error:
        findings.wrong.append(f"{type(error).__name__}: {error}".rstrip(": "))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        findings.wrong.append(f"the answer makes no sense: {type(error).__name__}: {error}")
    return findings.check(name)


# ── state and figures ───────────────────────────────────────────────────────────────────────────────────────────────


async def _state(service: _Service, prefix: str = "") -> AsyncIterator[Check]:
    for name in ("health", "started", "ready"):

        async def look(found: _Findings, name: str = name) -> None:
            answer = await service.ask("GET", f"/v1/{name}")
            body = answer.json()
            found.expect(answer.status_code == 200, f"status {answer.status_code}")
            found.expect(body.get("ok") is True, f"ok is {body.get('ok')!r}, state {body.get('state')!r}")
            found.expect("x-req-id" in answer.headers, "no X-Req-Id")
            found.told += [str(body.get(key)) for key in ("state", "role", "model", "commit") if body.get(key)]

        yield await _looked_at(f"{prefix}{name}", look)


async def _metrics(service: _Service) -> AsyncIterator[Check]:
    async def figures(found: _Findings) -> None:
        answer = await service.ask("GET", "/v1/metrics")
        body = answer.json()
        found.expect(answer.status_code == 200, f"status {answer.status_code}")
        absent = {"requests", "errors", "fallback", "latency_ms", "queue"} - set(body)
        found.expect(not absent, f"without {', '.join(sorted(absent))}")
        found.told.append(f"{body.get('requests')} requests, {body.get('errors')} errors")

    async def prometheus(found: _Findings) -> None:
        answer = await service.ask("GET", "/metrics")
        found.expect(answer.status_code == 200, f"status {answer.status_code}")
        absent = [name for name in COUNTED if name not in answer.text]
        found.expect(not absent, f"without {', '.join(absent)}")
        found.told.append(f"{len(answer.text.splitlines())} lines")

    yield await _looked_at("figures (/v1/metrics)", figures)
    yield await _looked_at("figures (/metrics)", prometheus)


# ── recordings ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def _recordings(service: _Service, plan: Plan) -> AsyncIterator[Check]:
    long = await asyncio.to_thread(join, plan.clips, LONG_S)
    for clip, kind in [*((clip, "short") for clip in plan.clips), (long, "long")]:
        for language in ("", plan.language):
            forced = f"in {language}" if language else "any language"

            async def look(found: _Findings, clip: Clip = clip, language: str = language) -> None:
                request_id = f"smoke-{uuid.uuid4().hex[:12]}"
                answer = await service.send(clip, request_id, **({"language": language} if language else {}))
                _judge_answer(found, answer, clip, language)
                found.expect(answer.headers.get("x-req-id") == request_id, "X-Req-Id is not the one that was sent")

            yield await _looked_at(f"{kind}, {forced}: {clip.name} ({clip.duration_s:.1f} s)", look)

    async def nobody(found: _Findings) -> None:
        answer = await service.send(silence(2.0))
        found.expect(answer.status_code == 200, f"status {answer.status_code}")
        found.expect(answer.json().get("text") == "", f"text {answer.json().get('text')!r}")
        found.expect(answer.headers.get("x-conf-reason") == "no_speech", "X-Conf-Reason is not no_speech")
        found.told.append("empty text, no_speech")

    yield await _looked_at("silence", nobody)


def _judge_answer(found: _Findings, answer: httpx2.Response, clip: Clip, language: str) -> None:
    found.expect(answer.status_code == 200, f"status {answer.status_code} {_code(answer)}")
    if answer.status_code != 200:
        return
    body, headers = answer.json(), answer.headers
    absent = [name for name in HEADERS if name not in headers] + [key for key in BODY if key not in body]
    found.expect(not absent, f"without {', '.join(absent)}")
    for name in ("x-queue-wait-ms", "x-primary-infer-ms", "x-fallback-infer-ms", "x-total-ms"):
        found.expect(headers.get(name, "0").isdecimal(), f"{name} is no whole number")
    found.expect(headers.get("x-conf-reason") in REASONS, f"X-Conf-Reason {headers.get('x-conf-reason')!r}")
    found.expect(abs(body["duration"] - clip.duration_s) < DURATION_OFF_S, f"duration {body['duration']} s")
    found.expect(0 <= body["confidence"] <= 1, f"confidence {body['confidence']}")
    if language:
        found.expect(headers.get("x-lang-check-applicable") == "false", "the language gate applied to a given language")
        found.expect(body["language"] == language, f"language {body['language']}")
    said = body["text"] if len(body["text"]) <= 40 else body["text"][:39] + "…"
    fallback = ", fallback" if body["fallback_used"] else ""
    found.told.append(f"{headers.get('x-total-ms')} ms, {body['confidence']:.0%}{fallback}: {said}")


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _refusals(service: _Service, plan: Plan) -> AsyncIterator[Check]:
    clip = plan.clips[0]
    recording = {"audio": (clip.name, clip.data, "application/octet-stream")}
    limit = plan.upload_mb * 2**20
    too_large = {"audio": ("a.wav", bytes(limit + 2**20))}

    class InPieces:
        """A little more than is taken: a service need not read to the end what announces no end."""

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for _ in range(limit // PIECE_BYTES + 1):
                yield bytes(PIECE_BYTES)

    if (await _without_key(service, clip)) == 200:
        yield Check("a wrong key", True, "not checked: the service takes calls without a key")
    else:
        yield await _refused(service, "a wrong key", 401, key="wrong", files=recording)
        yield await _refused(service, "no key", 401, key="", files=recording)
    yield await _refused(service, "not a recording", 415, files={"audio": ("a.txt", b"I am no recording. " * 40)})
    yield await _refused(service, "an empty recording", 400, files={"audio": ("a.wav", b"")})
    yield await _refused(service, "no recording", 400, files={"other": ("a.wav", clip.data)})
    yield await _refused(service, "an unknown language", 400, files=recording, data={"language": "klingon"})
    yield await _refused(service, f"more than {plan.upload_mb} MB", 413, files=too_large)
    yield await _refused(service, "the same in chunks", 413, content=InPieces(), headers={"Content-Type": "audio/wav"})


async def _without_key(service: _Service, clip: Clip) -> int:
    files = {"audio": (clip.name, clip.data, "application/octet-stream")}
    try:
        return (await service.ask("POST", "/v1/transcribe", key="", files=files)).status_code
    except httpx2.HTTPError:
        return 0


async def _refused(service: _Service, name: str, status: int, key: str | None = None, **request: Any) -> Check:
    async def look(found: _Findings) -> None:
        # Who is still sending when a service refuses may miss the answer, but not always.
        for _ in range(MOST_LOST):
            try:
                answer = await service.ask("POST", "/v1/transcribe", key=key, **request)
                break
            except (httpx2.WriteError, httpx2.ReadError, httpx2.RemoteProtocolError):
                found.told.append("connection closed")
        else:
            found.wrong.append(f"the connection was closed instead of {status}")
            return
        found.expect(answer.status_code == status, f"status {answer.status_code} {_code(answer)} instead of {status}")
        _judge_error(found, answer.json(), answer.headers)

    return await _looked_at(f"refused: {name}", look)


def _judge_error(found: _Findings, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """Whether an error looks as all errors do (P-6), and tells nothing that is nobody's business."""
    error = body["error"]
    absent = {"type", "code", "message", "request_id"} - set(error)
    found.expect(not absent, f"error without {', '.join(sorted(absent))}")
    found.expect(error.get("request_id") == headers.get("x-req-id"), "request_id is not X-Req-Id")
    text = json.dumps(error)
    found.expect("Traceback" not in text and "/src/" not in text and ".py" not in text, "tells of the program's inside")
    found.told.append(str(error.get("code")))


def _code(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return "without an error body"
