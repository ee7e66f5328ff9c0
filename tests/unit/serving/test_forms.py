"""Multipart forms: what was put in comes out, however it arrives, and nothing else than a refusal ever happens."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import BadInput
from antiphon.serving.forms import Form, read_form

TYPE = "multipart/form-data; boundary=b"
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def part(name: str, content: bytes, *, is_file: bool) -> bytes:
    file = '; filename="x.wav"' if is_file else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"


@given(
    files=st.dictionaries(NAMES, st.binary(max_size=300).filter(lambda content: b"\r\n--b" not in content), max_size=3),
    fields=st.lists(st.tuples(NAMES, st.text(max_size=30).filter(lambda text: "\r\n--b" not in text)), max_size=5),
    size=st.integers(1, 64),
)
async def test_what_is_put_in_comes_out(files: dict[str, bytes], fields: list[tuple[str, str]], size: int) -> None:
    body = b"".join(part(name, content, is_file=True) for name, content in files.items())
    body += b"".join(part(name, text.encode(), is_file=False) for name, text in fields)
    wanted = sorted(files)[:2]
    if not body:
        return
    form = await read_form(pieces(body + b"--b--\r\n", size), TYPE, wanted)
    assert form.files == {name: bytearray(files[name]) for name in files if name in wanted}
    assert list(form.fields) == fields


LINE = st.binary(max_size=60).map(lambda line: line.replace(b"\r", b"").replace(b"\n", b""))


@given(parts=st.lists(st.tuples(LINE, st.binary(max_size=60)), max_size=4), tail=st.binary(max_size=30))
async def test_any_bytes_are_a_form_or_refused(parts: list[tuple[bytes, bytes]], tail: bytes) -> None:
    body = b"".join(b"--b\r\nContent-Disposition: " + line + b"\r\n\r\n" + content + b"\r\n" for line, content in parts)
    for whole in (body + b"--b--\r\n", body + tail):
        try:
            assert isinstance(await read_form(pieces(whole, 7), TYPE, ("audio",)), Form)
        except BadInput as refused:
            assert refused.code == "form_invalid"  # noqa: PT017


@given(kind=st.text(st.characters(max_codepoint=255), max_size=60))
async def test_any_content_type_is_read_or_refused(kind: str) -> None:
    with pytest.raises(BadInput):
        await read_form(pieces(b"x", 1), f"multipart/form-data; {kind}", ("audio",))


def test_a_field_that_stands_twice_has_no_single_text() -> None:
    form = Form({}, (("a", "1"), ("b", "2"), ("a", "3")))
    assert form.texts("a") == ("1", "3")
    assert (form.text("b"), form.text("c")) == ("2", None)
    with pytest.raises(BadInput):
        form.text("a")
