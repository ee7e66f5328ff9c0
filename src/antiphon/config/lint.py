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


def lint_pair(primary: Stack, fallback: Stack, replicas: int) -> Iterator[str]:
    """What is likely not meant where so many replicas of a primary ask one fallback, one sentence each.

    The fallback must take what the primaries may send on in the worst case, which is all that they are sent.
    """
    asked, asking = fallback.server, primary.server
    whose = f"{replicas} replica{'s' * (replicas != 1)} of the primary"
    if asked.rate_limit_rps:
        if not asking.rate_limit_rps:
            yield "`server.rate_limit_rps` of the primary is 0: nothing bounds what it may send on to the fallback"
        keys = max(1, len(asking.api_keys))
        worst = replicas * keys * asking.rate_limit_rps
        if asked.rate_limit_rps < worst:
            yield (
                f"`server.rate_limit_rps` = {asked.rate_limit_rps:g} of the fallback is less than the {worst:g} that"
                f" {whose} may send on when all is in doubt ({asking.rate_limit_rps:g} for each of {keys} keys)"
            )
        least = BURST_PER_SLOT["fallback"] * primary.stt.concurrency * replicas
        if asked.rate_limit_burst < least:
            yield (
                f"`server.rate_limit_burst` = {asked.rate_limit_burst} of the fallback is less than {least}:"
                f" {BURST_PER_SLOT['fallback']} for each of the {primary.stt.concurrency} slots of {whose}"
            )
    if asked.api_keys and primary.stt.fallback_api_key not in asked.api_keys:
        yield "`stt.fallback_api_key` of the primary is none of `server.api_keys` of the fallback: it answers 401"
    for name, its, ours in (
        ("server.max_upload_mb", asked.max_upload_mb, asking.max_upload_mb),
        ("audio.max_audio_seconds", fallback.audio.max_audio_seconds, primary.audio.max_audio_seconds),
    ):
        if its < ours:
            yield f"`{name}` = {its:g} of the fallback is below the primary's {ours:g}: what is between answers 502"


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
