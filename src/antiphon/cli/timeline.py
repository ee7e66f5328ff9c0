"""Draws a call: both voices and their words, pauses and interruptions, facts and actions, and each answer's latency."""

import textwrap
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.errors import EngineUnavailable
from antiphon.events.speech import Samples

CALLER, AGENT, CUT, INK, FAINT = "#1f6f8b", "#c8553d", "#d99000", "#2b2d42", "#8d99ae"
PARTS = {
    "endpointing": "#c9ced6",
    "stt": "#7b2cbf",
    "llm": "#4c956c",
    "guard": "#f4a259",
    "tts": "#e56b8a",
    "commit": "#3d5a80",
}
FACT = "#4c956c"
S_PER_INCH, MIN_INCHES, MAX_INCHES, DPI = 3.6, 11.0, 120.0, 110
MARGINS_INCHES = 0.95
LEVELS, LINES = 3, 4
CHAR_INCHES, BOX_PAD_INCHES, MIN_CHARS = 0.062, 0.24, 16
VOICE_Y, EDGE_Y, BOX_Y, LEVEL_Y, Y_PER_INCH = 1.0, 1.95, 2.5, 1.35, 1.9
LATENCIES_INCHES = 3.0
BAR_INCHES = 0.14
PAUSE_S = 0.7
TICK_S = 10


def draw_timeline(stereo: Samples, rate_hz: int, record: dict[str, Any], path: Path) -> None:
    """Write a PNG of a call.

    Args:
        stereo: float32 [2, n]: caller, agent.
        rate_hz: its rate.
        record: what `call.json` holds.
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

    turns = record["turns"]
    seconds = max([stereo.shape[1] / rate_hz, 1.0, *(turn["end_s"] for turn in turns)])
    inches = min(MAX_INCHES, max(MIN_INCHES, seconds / S_PER_INCH))
    boxes = [box for speaker in ("caller", "agent") for box in place_boxes(turns, speaker, seconds, inches)]
    reach = [_reach([box for box in boxes if box.sign == sign]) for sign in (1, -1)]
    voices_inches = sum(reach) / Y_PER_INCH
    height = voices_inches + LATENCIES_INCHES
    figure, (voices, whole, work) = plt.subplots(
        3, 1, figsize=(inches, height), sharex=True, height_ratios=(voices_inches, 0.9, 0.9)
    )
    # In inches: a long call has no wider margins than a short one, and boxes are as wide as reckoned.
    figure.subplots_adjust(
        left=0.75 / inches, right=1 - 0.2 / inches, top=1 - 0.4 / height, bottom=0.5 / height, hspace=0.2
    )
    voices.set(xlim=(0, seconds), ylim=(-reach[1], reach[0]))
    _draw_voices(voices, stereo, rate_hz)
    _draw_pauses(voices, turns)
    for box in boxes:
        _draw_box(voices, box)
    _draw_marks(voices, record)
    _draw_latencies(whole, turns, tuple(PARTS), "answer after (ms)")
    _draw_latencies(work, turns, tuple(part for part in PARTS if part != "endpointing"), "of which work (ms)")
    if seconds > 2 * TICK_S:
        work.set_xticks(np.arange(0, seconds, TICK_S))
    work.set_xlabel("seconds")
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


# ── voices ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _draw_voices(axes: Any, stereo: Samples, rate_hz: int) -> None:
    columns = int(axes.figure.get_figwidth() * DPI)
    for samples, colour, y in ((stereo[0], CALLER, VOICE_Y), (stereo[1], AGENT, -VOICE_Y)):
        low, high, at_s = _envelope(samples, rate_hz, columns)
        scale = 0.8 / max(float(np.abs(samples).max(initial=0.0)), 1e-3)
        axes.axhline(y, color=colour, linewidth=0.6, alpha=0.5)
        axes.fill_between(at_s, y + scale * low, y + scale * high, color=colour, linewidth=0)
    axes.set(yticks=[VOICE_Y, -VOICE_Y], yticklabels=["caller", "agent"])
    axes.tick_params(length=0, labelsize=10)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)


def _draw_pauses(axes: Any, turns: list[dict[str, Any]]) -> None:
    """Shade where nobody speaks, and say for how long where that is long enough to be felt."""
    reached_s = 0.0
    for turn in sorted(turns, key=lambda turn: float(turn["start_s"])):
        pause_s = turn["start_s"] - reached_s
        if pause_s > 0:
            axes.fill_between((reached_s, turn["start_s"]), -EDGE_Y, EDGE_Y, color=FAINT, alpha=0.16, linewidth=0)
        if pause_s >= PAUSE_S:
            middle_s = reached_s + pause_s / 2
            axes.text(middle_s, 0, f"{pause_s:.1f} s", fontsize=6.5, color=INK, ha="center", va="center")
        reached_s = max(reached_s, turn["end_s"])


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Box:
    """What a turn said, and where there is room for it: `level` counts from the voice outwards."""

    turn: dict[str, Any]
    text: str
    left_s: float
    level: int

    @property
    def sign(self) -> int:
        """1 for the caller, above; -1 for the agent, below."""
        return 1 if self.turn["speaker"] == "caller" else -1

    @property
    def y(self) -> float:
        """Its edge that is next to the voice."""
        return self.sign * (BOX_Y + self.level * LEVEL_Y)


def place_boxes(turns: list[dict[str, Any]], speaker: str, seconds: float, inches: float) -> list[Box]:
    """A box for each turn of a speaker, in the level nearest to the voice that has room for it."""
    own = [turn for turn in turns if turn["speaker"] == speaker]
    per_s = (inches - MARGINS_INCHES) / seconds
    free_s = [0.0] * LEVELS
    boxes: list[Box] = []
    for turn, following in zip_longest(own, own[1:]):
        next_s = following["start_s"] if following else seconds
        room_chars = int(((next_s - turn["start_s"]) * per_s - BOX_PAD_INCHES) / CHAR_INCHES)
        lines = _wrapped(turn["text"], room_chars)
        width_s = (max(map(len, lines)) * CHAR_INCHES + BOX_PAD_INCHES) / per_s
        left_s = max(0.0, min(float(turn["start_s"]), seconds - width_s))
        level = next((number for number in range(LEVELS) if free_s[number] <= left_s), int(np.argmin(free_s)))
        left_s = min(max(left_s, free_s[level]), max(0.0, seconds - width_s))
        free_s[level] = left_s + width_s
        boxes.append(Box(turn, "\n".join(lines), left_s, level))
    return boxes


def _wrapped(text: str, room_chars: int) -> list[str]:
    """Lines as narrow as they can be; where there is no room for all of the text, its beginning."""
    widest = max(MIN_CHARS, room_chars)
    for chars in range(MIN_CHARS, widest, 2):
        if len(lines := textwrap.wrap(text, chars)) <= LINES:
            return lines or ["…"]
    return textwrap.wrap(text, widest, max_lines=LINES, placeholder=" …") or ["…"]


def _reach(boxes: list[Box]) -> float:
    """How far out the boxes of one speaker reach."""
    return BOX_Y + LEVEL_Y * (1 + max((box.level for box in boxes), default=0))


def _draw_box(axes: Any, box: Box) -> None:
    turn, sign = box.turn, box.sign
    colour = CUT if turn["interrupted"] else CALLER if sign > 0 else AGENT
    start_s, end_s = turn["start_s"], turn["end_s"]
    axes.fill_between((start_s, end_s), sign * 0.05, sign * EDGE_Y, color=colour, alpha=0.13, linewidth=0)
    axes.plot((start_s, box.left_s), (sign * EDGE_Y, box.y), color=colour, linewidth=0.8, zorder=1)
    axes.annotate(
        box.text,
        (box.left_s, box.y),
        xytext=(5, 0),
        textcoords="offset points",
        fontsize=7.2,
        family="monospace",
        parse_math=False,
        color=INK,
        va="bottom" if sign > 0 else "top",
        bbox={"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": colour, "linewidth": 0.9},
        zorder=3,
    )


# ── what happened ───────────────────────────────────────────────────────────────────────────────────────────────────


def _draw_marks(axes: Any, record: dict[str, Any]) -> None:
    """Interruptions, and the facts that a turn brought."""
    turns = record["turns"]
    for turn in turns:
        if turn["interrupted"]:
            axes.plot((turn["end_s"],) * 2, (-EDGE_Y, EDGE_Y), color=CUT, linewidth=1.4, linestyle=(0, (3, 2)))
            axes.plot(turn["end_s"], 0, marker="X", markersize=9, color=CUT, markeredgecolor="white", zorder=5)
            axes.annotate(
                "interrupted",
                (turn["end_s"], 0),
                xytext=(7, 0),
                textcoords="offset points",
                fontsize=6.8,
                color=CUT,
                va="center",
            )
    learnt: dict[int, list[str]] = {}
    for name, fact in record["facts"].items():
        learnt.setdefault(fact["turn"], []).append(name)
    for number, names in learnt.items():
        if 0 <= number < len(turns):
            at_s = turns[number]["end_s"]
            left = at_s < 0.9 * axes.get_xlim()[1]
            axes.plot(at_s, EDGE_Y, marker="o", markersize=5.5, color=FACT, zorder=5)
            axes.annotate(
                ", ".join(sorted(names)),
                (at_s, EDGE_Y),
                xytext=(5 if left else -5, 0),
                textcoords="offset points",
                fontsize=6.8,
                color=FACT,
                ha="left" if left else "right",
                va="bottom",
            )
    counts = ", ".join(_counted(record[name], name) for name in ("turns", "facts", "actions"))
    states = ", ".join(f"{action['type']} {action['state']}" for action in record["actions"])
    axes.set_title(f"{counts}: {states}" if states else counts, loc="left", fontsize=11, color=INK)
    kinds: dict[str, dict[str, Any]] = {
        "a fact was learnt": {"marker": "o", "color": FACT},
        "the agent was interrupted": {"marker": "X", "color": CUT},
        "nobody speaks": {"marker": "s", "color": FAINT, "alpha": 0.4},
    }
    marks = [axes.plot([], [], linestyle="", markersize=7, label=label, **style)[0] for label, style in kinds.items()]
    axes.legend(
        handles=marks, loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False, fontsize=8, borderaxespad=0.2
    )


def _counted(items: Any, name: str) -> str:
    return f"1 {name.removesuffix('s')}" if len(items) == 1 else f"{len(items)} {name}"


# ── latencies ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _draw_latencies(axes: Any, turns: list[dict[str, Any]], parts: tuple[str, ...], name: str) -> None:
    """A bar for each answer, where it begins, of `parts`; its sum is written on top."""
    answered = [turn for turn in turns if turn["speaker"] == "agent" and turn["latency_ms"]]
    at_s = np.array([turn["start_s"] for turn in answered])
    width_s = BAR_INCHES * axes.get_xlim()[1] / axes.figure.get_figwidth()
    bottom = np.zeros(len(answered))
    for part in parts:
        height = np.array([turn["latency_ms"].get(part, 0.0) for turn in answered])
        axes.bar(at_s, height, width=width_s, bottom=bottom, color=PARTS[part], label=part, zorder=2)
        bottom = bottom + height
    for at, total in zip(at_s, bottom, strict=True):
        axes.text(at, total, f" {total:.0f}", fontsize=7, color=INK, ha="center", va="bottom")
    if not answered:
        axes.text(0.5, 0.5, "no answer yet", transform=axes.transAxes, fontsize=8, color=FAINT, ha="center")
        axes.set_yticks([])
    axes.set(ylim=(0, max(1.0, float(bottom.max(initial=0.0))) * 1.3))
    axes.text(0.002, 1.0, name, transform=axes.transAxes, fontsize=8.5, color=INK, va="bottom")
    axes.grid(axis="y", color="#e6e8ec", linewidth=0.6, zorder=0)
    axes.tick_params(axis="y", labelsize=7)
    axes.spines[["top", "right", "left"]].set_visible(False)
    if answered:
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1, 1),
            ncols=len(parts),
            frameon=False,
            fontsize=7.5,
            borderaxespad=0,
            handlelength=1,
        )


def _envelope(samples: Samples, rate_hz: int, columns: int) -> tuple[Samples, Samples, Samples]:
    step = max(1, len(samples) // columns)
    whole = samples[: len(samples) // step * step].reshape(-1, step)
    if not len(whole):
        empty = np.zeros(0, np.float32)
        return empty, empty, empty
    at_s = np.arange(len(whole), dtype=np.float32) * (step / rate_hz)
    return whole.min(axis=1), whole.max(axis=1), at_s
