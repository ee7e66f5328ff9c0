"""Finding weights in installed packages and in the hub's cache, without importing or downloading anything."""

import hashlib
import sys
from pathlib import Path

import pytest

from antiphon.errors import EngineUnavailable, NotFound
from antiphon.models import MANIFEST, HubWeights, Store, Weights, verify


def weights(files: dict[str, str]) -> Weights:
    return Weights("tiny", "tinypackage", "assets/x", files, "MIT", "a test", "tinypackage==1")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package on the path that must not be imported, with one file of weights."""
    folder = tmp_path / "tinypackage" / "assets" / "x"
    folder.mkdir(parents=True)
    (tmp_path / "tinypackage" / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "w.bin").write_bytes(b"weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def test_weights_are_found_in_a_package_without_importing_it(package: Path) -> None:
    store = Store(manifest={"tiny": weights({"w.bin": ""})})
    assert store.locate("tiny") == package
    assert "tinypackage" not in sys.modules


def test_incomplete_package_says_what_to_install(package: Path) -> None:
    store = Store(manifest={"tiny": weights({"w.bin": "", "other.bin": ""})})
    with pytest.raises(EngineUnavailable, match="tinypackage==1"):
        store.locate("tiny")


def test_unknown_weights_name_the_known_ones() -> None:
    with pytest.raises(NotFound, match="moonshine-tiny-en"):
        Store().locate("nonsense")


def test_configured_folder_comes_first(package: Path) -> None:
    store = Store(manifest={"tiny": weights({"w.bin": ""})}, configured={"tiny": Path("/elsewhere")})
    assert store.locate("tiny") == Path("/elsewhere")


def test_verify_tells_a_changed_file(package: Path) -> None:
    right = weights({"w.bin": hashlib.sha256(b"weights").hexdigest()})
    verify(right, package)
    (package / "w.bin").write_bytes(b"weight5")
    with pytest.raises(EngineUnavailable, match=r"w\.bin"):
        verify(right, package)


def snapshot(cache: Path, repository: str, revision: str, *files: str) -> Path:
    folder = cache / f"models--{repository.replace('/', '--')}" / "snapshots" / revision
    folder.mkdir(parents=True)
    for name in files:
        (folder / name).write_text("x")
    return folder


@pytest.mark.parametrize(
    ("environment", "cache"),
    [({"HF_HUB_CACHE": "{}"}, "."), ({"HF_HOME": "{}"}, "hub"), ({"XDG_CACHE_HOME": "{}"}, "huggingface/hub")],
)
def test_hub_cache_is_where_its_client_keeps_it(tmp_path: Path, environment: dict[str, str], cache: str) -> None:
    store = Store({name: value.format(tmp_path) for name, value in environment.items()})
    whisper = MANIFEST["whisper"]
    assert isinstance(whisper, HubWeights)
    with pytest.raises(EngineUnavailable, match="download"):
        store.locate("whisper")
    found = snapshot(tmp_path / cache, whisper.repositories[-1], "r1", *whisper.files)
    assert store.locate("whisper") == found


def test_better_cached_model_and_main_revision_are_preferred(tmp_path: Path) -> None:
    store = Store({"HF_HUB_CACHE": str(tmp_path)})
    snapshot(tmp_path, "Systran/faster-whisper-tiny", "t", "model.bin", "config.json", "tokenizer.json")
    old = snapshot(tmp_path, "Systran/faster-whisper-small", "old", "model.bin", "config.json", "tokenizer.json")
    snapshot(tmp_path, "Systran/faster-whisper-small", "new", "model.bin", "config.json", "tokenizer.json")
    (old.parents[1] / "refs").mkdir()
    (old.parents[1] / "refs" / "main").write_text("old\n")
    assert store.locate("whisper") == old
    (old / "model.bin").unlink()
    assert store.locate("whisper").name == "new"
