"""Settings that can be used and are still likely mistakes, as warnings."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from antiphon.config.stack import Stack

INGRESS_S = 65.0
"""What proxies in front of speech-to-text are commonly set to wait; answers later than this reach nobody."""
BURST_PER_SLOT = {"primary": 2, "fallback": 4, "": 0}
"""Least requests at once, for each recording recognised at once, below which callers are turned away needlessly."""
GPU_THREADS = 2


def lint(stack: Stack) -> Iterator[str]:
    """What is likely not meant, one sentence each."""
    yield from _deadlines(stack)
    yield from _rates(stack)
    yield from _fallback(stack)
    server = stack.server
    if server.auth_disabled and server.api_keys:
        yield "`server.auth_disabled` does nothing where there are `server.api_keys`: callers need one of them"
    device, threads = (stack.reader.find(f"engines.faster-whisper.{name}") for name in ("device", "threads"))
    if device and device[0] == "cuda" and threads and threads[0].isdecimal() and int(threads[0][:9]) > GPU_THREADS:
        yield f"{threads[1]} = {threads[0]} is a lot beside a GPU: threads contend above {GPU_THREADS}"


def _deadlines(stack: Stack) -> Iterator[str]:
    stt = stack.stt
    if stt.deadline_s >= INGRESS_S:
        yield (
            f"`stt.deadline_s` = {stt.deadline_s:g} is not below {INGRESS_S:g}: a proxy that gives up"
            f" after {INGRESS_S:g} s answers before this service does"
        )
    for name, value in (("fallback_timeout_s", stt.fallback_timeout_s), ("queue_timeout_s", stt.queue_timeout_s)):
        if value > stt.deadline_s:
            yield f"`stt.{name}` = {value:g} can never pass: `stt.deadline_s` = {stt.deadline_s:g} comes first"


def _rates(stack: Stack) -> Iterator[str]:
    server, slots = stack.server, stack.stt.concurrency
    least = BURST_PER_SLOT[stack.role] * slots
    if server.rate_limit_rps and server.rate_limit_burst < least:
        whom = " and replica of the primary" if stack.role == "fallback" else ""
        yield (
            f"`server.rate_limit_burst` = {server.rate_limit_burst} is less than {BURST_PER_SLOT[stack.role]} for"
            f" each of the {slots} slots (`stt.concurrency`){whom}: short spikes are answered with 429"
        )


def _fallback(stack: Stack) -> Iterator[str]:
    stt = stack.stt
    if not stt.fallback_url:
        return
    if "<" in stt.fallback_url:
        yield f"`stt.fallback_url` = {stt.fallback_url!r} still has a placeholder: fill in the host"
    if not stt.fallback_api_key:
        yield "`stt.fallback_api_key` is empty: a fallback with keys answers 401"
    if stt.fallback_engine:
        yield "`stt.fallback_engine` does nothing where there is a `stt.fallback_url`"
    if stack.role == "fallback":
        yield "`stt.fallback_url` does nothing for a fallback"
    elif _is_itself(stt.fallback_url, stack.server.port):
        yield f"`stt.fallback_url` = {stt.fallback_url!r} is this service itself"


def _is_itself(url: str, port: int) -> bool:
    try:
        found = urlsplit(url)
        there = (found.hostname, found.port)
    except ValueError:
        return False
    return there in [(host, port) for host in ("localhost", "127.0.0.1", "::1")]
