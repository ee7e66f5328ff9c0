"""How a tier of speech-to-text is started: its port, its file, its device, and what the two files say together."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from antiphon.cli.main import application
from antiphon.serving import gpu
from stt_services import PATIENCE_S
from whisper_fixtures import UNSURE, build

pytestmark = [pytest.mark.e2e, pytest.mark.models]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("start") / "whisper-small-ct2", UNSURE)


@pytest.mark.proves("B111")
@pytest.mark.parametrize(("role", "port"), [("primary", 8081), ("fallback", 8082)])
def test_each_tier_has_its_port(role: str, port: int) -> None:
    taken: socket.socket | None = None
    try:
        taken = socket.create_server(("127.0.0.1", port))
    except OSError:
        taken = None  # somebody else has it, which does as well
    try:
        ended = antiphon("serve", "stt", "--role", role, "--host", "127.0.0.1", API_KEYS="k")
        assert ended.returncode == 78
        assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr
    finally:
        if taken is not None:
            taken.close()


@pytest.mark.proves("B20", "B21")
async def test_a_tier_reads_the_file_of_its_name_here_unless_another_is_named(tmp_path: Path) -> None:
    (tmp_path / "stt_fallback.env").write_text("SERVER_COMMIT=here\nAPI_KEYS=k\n")
    (tmp_path / "other.env").write_text("SERVER_COMMIT=there\nAPI_KEYS=k\n")
    for named, commit in ((None, "here"), ("other.env", "there")):
        env = {name: value for name, value in os.environ.items() if name != "CONFIG_PATH"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "antiphon", "serve", "stt", "--role", "fallback"),
            *("--host", "127.0.0.1", "--port", "0", "--json"),
            cwd=tmp_path,
            env=env | ({"CONFIG_PATH": named} if named else {}),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            assert process.stdout is not None
            url = json.loads(await process.stdout.readline())["url"]
            async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
                assert (await client.get("/v1/health")).json()["commit"] == commit
        finally:
            process.kill()
            await process.wait()


@pytest.mark.proves("B23", "B24")
def test_a_device_and_a_number_format_that_cannot_be_had_are_found_at_the_start(model: Path) -> None:
    env = {"CT2_SMALL_PATH": str(model), "API_KEYS": "k"}
    wrong = [({"DEVICE": "cpu", "COMPUTE_TYPE": "float16"}, "float16")]
    if gpu.find() is None:
        wrong.append(({"DEVICE": "cuda"}, "cuda"))
    for settings, named in wrong:
        ended = antiphon("serve", "stt", "--port", "0", "--host", "127.0.0.1", **env, **settings)
        assert ended.returncode == 78, ended.stderr
        assert named in ended.stderr.splitlines()[-1]


@pytest.mark.proves("B23", "P-14")
def test_a_file_is_tried_on_this_machine_only_where_that_is_asked_for(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.env"

    def check(written: str, *options: str) -> "subprocess.CompletedProcess[str]":
        file.write_text(f"API_KEYS=k\n{written}")
        return antiphon("config", "check", str(file), "--role", "primary", *options)

    elsewhere = [("CT2_SMALL_PATH=/not/here\n", "model.bin")]
    if gpu.find() is None:
        elsewhere.append((f"CT2_SMALL_PATH={model}\nDEVICE=cuda\n", "cuda"))
    for written, named in elsewhere:
        assert check(written).returncode == 0
        refused = check(written, "--here")
        assert (refused.returncode, refused.stdout) == (78, ""), refused.stderr
        assert named in refused.stderr.splitlines()[-1]
    usable = check(f"CT2_SMALL_PATH={model}\n", "--here")
    assert usable.returncode == 0, usable.stderr
    assert "usable" in usable.stdout


@pytest.mark.proves("B86", "P-13", "B56")
def test_greedy_is_the_default_of_a_tier_and_a_variable_changes_it(model: Path, tmp_path: Path) -> None:
    show = ("serve", "stt", "--print-config", "--json", "--role")
    for role, variable in (("primary", "CT2_SMALL_PATH"), ("fallback", "CT2_MEDIUM_PATH")):
        env = {variable: str(model), "API_KEYS": "k", "CONFIG_PATH": ""}
        settings = told(*show, role, **env)
        beams = settings["engines.faster-whisper.beam_size"]
        assert (beams["value"], beams["source"]) == (1, f"the packaged stack stt_{role}")
        assert settings["stt.deadline_s"]["value"] < 65
    file = tmp_path / "changed.env"
    file.write_text(f"CT2_SMALL_PATH={model}\nAPI_KEYS=k\nBEAM_SIZE=3\n")
    beams = told(*show, "primary", CONFIG_PATH=str(file))["engines.faster-whisper.beam_size"]
    assert (beams["value"], beams["source"]) == (3, f"{file}: BEAM_SIZE")
    ended = antiphon("serve", "stt", "--port", "0", CONFIG_PATH=str(file), BEAM_SIZE="0")
    assert ended.returncode == 78
    assert "BEAM_SIZE" in ended.stderr


@pytest.mark.proves("B53", "B90")
def test_a_fallback_is_checked_against_the_worst_its_primaries_send(tmp_path: Path) -> None:
    asking, asked = tmp_path / "stt_primary.env", tmp_path / "stt_fallback.env"
    asking.write_text("API_KEYS=p\nFALLBACK_URL=http://stt-fallback:8082\nFALLBACK_API_KEY=f\nMAX_CONCURRENCY=2\n")
    asked.write_text("API_KEYS=f\n")
    check = ("config", "check", str(asked), "--primary", str(asking), "--json", "--replicas")
    assert told(*check, "4")["warnings"] == []
    (warning,) = told(*check, "5")["warnings"]
    assert "60 of the fallback is less than the 75 that 5 replicas" in warning
    asked.write_text("API_KEYS=f\nRATE_LIMIT_BURST=31\nRATE_LIMIT_RPS=600\n")
    (warning,) = told(*check, "4")["warnings"]
    assert "less than 32" in warning


def told(command: str, *arguments: str, **env: str) -> Any:
    """What a command prints for machines."""
    result = CliRunner().invoke(application([command]), [command, *arguments], env=env)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def antiphon(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "antiphon", *arguments]
    return subprocess.run(command, env=os.environ | env, capture_output=True, text=True, timeout=PATIENCE_S)
