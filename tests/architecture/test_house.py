"""The rules of the house that no linter knows: what may be committed, and how modules look."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "antiphon"
MODULES = sorted(SOURCE.rglob("*.py"))
LARGEST_BYTES = 500_000
EMPTY_NAMES = re.compile(r"^(Base|Abstract)[A-Z]|(Manager|Handler|Utils|Helper|Helpers)$")
EMPTY_MODULES = {"utils", "helpers", "common", "misc", "base"}
LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


@cache
def tracked() -> tuple[Path, ...]:
    """All files that are committed or staged and still present."""
    # A checkout may belong to another user than the one who tests it (in a container, say).
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return tuple(path for name in names if name and (path := ROOT / name).is_file())


def texts() -> Iterator[tuple[Path, str]]:
    """Tracked files that are text, with their content."""
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def package_index_hosts() -> set[str]:
    """Hosts this machine installs packages from; they differ by machine and belong in no file."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    configured = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    hosts = re.findall(r"https?://(?:[^@/\s'\"]+@)?([A-Za-z0-9.-]+\.[A-Za-z0-9.-]+)", configured)
    public = ("pypi" + ".org", "files.python" + "hosted.org", "registry.npm" + "js.org")
    return {*hosts, *public}


def test_no_file_names_a_package_index_or_a_path_of_this_machine() -> None:
    places = [f"{ROOT}/", f"{ROOT.parent / 'shared'}/", f"{Path.home()}/"]
    # A checkout right below the root, such as "/app/", is a place that texts may well speak of.
    forbidden = [*package_index_hosts(), *(place for place in places if place.count("/") > 2)]
    found = [f"{path.relative_to(ROOT)}: {text}" for path, content in texts() for text in forbidden if text in content]
    assert found == []


def test_no_file_is_large() -> None:
    assert [str(path.relative_to(ROOT)) for path in tracked() if path.stat().st_size > LARGEST_BYTES] == []


@pytest.mark.proves("X-17")
def test_locks_pin_what_we_depend_on_by_hash_and_name_no_address() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    direct = {re.split(r"[<>=\[]", requirement)[0] for requirement in project["dependencies"]}
    assert "python-multipart" in direct
    locks = sorted((ROOT / "requirements").glob("*.lock"))
    assert locks
    for lock in locks:
        content = lock.read_text("utf-8")
        assert "://" not in content, lock.name
        packages = re.split(r"^(?=[A-Za-z0-9])", content, flags=re.MULTILINE)[1:]
        assert [package for package in packages if "--hash=sha256:" not in package] == []
        assert direct <= {re.split(r"[=\[ ;]", package)[0] for package in packages}, lock.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path))


def test_names_say_something() -> None:
    modules = [str(path.relative_to(SOURCE)) for path in MODULES if path.stem.lower() in EMPTY_MODULES]
    classes = [
        f"{path.relative_to(SOURCE)}: {node.name}"
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and EMPTY_NAMES.search(node.name)
    ]
    assert (modules, classes) == ([], [])


def log_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls such as `log.info(...)`, `self._log.warning(...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOG_METHODS:
            receiver = ast.unparse(node.func.value).rpartition(".")[2].lstrip("_")
            if receiver in {"log", "logger"}:
                yield node


def is_static(call: ast.Call) -> bool:
    """Whether the event is a plain name: facts, and above all words of a caller, belong into keys."""
    first = call.args[0] if call.args else None
    return (
        isinstance(first, ast.Constant)
        and isinstance(first.value, str)
        and re.fullmatch(r"[a-z][a-z0-9_.]*", first.value) is not None
    )


def test_log_events_have_static_names() -> None:
    dynamic = [
        f"{path.relative_to(SOURCE)}:{call.lineno}"
        for path in MODULES
        for call in log_calls(parsed(path))
        if not is_static(call)
    ]
    assert dynamic == []


@pytest.mark.parametrize("line", ['log.info(f"{x}")', 'self._log.error("Two words")', "logger.warning(text)"])
def test_a_dynamic_event_would_be_noticed(line: str) -> None:
    (call,) = log_calls(ast.parse(line))
    assert not is_static(call)


def test_test_files_have_names_of_their_own() -> None:
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []


def test_changelog_fragments_are_short_and_not_empty() -> None:
    fragments = [path for path in (ROOT / "changelog.d").glob("*.md") if path.name != "README.md"]
    assert fragments
    assert [path.name for path in fragments if not 1 <= len(path.read_text("utf-8").strip().splitlines()) <= 12] == []


def test_imports_go_downward_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_type_only_imports_count_as_imports() -> None:
    assert "exclude_type_checking_imports" not in (ROOT / "pyproject.toml").read_text("utf-8")


def test_reading_the_cards_of_all_engines_loads_no_runtime() -> None:
    runtimes = {"ctranslate2", "espeakng_loader", "faster_whisper", "moonshine_voice", "onnxruntime", "pocketsphinx"}
    program = "import sys; from antiphon.engines.discover import cards; print(len(cards()), *sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    count, *modules = done.stdout.split()
    assert int(count) > 0
    assert runtimes & set(modules) == set()


def test_reading_the_configuration_loads_no_web_framework() -> None:
    program = "import sys; from antiphon.config import load; load(); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "antiphon.gateway.settings" in modules
    assert {"fastapi", "starlette", "uvicorn"} & modules == set()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "`make test`" in (ROOT / "README.md").read_text("utf-8")
    commands = [line for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines() if line.startswith("exec ")]
    assert commands == ["exec make test"]
