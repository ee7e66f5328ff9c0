"""Draws a call: both voices, who spoke when, interruptions, and how long each answer took."""

from pathlib import Path
from typing import Any

import numpy as np

from antiphon.errors import EngineUnavailable
from antiphon.events.speech import Samples

CALLER, AGENT, CUT = "#2a6f97", "#c1666b", "#e9c46a"
PARTS = {
    "endpointing": "#adb5bd",
    "stt": "#2a6f97",
    "llm": "#6a994e",
    "guard": "#bc6c25",
    "commit": "#6d597a",
    "tts": "#c1666b",
}


def draw_timeline(stereo: Samples, rate_hz: int, turns: list[dict[str, Any]], path: Path) -> None:
    """Write a PNG of a call.

    Args:
        stereo: float32 [2, n]: caller, agent.
        rate_hz: its rate.
        turns: as in `call.json`.
        path: the file to write.

    Raises:
        EngineUnavailable: the library that draws is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        raise EngineUnavailable(f"{path} was not drawn: install antiphon[plot]", code="plot_unavailable") from None

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    seconds = stereo.shape[1] / rate_hz
    figure, (waves, bars) = plt.subplots(
        2, 1, figsize=(max(10.0, min(40.0, seconds / 4)), 6), height_ratios=(3, 1.4), layout="constrained"
    )
    for row, (name, colour) in enumerate((("caller", CALLER), ("agent", AGENT))):
        low, high, at_s = _envelope(stereo[row], rate_hz)
        waves.fill_between(at_s, 1 - 2 * row + low, 1 - 2 * row + high, color=colour, linewidth=0, label=name)
    for turn in turns:
        _draw_turn(waves, turn)
    waves.set(xlim=(0, seconds), ylim=(-3.6, 3.6), yticks=[1, -1], yticklabels=["caller", "agent"])
    waves.set_title("Both sides of the call; yellow where the agent was interrupted")
    _draw_latencies(bars, turns, seconds)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _draw_turn(axes: Any, turn: dict[str, Any]) -> None:
    caller = turn["speaker"] == "caller"
    colour = CUT if turn["interrupted"] else CALLER if caller else AGENT
    low = 0.5 if caller else 0.22
    axes.axvspan(turn["start_s"], turn["end_s"], ymin=low, ymax=low + 0.28, color=colour, alpha=0.18)
    text = turn["text"] if len(turn["text"]) < 42 else turn["text"][:40] + "…"
    height, angle = (2.15, 12) if caller else (-2.45, -12)
    axes.text(turn["start_s"], height, text, fontsize=6, rotation=angle, color="#333333")


def _draw_latencies(axes: Any, turns: list[dict[str, Any]], seconds: float) -> None:
    answered = [turn for turn in turns if turn["speaker"] == "agent" and turn["latency_ms"]]
    bottom = np.zeros(len(answered))
    at_s = [turn["start_s"] for turn in answered]
    for part, colour in PARTS.items():
        height = np.array([turn["latency_ms"].get(part, 0.0) for turn in answered])
        axes.bar(at_s, height, width=max(0.4, seconds / 150), bottom=bottom, color=colour, label=part)
        bottom = bottom + height
    axes.set(xlim=(0, seconds), xlabel="seconds", ylabel="answer after (ms)")
    axes.legend(ncols=len(PARTS), fontsize=7, loc="upper right")


def _envelope(samples: Samples, rate_hz: int) -> tuple[Samples, Samples, Samples]:
    step = max(1, len(samples) // 4000)
    whole = samples[: len(samples) // step * step].reshape(-1, step)
    if not len(whole):
        empty = np.zeros(0, np.float32)
        return empty, empty, empty
    at_s = np.arange(len(whole), dtype=np.float32) * (step / rate_hz)
    return whole.min(axis=1), whole.max(axis=1), at_s
