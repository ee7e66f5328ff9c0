"""`antiphon stt smoke|load|soak|tune` against a live service, and against one that does everything wrong."""

import asyncio
import csv
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from antiphon.audio.wav import encode_wav
from antiphon.cli.main import application
from antiphon.errors import BadAudio, BadInput, NotAllowed, NotFound
from antiphon.events.speech import Samples
from antiphon.sdk import SyncClient
from little_server import Answer, Asked, LittleServer, heard, refused
from stt_services import KEY, packaged

pytestmark = [pytest.mark.e2e, pytest.mark.models, pytest.mark.timeout(300)]
TEXT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."


@pytest.fixture(scope="module")
def recordings(beckett: Samples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    for number, end_s in enumerate((2.5, 5.0, 9.9)):
        (folder / f"{number}.wav").write_bytes(encode_wav(beckett[: int(end_s * 16_000)], 16_000))
    (folder / "notes.txt").write_text("not a recording")
    (folder / "broken.wav").write_bytes(b"RIFF of nothing")
    return folder


@pytest.fixture(scope="module")
def service(beckett: Samples, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of `antiphon serve stt --role primary`, as packaged, without a rate limit in the way."""
    del beckett  # where it is, the engine is too
    process = packaged(tmp_path_factory.mktemp("service"))
    yield process.url
    process.end()


def antiphon(*arguments: object) -> Result:
    return CliRunner().invoke(application(["stt"]), ["stt", *map(str, arguments)])


def told(result: Result) -> Any:
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return json.loads(result.stdout)


@pytest.mark.proves("B12")
def test_the_client_understands_a_live_service(service: str, beckett: Samples) -> None:
    with SyncClient(service, KEY) as client:
        heard = client.transcribe(beckett, language="en", word_timestamps=True, request_id="from-the-test")
        assert heard.text.lower().startswith("ever tried")
        assert (heard.request_id, heard.language, heard.fallback_used) == ("from-the-test", "en", False)
        assert heard.duration_s == pytest.approx(len(beckett) / 16_000, abs=0.01)
        assert 0 < heard.confidence < 1
        assert heard.words[0].word.lower() == "ever"
        assert heard.words[-1].end_s <= heard.duration_s
        assert heard.timings_ms["total"] > 0
        nobody = client.transcribe(np.zeros(16_000, np.float32))
        assert (nobody.text, nobody.reason) == ("", "no_speech")
        assert client.health().ok
        assert client.ready().ok
        assert client.models()[0].id == heard.model
        assert client.metrics()["requests"] >= 2
        with pytest.raises(BadAudio) as bad:
            client.transcribe(b"I am no recording. " * 40)
        assert bad.value.request_id
        client.key = "wrong"
        with pytest.raises(NotAllowed):
            client.transcribe(beckett)


@pytest.mark.proves("B103", "B120", "B127")
def test_smoke_passes_on_a_service_that_is_well(service: str, recordings: Path) -> None:
    result = antiphon("smoke", service, "--audio", recordings, "--key", KEY, "--json")
    checks = told(result)
    assert [check for check in checks if not check["ok"]] == []
    assert result.exit_code == 0
    names = " ".join(check["name"] for check in checks)
    for looked_at in ("health", "ready", "short, any language", "short, in en", "long, in en", "wrong key", "16 MB"):
        assert looked_at in names
    assert sum("ever tried" in check["seen"].lower() for check in checks) == 8, "three clips and a long one, twice"


def test_smoke_prints_a_line_for_each_check(service: str, recordings: Path) -> None:
    result = antiphon("smoke", service, "--audio", recordings, "--key", KEY, "--clips", 1, "--fallback-url", service)
    assert result.exit_code == 0, result.stdout
    assert result.stdout.count("✓") == len(result.stdout.strip().splitlines()) - 1
    assert "fallback ready" in result.stdout


@pytest.mark.proves("B105")
def test_load_finds_a_knee_and_draws_it(service: str, recordings: Path, tmp_path: Path) -> None:
    audio = recordings / "0.wav"
    steps = ("--concurrency", "1,4", "--seconds", 2)
    result = antiphon("load", service, "--audio", audio, "--key", KEY, *steps, "--out", tmp_path, "--json")
    report = told(result)
    assert result.exit_code == 0
    assert [step["concurrency"] for step in report["steps"]] == [1, 4]
    for step in report["steps"]:
        assert set(step["outcomes"]) == {"200"}
        assert step["goodput_per_s"] > 0
        assert 0 < step["p50_s"] <= step["p95_s"] <= step["p99_s"]
        assert step["primary_p95_ms"] > 0
        assert 0 < step["client_cpu"] < 1
    assert report["knee"]["concurrency"] in (1, 4)
    assert report["recording"]["duration_s"] == 2.5
    assert (tmp_path / "load.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "load.json").read_text()) == report


def test_load_tells_refusals_apart(service: str, recordings: Path, tmp_path: Path) -> None:
    steps = ("--concurrency", "2", "--seconds", 1, "--out", tmp_path)
    result = antiphon("load", service, "--audio", recordings, "--key", "wrong", *steps)
    assert result.exit_code == 1
    assert "401:" in result.stdout
    assert "no knee" in result.stdout


@pytest.mark.parametrize("written", ["", "1,two", "0", "1,-2", "5000"])
def test_steps_that_are_none_are_refused(recordings: Path, written: str) -> None:
    result = antiphon("load", "http://127.0.0.1:9", "--audio", recordings, "--concurrency", written)
    assert isinstance(result.exception, BadInput)


def test_a_short_soak_is_steady(service: str, recordings: Path, tmp_path: Path) -> None:
    times = ("--minutes", 0.1, "--every", 0.2, "--growth-mb", 100)
    result = antiphon("soak", service, "--audio", recordings, "--key", KEY, *times, "--out", tmp_path, "--json")
    verdict = told(result)
    assert (result.exit_code, verdict["faults"], verdict["gauges"]) == (0, [], {})
    assert {one["name"] for one in verdict["grown"]} == {"rss_bytes", "open_files"}
    assert verdict["outcomes"]["200"] > 0
    assert len(json.loads((tmp_path / "soak.json").read_text())["samples"]) > 5


# ── a service that does it all wrong ────────────────────────────────────────────────────────────────────────────────


@contextmanager
def wrong_service() -> Iterator[LittleServer]:
    """Is not ready, takes every key and every file, and leaks."""
    started, stop, servers = threading.Event(), asyncio.Event(), list[LittleServer]()
    loops = list[asyncio.AbstractEventLoop]()
    leaked = 0

    async def behave(asked: Asked) -> Answer:
        if "transfer-encoding" in asked.headers:
            raise ConnectionResetError
        return refused(500, "internal", "server_error") if b"klingon" in asked.body else heard(duration=99.0)

    class Leaking(LittleServer):
        async def _answer(self, asked: Asked) -> Answer:
            nonlocal leaked
            leaked += 20
            page = f"# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {leaked * 2**20}\n"
            self.pages["/metrics"] = Answer(body=f"{page}# TYPE stt_in_flight gauge\nstt_in_flight 1\n".encode())
            return await super()._answer(asked)

    async def serve() -> None:
        async with Leaking(behave) as server:
            server.pages["/v1/ready"] = Answer(503, b'{"ok":false,"state":"failed"}')
            servers.append(server)
            loops.append(asyncio.get_running_loop())
            started.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    started.wait()
    yield servers[0]
    loops[0].call_soon_threadsafe(stop.set)
    thread.join()


def test_smoke_says_what_is_wrong(recordings: Path) -> None:
    with wrong_service() as server:
        result = antiphon("smoke", server.url, "--audio", recordings, "--clips", 1, "--json")
    seen = {check["name"].split(":")[0]: check for check in told(result)}
    assert result.exit_code == 1
    assert seen["health"]["ok"] is False
    assert "X-Req-Id" in seen["health"]["seen"]
    assert "'failed'" in seen["ready"]["seen"]
    assert "without" in seen["figures (/metrics)"]["seen"]
    assert "x-conf-below" in seen["short, any language"]["seen"]
    assert "duration 99.0 s" in seen["short, in en"]["seen"]
    assert "text 'hello'" in seen["silence"]["seen"]
    refusals = {name: check["seen"] for name, check in ((c["name"], c) for c in told(result)) if "refused" in name}
    assert "status 200" in refusals["refused: not a recording"]
    assert "status 500 internal instead of 400" in refusals["refused: an unknown language"]
    assert "the connection was closed instead of 413" in refusals["refused: the same in chunks"]


def test_smoke_of_nobody_fails_every_check(recordings: Path) -> None:
    result = antiphon("smoke", "http://127.0.0.1:9", "--audio", recordings, "--clips", 1, "--json")
    assert result.exit_code == 1
    assert not any(check["ok"] for check in told(result))


def test_soak_finds_a_leak_and_what_never_comes_to_rest(recordings: Path, tmp_path: Path) -> None:
    with wrong_service() as server:
        result = antiphon(
            "soak",
            server.url,
            "--audio",
            recordings,
            "--minutes",
            0.05,
            "--every",
            0.1,
            "--rate",
            20,
            "--out",
            tmp_path,
        )
    assert result.exit_code == 1
    assert "✗ rss went from" in result.stdout
    assert "✗ stt_in_flight is 1 at rest" in result.stdout


def test_soak_of_nobody_is_a_fault(recordings: Path, tmp_path: Path) -> None:
    times = ("--minutes", 0.05, "--out", tmp_path, "--json")
    result = antiphon("soak", "http://127.0.0.1:9", "--audio", recordings, *times)
    verdict = told(result)
    assert result.exit_code == 1
    assert "the service does not answer any more" in verdict["faults"]
    assert "nothing was transcribed" in verdict["faults"]
    assert set(verdict["outcomes"]) == {"connection_lost"}


# ── thresholds ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def manifest(beckett: Samples, tmp_path: Path) -> Path:
    """Two speakers, who are one, each clear and in noise; and a file that is no recording."""
    noise = np.random.default_rng(0).normal(0, 2 * beckett.std(), len(beckett)).astype(np.float32)
    with (tmp_path / "list.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "text", "language", "speaker", "condition"])
        for speaker, gain in (("a", 1.0), ("b", 0.5)):
            for condition, samples in (("clear", beckett), ("noisy", beckett + noise)):
                name = f"{speaker}-{condition}.wav"
                (tmp_path / name).write_bytes(encode_wav((gain * samples).astype(np.float32), 16_000))
                rows.writerow([name, TEXT, "en", speaker, condition])
        (tmp_path / "broken.wav").write_bytes(b"no recording at all")
        rows.writerow(["broken.wav", "nothing", "en", "c", "clear"])
        rows.writerow(["absent.wav", "nothing", "de", "c", "clear"])
    return tmp_path / "list.csv"


def test_tune_draws_proposes_and_remembers(manifest: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = antiphon("tune", manifest, "--out", out, "--json", "--margin", 5)
    report = told(first)
    assert first.exit_code == 0
    assert (report["primary"], report["fallback"]) == ("moonshine,search=greedy", "moonshine,search=thorough")
    assert report["recordings"] == 4
    assert report["left_out"] == {"broken.wav": "audio_unsupported"}
    assert 0 < report["primary_cpu_share"] < 1
    assert report["proposed"]["wer"] <= report["fallback_wer"] + 0.05
    assert report["curves"]["0"][0]["fallback_rate"] == 0
    assert report["curves"]["0"][-1]["fallback_rate"] == 1
    assert report["conditions"]["clear"]["primary_wer"] < report["conditions"]["noisy"]["primary_wer"]
    assert report["held_out_speakers"]["divisions"] > 0
    assert (out / "curve.png").read_bytes().startswith(b"\x89PNG")
    kept = {file: file.read_text() for file in out.glob("heard-*.jsonl")}
    assert sorted(len(text.splitlines()) for text in kept.values()) == [4, 4]
    again = antiphon("tune", manifest, "--out", out, "--margin", 5)
    assert {file: file.read_text() for file in out.glob("heard-*.jsonl")} == kept
    assert "CONF_LOGPROB_THRESHOLD=" in again.stdout
    assert "noisy" in again.stdout
    assert "1 recordings were left out: audio_unsupported" in again.stdout


def test_tune_needs_something_to_hear(tmp_path: Path) -> None:
    assert isinstance(antiphon("tune", tmp_path / "none.csv").exception, NotFound)
    (tmp_path / "list.csv").write_text("path,text,language\na.wav,,en\n")
    assert isinstance(antiphon("tune", tmp_path / "list.csv").exception, BadInput)
    (tmp_path / "list.csv").write_text("path,text,language\na.wav,hello,en\n")
    absent = antiphon("tune", tmp_path / "list.csv", "--out", tmp_path)
    assert isinstance(absent.exception, BadInput)
    unknown = antiphon("tune", tmp_path / "list.csv", "--out", tmp_path, "--primary", "moonshine,search")
    assert isinstance(unknown.exception, BadInput)
