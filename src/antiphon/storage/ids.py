"""Identifiers that sort by the time they were made."""

import re
import secrets
from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""

RECORD_ID = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")
"""What `record_id` makes; anything else is no id of ours and need not be looked for."""


def ulid(now: datetime) -> str:
    """48 bits of milliseconds and 80 random ones in 26 characters.

    Source: the ULID specification, https://github.com/ulid/spec
    """
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def record_id(now: datetime) -> str:
    """A ULID in lower case, as rows, paths and idempotency keys carry it."""
    return ulid(now).lower()
