"""What a service is installed from: every package at one version, known by its hash."""

import re
from importlib import metadata
from pathlib import Path

import pytest

LOCKS = Path(__file__).resolve().parents[2] / "requirements"
NEEDED = {
    "ctranslate2",
    "fastapi",
    "faster-whisper",
    "httpx2",
    "numpy",
    "prometheus-client",
    "pydantic",
    "python-multipart",
    "uvicorn",
}
"""What two-tier services are installed from; httpx2 took the place of httpx."""
GPU = "nvidia-ml-py"
"""Took the place of pynvml."""
ENTRY = re.compile(r"^([a-z0-9-]+)==([^\s;]+)[^\n]*((?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)+)$", re.MULTILINE)


def pinned(lock: str) -> dict[str, set[str]]:
    """Package to its versions, more than one where Python's decides; those without a hash are left out."""
    versions: dict[str, set[str]] = {}
    for package, version, _ in ENTRY.findall((LOCKS / f"{lock}.lock").read_text("utf-8")):
        versions.setdefault(package, set()).add(version)
    return versions


@pytest.mark.proves("B39", "B40", "X-17")
def test_what_a_service_is_installed_from_is_pinned_and_is_what_runs_here() -> None:
    assert pinned("runtime").keys() >= NEEDED
    assert NEEDED | {GPU} <= pinned("all").keys()
    for package in NEEDED:
        assert metadata.version(package) in pinned("runtime")[package], package


def test_the_locks_agree() -> None:
    everything = pinned("all")
    assert {name: versions for name, versions in pinned("runtime").items() if versions != everything.get(name)} == {}


def test_an_entry_without_a_hash_would_be_noticed() -> None:
    assert ENTRY.findall("numpy==2.4.6\n    # via x\n") == []
    ((name, version, _),) = ENTRY.findall(f"numpy==2.4.6 ; python_version < '4' \\\n    --hash=sha256:{'0' * 64}\n")
    assert (name, version) == ("numpy", "2.4.6")
