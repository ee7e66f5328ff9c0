"""The stack file and the environment: the only reader of either (P-14)."""

from antiphon.config.lint import lint_pair
from antiphon.config.loading import PACKAGED, load
from antiphon.config.stack import AudioSettings, Stack

__all__ = ["PACKAGED", "AudioSettings", "Stack", "lint_pair", "load"]
