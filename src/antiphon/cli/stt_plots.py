"""Pictures of what was measured: word errors against the share of recordings sent on, and load against latency."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from antiphon.errors import EngineUnavailable
from antiphon.stt.tuning import Point

INK, AIM, CHOSEN = "#2b2d42", "#8d99ae", "#c8553d"
COLOURS = ("#1f6f8b", "#4c956c", "#7b2cbf", "#d99000", "#3d5a80")
DPI = 110


def draw_curve(curves: Mapping[int, Sequence[Point]], proposed: Point, aim: float, path: Path) -> None:
    """Write a PNG of word error rate and cost against the share of recordings that go to the fallback tier.

    Args:
        curves: by the fewest words whose confidence counts.
        proposed: the point that is marked.
        aim: word error rate that was to be reached.
        path: the file to write.

    Raises:
        EngineUnavailable: the library that draws is not installed.
    """
    plt = _pyplot(path)
    figure, (errors, cost) = plt.subplots(2, 1, figsize=(8, 7), sharex=True, height_ratios=(3, 2))
    for colour, (fewest, points) in zip(COLOURS * len(curves), curves.items(), strict=False):
        rate = [100 * point.fallback_rate for point in points]
        label = f"below {fewest} words always" if fewest else "by confidence alone"
        errors.step(rate, [100 * point.wer for point in points], where="post", color=colour, label=label)
        cost.plot(rate, [100 * point.cpu_share for point in points], color=colour)
    errors.axhline(100 * aim, color=AIM, linestyle="--", linewidth=1, label="aim")
    at = 100 * proposed.fallback_rate
    for axes, value in ((errors, proposed.wer), (cost, proposed.cpu_share)):
        axes.plot(at, 100 * value, marker="o", markersize=8, color=CHOSEN, zorder=5)
        axes.grid(color="#e6e8ec", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    errors.annotate(
        f"threshold {proposed.thresholds.confidence:g}\n{100 * proposed.wer:.1f} % WER, "
        f"{100 * proposed.cpu_share:.0f} % CPU",
        (at, 100 * proposed.wer),
        xytext=(10, 14),
        textcoords="offset points",
        color=CHOSEN,
    )
    cost.axhline(100, color=AIM, linestyle="--", linewidth=1)
    errors.set(ylabel="word error rate (%)", xlim=(0, 100))
    cost.set(ylabel="CPU, fallback always = 100 (%)", xlabel="recordings sent to the fallback tier (%)")
    errors.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def _pyplot(path: Path) -> Any:
    try:
        import matplotlib as mpl
    except ImportError:
        raise EngineUnavailable(f"{path} was not drawn: install antiphon[plot]", code="plot_unavailable") from None
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    return plt


def draw_load(
    callers: Sequence[int],
    rates: Mapping[str, Sequence[float]],
    times_ms: Mapping[str, Sequence[float | None]],
    knee: int | None,
    path: Path,
) -> None:
    """Write a PNG of answers a second and of times against callers at once.

    Args:
        callers: at each step.
        rates: answers a second at each step, by kind.
        times_ms: milliseconds at each step, by percentile; None where there are none.
        knee: the step that is marked; None where there is none.
        path: the file to write.

    Raises:
        EngineUnavailable: the library that draws is not installed.
    """
    plt = _pyplot(path)
    figure, (above, below) = plt.subplots(2, 1, figsize=(8, 7), sharex=True)
    for axes, lines in ((above, rates), (below, times_ms)):
        for colour, (name, values) in zip(COLOURS, lines.items(), strict=False):
            told = [float("nan") if value is None else value for value in values]
            axes.plot(callers, told, marker="o", markersize=4, color=colour, label=name)
        if knee is not None:
            axes.axvline(knee, color=CHOSEN, linestyle="--", linewidth=1, label=f"knee: {knee}")
        axes.set_ylim(0, 1.1 * max((v for values in lines.values() for v in values if v), default=1.0))
        axes.grid(color="#e6e8ec", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    above.set(ylabel="answers a second")
    above.set_xscale("log", base=2)
    below.set(ylabel="milliseconds", xlabel="callers at once")
    below.set_xticks(list(callers), [str(count) for count in callers], minor=False)
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)
