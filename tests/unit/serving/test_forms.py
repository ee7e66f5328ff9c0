"""Multipart forms: what was put in comes out, however it arrives, and nothing else than a refusal ever happens."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import BadInput
from antiphon.serving.forms import MAX_HEADERS_BYTES, MAX_PREAMBLE_BYTES, Form, read_form

TYPE = "multipart/form-data; boundary=b"
DISPOSITION = b"Content-Disposition: form-data; "
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def part(name: str, content: bytes, *, is_file: bool, padding: str = "") -> bytes:
    file = '; filename="x.wav"' if is_file else ""
    return f'--b{padding}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"


@given(
    files=st.dictionaries(NAMES, st.binary(max_size=300).filter(lambda content: b"\r\n--b" not in content), max_size=3),
    fields=st.lists(st.tuples(NAMES, st.text(max_size=30).filter(lambda text: "\r\n--b" not in text)), max_size=5),
    size=st.integers(1, 64),
    preamble=st.one_of(
        st.just(b""), st.binary(max_size=100).filter(lambda data: b"--b" not in data).map(lambda data: data + b"\r\n")
    ),
    padding=st.text(" \t", max_size=5),
)
async def test_what_is_put_in_comes_out(
    files: dict[str, bytes], fields: list[tuple[str, str]], size: int, preamble: bytes, padding: str
) -> None:
    body = b"".join(part(name, content, is_file=True, padding=padding) for name, content in files.items())
    body += b"".join(part(name, text.encode(), is_file=False, padding=padding) for name, text in fields)
    wanted = sorted(files)[:2]
    if not body:
        return
    form = await read_form(pieces(preamble + body + b"--b--\r\n", size), TYPE, wanted)
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


@given(line=LINE, content=st.binary(max_size=60), size=st.integers(1, 64))
async def test_any_bytes_before_the_form_are_passed_over_or_refused(line: bytes, content: bytes, size: int) -> None:
    body = line + content + part("audio", b"x", is_file=True) + b"--b--\r\n"
    try:
        form = await read_form(pieces(body, size), TYPE, ("audio",))
        assert form.files.get("audio", b"x") == b"x"
    except BadInput as refused:
        assert refused.code == "form_invalid"  # noqa: PT017


async def read(*heads: bytes, size: int = 1000) -> Form:
    """The form of parts with these heads, each with a sound as its content."""
    body = b"".join(b"--b\r\n" + head + b"\r\n\r\nsound\xff\r\n" for head in heads) + b"--b--\r\n"
    return await read_form(pieces(body, size), TYPE, ("audio",))


@pytest.mark.proves("S7")
@pytest.mark.parametrize("length", [4_200, 10_000, 100_000])
@pytest.mark.parametrize("size", [999, 1_000_000])
async def test_a_file_name_of_any_length_is_ignored(length: int, size: int) -> None:
    form = await read(DISPOSITION + b'name="audio"; filename="' + b"a" * length + b'.wav"', size=size)
    assert form.files == {"audio": b"sound\xff"}


@pytest.mark.parametrize(
    "heads",
    [
        [DISPOSITION + b'name="audio"; filename="' + b"a" * MAX_HEADERS_BYTES + b'"'],
        [DISPOSITION + b'name="audio"; filename="x"\r\n' + b"X" * MAX_HEADERS_BYTES + b": y"],
        [DISPOSITION + b'name="other"; filename="' + b";" * 2000 + b'"'] * 200,
    ],
    ids=["a value", "a name", "many"],
)
async def test_headers_are_bounded(heads: list[bytes]) -> None:
    with pytest.raises(BadInput, match="bytes of headers"):
        await read(*heads)


@pytest.mark.parametrize(
    "head", [b"X:" + b" " * 3 * MAX_HEADERS_BYTES + b"y", b"\r\n".join([b"X: y"] * 33)], ids=["blanks", "headers"]
)
async def test_what_makes_headers_long_but_is_not_kept_is_bounded(head: bytes) -> None:
    with pytest.raises(BadInput, match="malformed"):
        await read(DISPOSITION + b'name="audio"; filename="x"\r\n' + head)


@pytest.mark.parametrize(
    "head",
    [
        b"name=\"audio\"; filename*=UTF-8''Gr%C3%BCezi.wav\r\nContent-Type: audio/wav",
        b"name=\"audio\"; FileName*=UTF-8''x.bin",
        b"name=\"audio\"; filename*0*=UTF-8''a; filename*1=b",
        b'name="audio"\r\nContent-Type: audio/wav',
        b'name="audio"\r\ncontent-type: Audio/L16; rate=8000',
        b'name="audio"\r\nContent-Type: application/octet-stream',
        b'name="audio"\r\nContent-Type: video/webm;codecs=opus',
    ],
)
async def test_a_file_is_one_without_a_plain_file_name_too(head: bytes) -> None:
    assert (await read(DISPOSITION + head)).files == {"audio": b"sound\xff"}


@pytest.mark.parametrize(
    "head",
    [
        b'name="audio"',
        b'name="audio"\r\nContent-Type: text/plain',
        b'name="audio"; x="; filename*=y"',
        b'name="audio"; x="\\"; filename*=y',
    ],
)
@pytest.mark.parametrize("content", [b"short", b"x" * 100_000, b"\xff"])
async def test_text_instead_of_a_file_is_refused_by_its_name(head: bytes, content: bytes) -> None:
    body = b"--b\r\n" + DISPOSITION + head + b"\r\n\r\n" + content + b"\r\n--b--\r\n"
    with pytest.raises(BadInput, match="field audio came as text") as refused:
        await read_form(pieces(body, 1000), TYPE, ("audio",))
    assert (refused.value.code, refused.value.param) == ("field_missing", "audio")


async def test_text_of_the_name_of_a_file_that_is_there_is_a_text() -> None:
    body = part("file", b"call.wav", is_file=False) + part("audio", b"x", is_file=True) + b"--b--\r\n"
    form = await read_form(pieces(body, 100), TYPE, ("audio", "file"))
    assert form.files == {"audio": bytearray(b"x")}
    assert form.fields == (("file", "call.wav"),)


@pytest.mark.parametrize("content", [b"x" * 100_000, b"\xff"])
async def test_a_text_that_cannot_be_used_is_told_by_its_name(content: bytes) -> None:
    body = part("prompt", content, is_file=False) + b"--b--\r\n"
    with pytest.raises(BadInput, match="the field prompt") as refused:
        await read_form(pieces(body, 1000), TYPE, ("audio",))
    assert (refused.value.code, refused.value.param) == ("form_invalid", "prompt")


@pytest.mark.parametrize("size", [100, 100_000])
async def test_a_form_without_its_boundary_is_refused_soon(size: int) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += size
            yield b"x" * size

    with pytest.raises(BadInput, match="boundary"):
        await read_form(endless(), TYPE, ("audio",))
    assert taken < MAX_PREAMBLE_BYTES + size
    with pytest.raises(BadInput, match="boundary"):
        await read_form(pieces(b"--other\r\n", 4), TYPE, ("audio",))


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
