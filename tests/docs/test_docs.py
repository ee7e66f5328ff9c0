"""What the documents say is true: their code runs, their commands exist, their links lead somewhere.

A fenced block opened by `python run` is run; one opened by `python file=NAME` is saved under that name for the runs of
the same page. Every other Python block must at least be Python.
"""

import ast
import importlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(path for path in ROOT.glob("docs/**/*.md") if path.name != "requirements.md")])
BLOCK = re.compile(r"^```(?P<language>\w*)[ \t]*(?P<mark>[^\n]*)\n(?P<code>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`(?P<code>[^`\n]+)`(?!`)")
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
SHELLS = {"sh", "bash", "shell", "console"}
SEPARATORS = {"|", "||", "&&", ";", "&"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it stands, its language, what follows the language, and its text."""

    page: Path
    line: int
    language: str
    mark: str
    code: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [
        Block(page, text.count("\n", 0, match.start()) + 1, match["language"], match["mark"].strip(), match["code"])
        for match in BLOCK.finditer(text)
    ]


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
PYTHON = [block for block in BLOCKS if block.language == "python"]
RUN = [block for block in PYTHON if block.mark == "run"]


def commands_in(code: str, program: str) -> Iterator[tuple[str, ...]]:
    """The argument lists with which `program` is called in shell text."""
    for line in code.replace("\\\n", " ").splitlines():
        try:
            words = shlex.split(line.removeprefix("$ "), comments=True)
        except ValueError:  # prose in a console block, such as an apostrophe in output
            continue
        for call in split_at(words, SEPARATORS):
            called = [word for word in call if not re.fullmatch(r"[A-Z_]+=.*", word)]
            if called and Path(called[0]).name == program:
                yield tuple(called[1:])


def split_at(words: Sequence[str], separators: set[str]) -> Iterator[list[str]]:
    call: list[str] = []
    for word in words:
        if word in separators:
            yield call
            call = []
        else:
            call.append(word)
    yield call


def documented(program: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every call of `program` in shell blocks and inline code of all pages, with the page."""
    found = set()
    for page in PAGES:
        text = page.read_text("utf-8")
        shell = "\n".join(block.code for block in blocks_of(page) if block.language in SHELLS)
        inline = "\n".join(match["code"] for match in INLINE.finditer(BLOCK.sub("", text)))
        found |= {(str(page.relative_to(ROOT)), call) for call in commands_in(f"{shell}\n{inline}", program)}
    return sorted(found)


def command_line() -> Any:
    """The tree of commands as typer builds it (its classes are not public)."""
    app = importlib.import_module("antiphon.cli.main").application([])
    return typer.main.get_command(app)


def unknown_in(call: Sequence[str], command: Any) -> list[str]:
    """The parts of a call that the command line does not know: a command's name, or an option."""
    words = list(call)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        name = words.pop(0)
        if name not in command.commands:
            return [name]
        command = command.commands[name]
    options = {spelling for parameter in command.params for spelling in (*parameter.opts, *parameter.secondary_opts)}
    asked = {word.partition("=")[0] for word in words if word.startswith("-") and word not in {"-", "--"}}
    return sorted(asked - options - {"--help"})


@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_python_blocks_are_python(block: Block) -> None:
    ast.parse(block.code)


def write(block: Block, folder: Path) -> None:
    """The block as `block.py`, beside the files that its page gives."""
    for other in PYTHON:
        if other.page == block.page and other.mark.startswith("file="):
            (folder / other.mark.removeprefix("file=")).write_text(other.code)
    (folder / "block.py").write_text(block.code)


@pytest.mark.parametrize("block", RUN, ids=str)
def test_python_blocks_marked_to_run_do(block: Block, tmp_path: Path) -> None:
    write(block, tmp_path)
    done = subprocess.run(
        [sys.executable, "-W", "error", "block.py"], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, f"{block}\n{done.stderr}"


@pytest.mark.parametrize("block", RUN, ids=str)
def test_python_blocks_marked_to_run_satisfy_the_types_they_name(block: Block, tmp_path: Path) -> None:
    write(block, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ROOT / ".mypy_cache" / "docs", "block.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}"


@pytest.mark.parametrize(("page", "call"), documented("antiphon"), ids=lambda part: str(part)[:60])
def test_commands_and_their_options_exist(page: str, call: tuple[str, ...]) -> None:
    assert unknown_in(call, command_line()) == [], f"{page}: antiphon {shlex.join(call)}"


@pytest.mark.parametrize(("page", "call"), documented("make"), ids=lambda part: str(part)[:60])
def test_make_targets_exist(page: str, call: tuple[str, ...]) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    asked = {word for word in call if not word.startswith("-") and "=" not in word}
    assert asked <= targets, page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    text = BLOCK.sub("", page.read_text("utf-8"))
    local = [target.partition("#")[0] for target in LINK.findall(text) if "://" not in target]
    assert [target for target in local if target and not (page.parent / target).exists()] == []


def test_an_unknown_command_or_option_would_be_noticed() -> None:
    app = typer.Typer()

    @app.command()
    def say(text: str, as_json: Annotated[bool, typer.Option("--json")] = False) -> None: ...

    @app.command()
    def call() -> None: ...

    program = typer.main.get_command(app)
    assert unknown_in(("say", "Hello", "--json"), program) == []
    assert unknown_in(("sing",), program) == ["sing"]
    assert unknown_in(("say", "--loud=1"), program) == ["--loud"]


def test_calls_are_found_in_shell_text() -> None:
    text = "$ FOO=1 .venv/bin/antiphon say \\\n  'a b' | aplay -  # antiphon no\nantiphon call x.wav && make demo\n"
    assert list(commands_in(text, "antiphon")) == [("say", "a b"), ("call", "x.wav")]
    assert list(commands_in(text, "make")) == [("demo",)]
