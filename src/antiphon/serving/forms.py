"""Multipart forms, read in memory: no temporary file, a few parts at most, nothing unfinished."""

import re
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from antiphon.errors import BadInput

MAX_PARTS = 256
MAX_HEADERS_BYTES = 256 * 1024
"""For the headers of all parts together: reading them takes time, and a name of any length may stand in one."""
MAX_PART_HEADERS = 32
MAX_PREAMBLE_BYTES = 8 * 1024
MAX_FIELD_BYTES = 64 * 1024
MAX_NAME_BYTES = 256
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_ENCODED_FILENAME = re.compile(r";[ \t]*filename\*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """What stood in a form.

    Attributes:
        files: the content of each file that was wanted, by field; every field once.
        fields: the texts of all other fields, in their order.
    """

    files: dict[str, bytearray]
    fields: tuple[tuple[str, str], ...] = ()

    def text(self, name: str) -> str | None:
        """The text of a field, None where it is missing.

        Raises:
            BadInput: it is there more than once.
        """
        found = self.texts(name)
        if len(found) > 1:
            raise BadInput(f"the form has the field {name} twice", code="form_invalid", param=name)
        return found[0] if found else None

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a field that may be repeated."""
        return tuple(text for field_name, text in self.fields if field_name == name)


async def read_form(body: AsyncIterator[bytes], content_type: str, files: Collection[str]) -> Form:
    """The form in a `multipart/form-data` body, whose size the caller limits.

    Args:
        body: the body, in pieces.
        content_type: its header, which names the boundary.
        files: the fields whose files are wanted; what is in other files is thrown away.

    Raises:
        BadInput: the form is malformed or unfinished, has too many parts, a file twice, or text where one is wanted.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise _bad("the form has no boundary")
    form = _Parts({name.encode() for name in files})
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": form.begin_part,
                "on_header_field": form.header_name,
                "on_header_value": form.header_value,
                "on_header_end": form.end_header,
                "on_headers_finished": form.end_headers,
                "on_part_data": form.data,
                "on_part_end": form.end_part,
                "on_end": form.end,
            },
            max_header_count=MAX_PART_HEADERS,
            max_header_size=2 * MAX_HEADERS_BYTES,  # all of them together are counted where they are kept, but blanks
        )
        await _feed(parser, body, b"--" + boundary)
    except FormParserError as error:
        raise _bad("the form is malformed") from error
    return form.whole()


async def _feed(parser: MultipartParser, body: AsyncIterator[bytes], delimiter: bytes) -> None:
    """Hand the body to the parser, from its first delimiter on."""
    begin, begun = b"", False
    async for chunk in body:
        if begun:
            parser.write(chunk)
            continue
        begin += chunk
        form = _without_preamble(begin, delimiter)
        if form is not None:
            begun, begin = True, b""
            parser.write(form)
    if not begun:
        raise _bad("the boundary of the form does not stand in it")


def _without_preamble(begin: bytes, delimiter: bytes) -> bytes | None:
    """The form from its first delimiter on, None where that is still to come.

    What stands before it, and blanks after it, are legal and mean nothing; the parser takes neither.
    Source: RFC 2046, 5.1.1 (preamble, transport-padding).
    """
    if begin.startswith(delimiter + b"\r\n"):
        return begin
    first = rb"(?:\A|\n)(%b)(?:[ \t]*(?=\r\n)|(?=--))" % re.escape(delimiter)
    found = re.compile(first).search(begin, 0, MAX_PREAMBLE_BYTES)
    if found:
        return found[1] + begin[found.end() :]
    if len(begin) >= MAX_PREAMBLE_BYTES:
        raise _bad(f"the form does not begin with its boundary, nor within {MAX_PREAMBLE_BYTES} bytes")
    return None


async def file_field(body: AsyncIterator[bytes], content_type: str, name: str) -> bytearray:
    """The content of the file in field `name` of a `multipart/form-data` body, whose size the caller limits.

    Raises:
        BadInput: the form is malformed or unfinished, or has no such file, or more than one.
    """
    form = await read_form(body, content_type, (name,))
    if name not in form.files:
        raise missing_file(name)
    return form.files[name]


def missing_file(name: str) -> BadInput:
    """The error for a form without the file that is needed."""
    return BadInput(f"the form needs a file in the field {name}", code="field_missing", param=name)


def _text_for_file(name: str) -> BadInput:
    return BadInput(
        f"the field {name} came as text: give it a filename or a Content-Type such as audio/wav",
        code="field_missing",
        param=name,
    )


@dataclass(slots=True)
class _Part:
    name: bytes = b""
    is_file: bool = False
    headers: dict[bytes, bytes] = field(default_factory=dict)
    content: bytearray | None = None


class _Parts:
    """Takes what the parser finds; keeps the files that are wanted and the texts, and throws the rest away."""

    def __init__(self, files: set[bytes]) -> None:
        self._wanted = files
        self._count = self._headers_bytes = 0
        self._header_name, self._header_value = bytearray(), bytearray()
        self._part = _Part()
        self._files: dict[str, bytearray] = {}
        self._fields: list[tuple[str, str]] = []
        self._ended = False

    def begin_part(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise _bad(f"the form has more than {MAX_PARTS} parts")
        self._part = _Part()

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header_name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header_value += data[start:end]

    def _count_header(self, size_bytes: int) -> None:
        self._headers_bytes += size_bytes
        if self._headers_bytes > MAX_HEADERS_BYTES:
            raise _bad(f"the parts have more than {MAX_HEADERS_BYTES} bytes of headers")

    def end_header(self) -> None:
        self._part.headers[bytes(self._header_name).lower()] = bytes(self._header_value)
        self._header_name, self._header_value = bytearray(), bytearray()

    def end_headers(self) -> None:
        disposition = self._part.headers.get(b"content-disposition", b"").decode("latin-1")
        options = parse_options_header(disposition)[1]
        # Only its name and that it is a file: what a client calls its file is of no use here.
        part = self._part
        part.name = options.get(b"name", b"")
        part.is_file = (
            b"filename" in options
            or _has_encoded_filename(disposition)
            or (part.name in self._wanted and _is_sound(part.headers.get(b"content-type", b"")))
        )
        if len(part.name) > MAX_NAME_BYTES:
            raise _bad("a field has too long a name")
        if part.is_file and part.name.decode("latin-1") in self._files:
            raise _bad("the form has the file twice")
        if not part.is_file or part.name in self._wanted:
            part.content = bytearray()

    def data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.content is None:
            return
        part.content += memoryview(data)[start:end]
        if not part.is_file and len(part.content) > MAX_FIELD_BYTES:
            raise self._bad_text("has too long a text")

    def end_part(self) -> None:
        part = self._part
        if part.content is None:
            return
        if part.is_file:
            self._files[part.name.decode("latin-1")] = part.content
            return
        try:
            self._fields.append((part.name.decode("utf-8"), part.content.decode("utf-8")))
        except UnicodeDecodeError:
            raise self._bad_text("is not UTF-8 text") from None

    def _bad_text(self, what: str) -> BadInput:
        name = self._part.name.decode("utf-8", "replace")
        if self._part.name in self._wanted:
            return _text_for_file(name)
        return BadInput(f"the field {name} {what}", code="form_invalid", param=name)

    def end(self) -> None:
        self._ended = True

    def whole(self) -> Form:
        if not self._ended:
            raise _bad("the form is unfinished")
        if not self._files and (texts := [name for name, _ in self._fields if name.encode() in self._wanted]):
            raise _text_for_file(texts[0])
        return Form(self._files, tuple(self._fields))


def _has_encoded_filename(disposition: str) -> bool:
    """Whether a name is told as `filename*=` alone, as some clients do for one beyond ASCII."""
    return "*" in disposition and _ENCODED_FILENAME.search(_QUOTED.sub('""', disposition)) is not None


def _is_sound(content_type: bytes) -> bool:
    kind = content_type.partition(b";")[0].strip().lower()
    return kind.startswith((b"audio/", b"video/")) or kind == b"application/octet-stream"


def _bad(message: str) -> BadInput:
    return BadInput(message, code="form_invalid")
