"""Files of variables, and the ones that a two-tier set-up already has."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.config import Stack, load
from antiphon.config.env_file import LARGEST_BYTES, parse, read_env_file
from antiphon.errors import BadConfiguration

PRIMARY = """\
# Model & device
CT2_SMALL_PATH=/models/whisper-small-ct2
DEVICE=cuda
DEVICE_INDEX=0
COMPUTE_TYPE=float16
CPU_THREADS=2

# Concurrency & versioning
MAX_CONCURRENCY=2
SERVER_COMMIT=prod-2025-08-18
# Routing thresholds
CONF_LOGPROB_THRESHOLD=0.55
CONF_LANGPROB_THRESHOLD=0.70
MIN_WORDS_FOR_CONF=3
# Fallback target
FALLBACK_URL=http://stt-fallback:8082
FALLBACK_API_KEY=fb_key_123
# Security / limits
API_KEYS=primary_key_abc
RATE_LIMIT_RPS=15
RATE_LIMIT_BURST=30
MAX_UPLOAD_MB=16
"""
FALLBACK = """\
CT2_MEDIUM_PATH=/models/whisper-medium-ct2
DEVICE=cuda
DEVICE_INDEX=0
COMPUTE_TYPE=int8
CPU_THREADS=2

API_KEYS=fb_key_123
RATE_LIMIT_RPS=60
RATE_LIMIT_BURST=120
MAX_UPLOAD_MB=16
"""
IN_CONTAINERS = {
    "primary": PRIMARY.replace("BURST=30", "BURST=60").replace("//stt-fallback", "//<FALLBACK_HOST_OR_IP>"),
    "fallback": FALLBACK.replace("BURST=120", "BURST=240"),
}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=1", "1"),
        ("  A = two words  ", "two words"),
        ("export A=x", "x"),
        ("export\tA=x", "x"),
        ("A=", ""),
        ("A=# nothing", ""),
        ("A=x # a comment", "x"),
        ("A=x#y", "x#y"),
        ("A='x # y'  # a comment", "x # y"),
        ("A='$HOME \\n \"'", '$HOME \\n "'),
        ('A="x\\ny\\t\\"z\\" \\\\ \\$HOME \\q" # a comment', 'x\ny\t"z" \\ $HOME \\q'),
        ("A=${B}", "${B}"),
        ("A=a=b", "a=b"),
        ("\ufeffA=1".removeprefix("\ufeff"), "1"),
        ("A=1\nA=2", "2"),
        ("# A=0\n\nA=1\r\n", "1"),
        ("A=\u2028x\x0b", "\u2028x\x0b"),
    ],
)
def test_a_line_sets_a_variable(line: str, value: str) -> None:
    assert parse(line) == {"A": value}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A", 1),
        ("A=1\n2B=1", 2),
        ("A-B=1", 1),
        ("=1", 1),
        ("A: 1", 1),
        ('A="1', 1),
        ("\nA='1\n", 2),
        ("A='1' 2", 1),
        ('A="1"2', 1),
        ("A=a\0b", 1),
    ],
)
def test_a_line_that_is_none_is_named_and_not_repeated(text: str, line: int) -> None:
    with pytest.raises(BadConfiguration, match=f"line {line}") as caught:
        parse(text.replace("1", "secret"), "x.env")
    assert "secret" not in caught.value.message


LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"))


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True), LINE))
def test_what_is_quoted_is_read_back(variables: dict[str, str]) -> None:
    escaped = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in variables.items()}
    assert parse("\n".join(f'export {name}="{value}" # x' for name, value in escaped.items())) == variables
    plain = {name: value for name, value in variables.items() if "'" not in value}
    assert parse("\n".join(f"{name} = '{value}'" for name, value in plain.items())) == plain


@given(LINE.filter(lambda text: text == text.strip(" \t") and text[:1] not in ('"', "'", "#")))
def test_what_is_bare_is_taken_up_to_a_comment(value: str) -> None:
    bare = value.replace(" #", "").replace("\t#", "").strip(" \t")
    if bare[:1] not in ('"', "'", "#"):
        assert parse(f"A={bare}\t# the rest") == {"A": bare}


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except BadConfiguration as error:
        assert error.param  # noqa: PT017
    else:
        assert all(name.isidentifier() for name in found)


@pytest.mark.parametrize(
    ("content", "says"), [(b"A=\xff", "UTF-8"), (b"A=" + b"x" * LARGEST_BYTES, "bytes"), (None, "cannot read")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "x.env"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadConfiguration, match=says):
        read_env_file(file)


def tier(tmp_path: Path, role: str, text: str, **env: str) -> Stack:
    file = tmp_path / "config.env"
    file.write_text(text, "utf-8")
    return load(env={"CONFIG_PATH": str(file), **env}, role=role)


@pytest.mark.proves(
    "B19",
    "B21",
    "B22",
    "B23",
    "B24",
    "B25",
    "B26",
    "B27",
    "B28",
    "B29",
    "B30",
    "B31",
    "B32",
    "B33",
    "B34",
    "B36",
    "B37",
)
def test_the_files_of_a_two_tier_set_up_are_read_as_they_are(tmp_path: Path) -> None:
    first, second = tier(tmp_path, "primary", PRIMARY), tier(tmp_path, "fallback", FALLBACK)
    assert (first.warnings, second.warnings) == ([], [])
    assert (first.server.port, second.server.port) == (8081, 8082)
    assert (first.server.rate_limit_rps, first.server.rate_limit_burst) == (15, 30)
    assert (second.server.rate_limit_rps, second.server.rate_limit_burst) == (60, 120)
    assert (first.server.api_keys, second.server.api_keys) == (("primary_key_abc",), ("fb_key_123",))
    assert first.server.commit == "prod-2025-08-18"
    assert (first.server.max_upload_mb, first.stt.concurrency) == (16, 2)
    stt = first.stt
    assert (stt.conf_logprob_threshold, stt.conf_langprob_threshold, stt.min_words_for_conf) == (0.55, 0.70, 3)
    assert (stt.fallback_url, stt.fallback_api_key) == ("http://stt-fallback:8082", "fb_key_123")
    for stack, model, kind in ((first, "small", "float16"), (second, "medium", "int8")):
        assert stack.stt.engine == "faster-whisper"
        options = {name: stack.written("engines.faster-whisper", name) for name in OPTIONS}
        assert options == dict(zip(OPTIONS, (f"/models/whisper-{model}-ct2", "cuda", "0", kind, "2"), strict=True))


OPTIONS = ("model", "device", "device_index", "compute_type", "threads")


@pytest.mark.proves("B35")
@pytest.mark.parametrize("role", ["primary", "fallback"])
def test_the_files_for_containers_are_read_as_they_are(tmp_path: Path, role: str) -> None:
    stack = tier(tmp_path, role, IN_CONTAINERS[role])
    assert stack.server.rate_limit_burst == {"primary": 60, "fallback": 240}[role]
    placeholders = [warning for warning in stack.warnings if "placeholder" in warning]
    assert stack.warnings == placeholders
    assert len(placeholders) == (role == "primary")


@pytest.mark.proves("B20")
@pytest.mark.parametrize("role", ["primary", "fallback"])
def test_a_tier_reads_the_file_of_its_name_where_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(f"stt_{role}.env").write_text("SERVER_COMMIT=here\n")
    assert load(env={}, role=role).server.commit == "here"
    assert load(env={}).server.commit == ""


@pytest.mark.proves("P-14", "X-14")
def test_each_place_gives_way_to_the_one_before_it(tmp_path: Path) -> None:
    stack_file = tmp_path / "mine.toml"
    stack_file.write_text("[stt]\nconcurrency = 5\nmax_queue = 7\nmin_words_for_conf = 9\n")
    env_file = tmp_path / "config.env"
    env_file.write_text("MAX_CONCURRENCY=4\nMAX_QUEUE=6\n")
    env = {"CONFIG_PATH": str(env_file), "ANTIPHON_STT__CONCURRENCY": "3"}
    stack = load(stack_file, env, "primary")
    assert (stack.stt.concurrency, stack.stt.max_queue, stack.stt.min_words_for_conf) == (3, 6, 9)
    sources = {value.key: value.source for value in stack.values}
    assert sources["stt.concurrency"] == "ANTIPHON_STT__CONCURRENCY"
    assert sources["stt.max_queue"] == f"{env_file}: MAX_QUEUE"
    assert sources["stt.min_words_for_conf"] == str(stack_file)
    assert sources["server.port"] == "the packaged stack stt_primary"
    assert sources["stt.deadline_s"] == "default"


def test_a_stack_file_of_a_tier_changes_only_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[server]\napi_keys = ["k"]\n[engines.moonshine]\nthreads = 3\n')
    stack = load(file, {}, "primary")
    assert (stack.server.api_keys, stack.server.port, stack.server.rate_limit_rps) == (("k",), 8081, 15)
    assert stack.engine_options["moonshine"] == {"search": "greedy", "threads": 3}


def test_an_unknown_key_of_the_file_is_a_warning_with_the_nearest(tmp_path: Path) -> None:
    (warning,) = tier(tmp_path, "primary", "MAX_CONCURENCY=3\n").warnings
    assert "config.env: MAX_CONCURENCY" in warning
    assert "did you mean `MAX_CONCURRENCY`" in warning
    (warning,) = tier(tmp_path, "primary", "CT2_MEDIUM_PATH=/m\n").warnings
    assert "CT2_MEDIUM_PATH" in warning


def test_an_engine_that_is_named_is_not_overruled_by_a_model(tmp_path: Path) -> None:
    text = "CT2_SMALL_PATH=/m\nANTIPHON_STT__ENGINE=moonshine\n"
    assert tier(tmp_path, "primary", text).stt.engine == "moonshine"
    assert tier(tmp_path, "primary", "CT2_SMALL_PATH=/m\n", ANTIPHON_STT__ENGINE="moonshine").stt.engine == "moonshine"
    assert tier(tmp_path, "primary", "CT2_SMALL_PATH=\n").stt.engine == "auto"


def test_one_process_may_have_both_models(tmp_path: Path) -> None:
    stack = tier(tmp_path, "", "CT2_SMALL_PATH=/small\nCT2_MEDIUM_PATH=/medium\n")
    assert (stack.stt.engine, stack.stt.fallback_engine) == ("faster-whisper", "faster-whisper")
    assert stack.written("engines.faster-whisper", "model") == "/small"
    assert stack.written("engines.faster-whisper.fallback", "model") == "/medium"
