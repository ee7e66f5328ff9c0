"""Finding weights on this machine. Nothing here downloads."""

import hashlib
import importlib.machinery
from collections.abc import Iterator, Mapping
from pathlib import Path

from antiphon.errors import EngineUnavailable, NotFound
from antiphon.models.manifest import MANIFEST, HubWeights, Weights

_CHUNK_BYTES = 1 << 20


class Store:
    """Where weights lie: in installed packages, and in the cache of the model hub.

    `environment` is the process's environment, handed in by whoever may read it; `HF_HUB_CACHE`, `HF_HOME` and
    `XDG_CACHE_HOME` move the hub's cache as they do for its own client. `configured` are folders that the operator
    names for weights: they come before everything that could be found.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        manifest: Mapping[str, Weights | HubWeights] = MANIFEST,
        configured: Mapping[str, Path] | None = None,
    ) -> None:
        self._environment, self._configured = environment or {}, configured or {}
        self._manifest = manifest

    def locate(self, name: str) -> Path:
        """The folder that holds the weights called `name`.

        Raises:
            NotFound: the manifest knows no such weights.
            EngineUnavailable: they are not on this machine; the message says what to install.
        """
        if name in self._configured:
            return self._configured[name]
        weights = self._manifest.get(name)
        if weights is None:
            raise NotFound(f"No weights are called {name!r}; known: {', '.join(sorted(self._manifest))}.", param=name)
        return self._in_cache(weights) if isinstance(weights, HubWeights) else self._in_package(weights)

    def _in_package(self, weights: Weights) -> Path:
        for package in _package_folders(weights.package):
            folder = package / weights.folder
            if all((folder / file).is_file() for file in weights.files):
                return folder
        raise EngineUnavailable(
            f"the weights {weights.name} are not on this machine: pip install '{weights.requirement}' brings them",
            code="model_missing",
            param=weights.name,
        )

    def _in_cache(self, weights: HubWeights) -> Path:
        for repository in weights.repositories:
            if (snapshot := self.cached(repository, *weights.files)) is not None:
                return snapshot
        raise EngineUnavailable(
            f"the hub cache holds no {weights.name} model: {weights.hint}", code="model_missing", param=weights.name
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

        Source: the layout huggingface_hub documents, `models--owner--name/{refs/main,snapshots/REVISION}`.
        """
        root = self.hub_cache() / f"models--{repository.replace('/', '--')}"
        for snapshot in _snapshots(root):
            if all((snapshot / file).is_file() for file in files):
                return snapshot
        return None


def verify(weights: Weights, folder: Path) -> None:
    """Check the files of `folder` against their hashes.

    Raises:
        EngineUnavailable: a file is not what it should be.
    """
    for file, expected in weights.files.items():
        if _sha256(folder / file) != expected:
            raise EngineUnavailable(
                f"{file} of {weights.name} is not the file it should be: reinstall '{weights.requirement}'.",
                code="model_damaged",
                param=weights.name,
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
    return sorted(folder.iterdir(), key=lambda p: (p.name == current, p.stat().st_mtime), reverse=True)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
