"""The stack file and the environment: the only reader of either (P-14: environment over file over default)."""

from antiphon.config.stack import AudioSettings, Stack, load

__all__ = ["AudioSettings", "Stack", "load"]
