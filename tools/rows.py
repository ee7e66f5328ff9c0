"""List the rows of docs/requirements.md that tests prove, by which tests, and the rows not proven yet.

    python tools/rows.py [--json]

A test proves a row by `@pytest.mark.proves("D7")`. Tests are read, not imported, so this needs no environment.
"""

import argparse
import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

Test: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| (?P<id>[A-Z]-?\d+) \|", re.MULTILINE)
PART = re.compile(r"^## (?P<letter>[A-Z])\. (?P<title>.+)$", re.MULTILINE)


def main() -> None:
    """Print the lists, for people or as JSON."""
    parser = argparse.ArgumentParser(description="Which requirement rows are proven, and by which tests.")
    parser.add_argument("--json", action="store_true", help="print one JSON object: row id to list of tests")
    as_json = parser.parse_args().json
    requirements = (ROOT / "docs" / "requirements.md").read_text("utf-8")
    proofs = proofs_by_row(ROOT / "tests")
    rows = row_ids(requirements)
    if as_json:
        print(json.dumps({row: proofs.get(row, []) for row in rows}, indent=1))
        return
    for letter, title in PART.findall(requirements):
        print(report(title, [row for row in rows if row.startswith(letter)], proofs))


def row_ids(requirements: str) -> list[str]:
    """The ids of all rows, in their order."""
    return ROW.findall(requirements)


def proofs_by_row(folder: Path) -> dict[str, list[str]]:
    """Row id to the tests below `folder` that prove it, as `path::name` relative to the folder's parent."""
    proofs: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        for name, node in _tests(ast.parse(path.read_text("utf-8"), str(path))):
            for row in _proven(node):
                proofs[row].append(f"{path.relative_to(folder.parent)}::{name}")
    return dict(proofs)


def report(title: str, rows: list[str], proofs: dict[str, list[str]]) -> str:
    """The proven rows of a part with their tests, then the open ones, a line each."""
    proven = [row for row in rows if row in proofs]
    lines = [f"\n{title}: {len(proven)} of {len(rows)} rows proven"]
    for row in proven:
        first, *more = proofs[row]
        lines += [f"  {row:<5} {first}", *(f"        {test}" for test in more)]
    missing = [row for row in rows if row not in proofs]
    return "\n".join([*lines, *([f"  not yet: {' '.join(missing)}"] if missing else [])])


def _tests(tree: ast.Module) -> Iterator[tuple[str, Test]]:
    for node in ast.walk(tree):
        if isinstance(node, Test) and node.name.startswith(("test_", "Test")):
            yield node.name, node


def _proven(node: Test) -> Iterator[str]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.proves":
            yield from (str(ast.literal_eval(argument)) for argument in decorator.args)


if __name__ == "__main__":
    main()
