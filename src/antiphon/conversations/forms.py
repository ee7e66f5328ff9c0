"""The recording in a multipart form, read in memory: no temporary file, a few parts at most, nothing unfinished."""

from collections.abc import AsyncIterator

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from antiphon.errors import BadInput

MAX_PARTS = 8
MAX_HEADER_BYTES = 8 * 1024


async def file_field(body: AsyncIterator[bytes], content_type: str, name: str) -> bytes:
    """The content of the file in field `name` of a `multipart/form-data` body, whose size the caller limits.

    Raises:
        BadInput: the form is malformed or unfinished, or has no such file, or more than one.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise _bad("the form has no boundary")
    form = _Form(name.encode())
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
                "on_end": form.end,
            },
        )
        async for chunk in body:
            parser.write(chunk)
    except FormParserError as error:
        raise _bad("the form is malformed") from error
    return form.file()


class _Form:
    """Takes what the parser finds; keeps the one file that is wanted and throws the rest away."""

    def __init__(self, wanted: bytes) -> None:
        self._wanted = wanted
        self._parts = 0
        self._name = bytearray()
        self._value = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._found: bytearray | None = None
        self._taking = False
        self._ended = False

    def begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise _bad(f"the form has more than {MAX_PARTS} parts")
        self._headers, self._taking = {}, False

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        if len(self._value) > MAX_HEADER_BYTES:
            raise _bad("a part has too long a header")

    def end_header(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def end_headers(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"").decode("latin-1")
        options = parse_options_header(disposition)[1]
        # Only its name and that it is a file: what a client calls its file is of no use here.
        self._taking = options.get(b"name") == self._wanted and b"filename" in options
        if self._taking:
            if self._found is not None:
                raise _bad("the form has the file twice")
            self._found = bytearray()

    def data(self, data: bytes, start: int, end: int) -> None:
        if self._taking and self._found is not None:
            self._found += memoryview(data)[start:end]

    def end(self) -> None:
        self._ended = True

    def file(self) -> bytes:
        if not self._ended:
            raise _bad("the form is unfinished")
        if self._found is None:
            name = self._wanted.decode()
            raise BadInput(f"the form needs a file in the field {name}", code="field_missing", param=name)
        return bytes(self._found)


def _bad(message: str) -> BadInput:
    return BadInput(message, code="form_invalid")
