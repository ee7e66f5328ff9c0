"""Messages of a server that knows only a later part of a stream, in the stream's own time."""

import msgspec

from antiphon.events import live as wire


def shifted(message: wire.ServerMessage, by_samples: int, rate_hz: int) -> wire.ServerMessage:
    """A message whose times and samples count from `by_samples` of the stream on, counted from its beginning."""
    if not by_samples:
        return message
    by_s = by_samples / rate_hz
    changes = {
        name: value + by_samples if name.endswith("sample") else value + by_s
        for name in message.__struct_fields__
        if name in ("start_s", "end_s", "at_s", "sample", "end_sample")
        for value in (getattr(message, name),)
    }
    if isinstance(message, wire.Final):
        changes["words"] = tuple(
            msgspec.structs.replace(word, start_s=word.start_s + by_s, end_s=word.end_s + by_s)
            for word in message.words
        )
    return msgspec.structs.replace(message, **changes)
