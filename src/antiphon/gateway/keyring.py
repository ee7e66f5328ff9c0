"""Keys, and who used which one when."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from antiphon.clock import Clock, SystemClock


class KeyRing:
    """The keys that are let in; they may be replaced while requests are being served.

    A key is known by its id, the first 8 hex digits of its SHA-256: that may be logged.
    """

    def __init__(self, keys: Iterable[str] = (), clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._last_used: dict[str, datetime | None] = {}
        self.replace(keys)

    def __bool__(self) -> bool:
        return bool(self._digests)

    def replace(self, keys: Iterable[str]) -> None:
        """From now on these keys are let in, and no others."""
        # Digests: all of one length, so that comparing them tells nothing of a key's own length. A request sees either
        # the old keys or the new ones, never some of each.
        self._digests = tuple(dict.fromkeys(_digest(key) for key in keys))
        self._last_used = {name: self._last_used.get(name) for name in map(_key_id, self._digests)}

    def holder(self, authorization: str) -> str | None:
        """The id of the key in an Authorization header; None where it is none of ours."""
        scheme, _, key = authorization.partition(" ")
        given = _digest(key.strip())
        # Every key is compared, each in constant time.
        known = sum([hmac.compare_digest(given, digest) for digest in self._digests])
        if scheme.lower() != "bearer" or not known:
            return None
        name = _key_id(given)
        self._last_used[name] = self._clock.now()
        return name

    def __contains__(self, name: object) -> bool:
        """Whether the key of this id is let in; asking is no use of it."""
        return name in self._last_used

    @property
    def last_used(self) -> dict[str, str | None]:
        """When each key was last used, by its id; None for never."""
        return {
            name: None if used is None else used.isoformat(timespec="seconds") for name, used in self._last_used.items()
        }


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _key_id(digest: bytes) -> str:
    return digest.hex()[:8]
