"""Reading the stack for a command that a person waits for."""

import dataclasses
import sys
from pathlib import Path

from antiphon.config import Stack, load
from antiphon.telemetry import configure_logging


def read_stack(file: Path | None) -> Stack:
    """The stack, with its warnings on standard error and logging set up.

    A command's answer is its output: below warnings nothing is logged unless the operator asked for a level.

    Raises:
        BadConfiguration: the file cannot be read or a value cannot be used.
    """
    stack = load(file)
    for warning in stack.warnings:
        print(f"antiphon: warning: {warning}", file=sys.stderr)
    asked = any(value.key == "log.level" and value.source != "default" for value in stack.values)
    configure_logging(stack.log if asked else dataclasses.replace(stack.log, level="warning"))
    return stack
