r"""Files of variables: `KEY=VALUE` lines, as shells, containers and service units write them.

`#` begins a comment at the start of a line or after a blank; `export` before a key is passed over. A value may be bare
(blanks around it are dropped), in single quotes (taken as it is) or in double quotes (where `\n`, `\r`, `\t`, `\"`,
`\\` and `\$` mean what they say). Nothing is substituted: a key may hold a `$`.
"""

import re
from pathlib import Path

from antiphon.errors import BadConfiguration

LARGEST_BYTES = 1 << 20

_LINE = re.compile(r"(?:export[ \t]+)?(?P<key>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(?P<rest>.*)")
_SINGLE = re.compile(r"'(?P<value>[^']*)'[ \t]*(?:#.*)?")
_DOUBLE = re.compile(r'"(?P<value>(?:[^"\\]|\\.)*)"[ \t]*(?:#.*)?')
_COMMENT = re.compile(r"(?:^|[ \t])#")
_ESCAPE = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


def read_env_file(path: Path) -> dict[str, str]:
    """The variables that the file at `path` sets; of a key that stands twice the last counts.

    Raises:
        BadConfiguration: it cannot be read, or a line is no `KEY=VALUE`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise BadConfiguration(f"cannot read {path}: {error.strerror}", param=str(path)) from None
    except ValueError as error:
        raise BadConfiguration(f"cannot read {path!s:.100}: {error}", param="CONFIG_PATH") from None
    if len(data) > LARGEST_BYTES:
        raise BadConfiguration(f"{path} has more than {LARGEST_BYTES} bytes", param=str(path))
    try:
        return parse(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise BadConfiguration(f"{path} is not UTF-8 text: {error.reason}", param=str(path)) from None


def parse(text: str, name: str = "the file") -> dict[str, str]:
    """The variables that `text` sets; `name` is what messages call it.

    Raises:
        BadConfiguration: a line is no `KEY=VALUE`; names the line, and never repeats it: it may hold a key.
    """
    found: dict[str, str] = {}
    # Only these end a line: other characters that Unicode counts as line breaks may stand in a value.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        stripped = line.strip(" \t")
        if not stripped or stripped.startswith("#"):
            continue
        where = f"{name}, line {number}"
        if not (match := _LINE.fullmatch(stripped)):
            raise BadConfiguration(f"{where}: expected KEY=VALUE", param=where)
        found[match["key"]] = _value(match["rest"], f"{where}, `{match['key']}`")
    return found


def _value(rest: str, where: str) -> str:
    if "\0" in rest:
        raise BadConfiguration(f"{where}: a value cannot hold a NUL", param=where)
    form = {"'": _SINGLE, '"': _DOUBLE}.get(rest[:1])
    if form is None:
        return _COMMENT.split(rest, maxsplit=1)[0].rstrip(" \t")
    if not (match := form.fullmatch(rest)):
        raise BadConfiguration(f"{where}: the quotes are not closed, or something follows them", param=where)
    return match["value"] if form is _SINGLE else _ESCAPE.sub(_unescaped, match["value"])


def _unescaped(found: re.Match[str]) -> str:
    return _MEANT.get(found[1], found[0])
