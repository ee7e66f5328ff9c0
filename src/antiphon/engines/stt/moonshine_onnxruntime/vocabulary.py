"""The recogniser's tokens: bytes from and to text."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path

BEGIN, END = 1, 2
_SPACE = "▁"
_FIRST_BYTE = 3


def read_tokens(path: Path) -> tuple[bytes, ...]:
    """The tokens of a `tokenizer.bin`: each a length (one byte, or two from 128 on) and that many bytes of UTF-8."""
    data, tokens, at = path.read_bytes(), [], 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            length += data[at] * 128 - 128
            at += 1
        tokens.append(data[at : at + length])
        at += length
    return tuple(tokens)


class Vocabulary:
    """Tokens by id. Merged tokens are numbered in the order of their merges, so ids double as merge ranks."""

    def __init__(self, tokens: Sequence[bytes]) -> None:
        self.tokens = tuple(tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    def text(self, ids: Iterable[int]) -> str:
        """The words the ids spell; bytes that are no UTF-8 become the replacement character."""
        return b"".join(self._bytes(i) for i in ids).decode("utf-8", "replace").replace(_SPACE, " ").strip()

    def word_ends(self, ids: Sequence[int]) -> list[int]:
        """For each whitespace-separated word of `text(ids)`, the index after its last token."""
        starts = [n for n, i in enumerate(ids) if self.pieces[i].startswith(_SPACE) and n > 0]
        ends: list[int] = []
        begin = 0
        for end in [*starts, len(ids)]:
            if self.text(ids[begin:end]):
                ends.append(end)
            elif ends:
                ends[-1] = end
            begin = end
        return ends

    def encode(self, text: str) -> list[int]:
        """The ids of `text` set as words after a space.

        Source: byte-pair encoding (Sennrich et al., 2016): the adjacent pair of the lowest merge rank is joined first.
        """
        parts = list(_SPACE + text.replace(" ", _SPACE))
        while True:
            pairs = [(self._ids.get(a + b, len(self)), n) for n, (a, b) in enumerate(pairwise(parts))]
            best, at = min(pairs, default=(len(self), 0))
            if best == len(self):
                return [self._ids[p] for p in parts if p in self._ids]
            parts[at : at + 2] = [parts[at] + parts[at + 1]]

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """The tokens as text."""
        return tuple(t.decode("utf-8", "replace") for t in self.tokens)

    @cached_property
    def _ids(self) -> dict[str, int]:
        """Tokens by text; bytes come last, because a character that has a token of its own is never spelt in bytes."""
        order = [*range(_FIRST_BYTE), *range(_FIRST_BYTE + 256, len(self)), *range(_FIRST_BYTE, _FIRST_BYTE + 256)]
        return {self.pieces[i]: i for i in reversed(order) if i < len(self)}

    def _bytes(self, token: int) -> bytes:
        raw = self.tokens[token]
        if len(raw) == 6 and raw.startswith(b"<0x"):
            return bytes([int(raw[3:5], 16)])
        return b"" if raw.startswith(b"<") and raw.endswith(b">") and len(raw) > 2 else raw
