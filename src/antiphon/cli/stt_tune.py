"""`antiphon stt tune`: thresholds for a cascade, from recordings whose words are known."""

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from antiphon.cli.labelled import read_manifest
from antiphon.cli.stack import read_stack
from antiphon.cli.stt_plots import draw_curve
from antiphon.cli.stt_tiers import EngineSpec, hear_all, parse_spec
from antiphon.errors import AntiphonError, BadInput
from antiphon.stt.tuning import (
    Clip,
    HeldOut,
    Point,
    by_condition,
    choose,
    curve,
    fallback_wer,
    held_out,
    primary_wer,
    rounded,
)

MIN_WORDS = (0, 2, 3)


def tune(
    manifest: Annotated[Path, typer.Argument(help="CSV (path,text,language,speaker,condition) or one JSON a line.")],
    primary: Annotated[str, typer.Option(help="Engine and options: NAME[,option=value…].")] = "moonshine,search=greedy",
    fallback: Annotated[str, typer.Option(help="Engine and options of the second tier.")] = "moonshine,search=thorough",
    language: Annotated[str, typer.Option(help="Only recordings in this language; empty for all.")] = "en",
    margin: Annotated[float, typer.Option(help="Points of WER that the cascade may lose.", min=0, max=100)] = 0.3,
    min_words: Annotated[list[int] | None, typer.Option(help="MIN_WORDS_FOR_CONF to try; may be repeated.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the picture, the figures and the transcripts.")] = Path(
        "build/stt-tune"
    ),
    stack: Annotated[Path | None, typer.Option(help="Stack file; the built-in one without it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Draw word errors against the share of recordings that go to the fallback tier, and propose thresholds.

    Transcripts are kept in the output folder: a second run with other margins takes no time.

    Example: antiphon stt tune calls.csv --primary faster-whisper,model=small --fallback faster-whisper,model=medium
    """
    items = read_manifest(manifest, language)
    out.mkdir(parents=True, exist_ok=True)
    specs = parse_spec(primary), parse_spec(fallback)
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task("hearing twice", total=len(items))
        clips, left_out = asyncio.run(hear_all(read_stack(stack), specs, items, out, lambda: bar.advance(task)))
    if not clips:
        raise BadInput(f"None of {len(items)} recordings could be used: {', '.join(sorted(set(left_out.values())))}.")
    found = _Findings.of(clips, margin / 100, tuple(min_words or MIN_WORDS))
    report = _report(specs, found, left_out)
    (out / "tune.json").write_text(json.dumps(report, indent=1), "utf-8")
    picture = _draw(found, margin, out / "curve.png")
    if as_json:
        print(json.dumps(report))
        return
    _print(found, margin, left_out)
    print(f"\n{out / 'tune.json'}" + (f", {picture}" if picture else ""))


@dataclass(frozen=True, slots=True)
class _Findings:
    clips: list[Clip]
    curves: dict[int, list[Point]]
    proposed: Point
    held_out: HeldOut | None

    @classmethod
    def of(cls, clips: list[Clip], margin: float, min_words: tuple[int, ...]) -> "_Findings":
        speakers = len({clip.speaker for clip in clips})
        return cls(
            clips=clips,
            curves={fewest: curve(clips, fewest) for fewest in sorted(set(min_words))},
            proposed=rounded(choose(clips, margin, min_words), clips),
            held_out=held_out(clips, margin, min_words) if speakers > 1 else None,
        )


def _report(specs: tuple[EngineSpec, EngineSpec], found: _Findings, left_out: dict[str, str]) -> dict[str, Any]:
    return {
        "primary": str(specs[0]),
        "fallback": str(specs[1]),
        "recordings": len(found.clips),
        "left_out": left_out,
        "primary_wer": primary_wer(found.clips),
        "fallback_wer": fallback_wer(found.clips),
        "primary_cpu_share": sum(c.primary_cpu_s for c in found.clips) / sum(c.fallback_cpu_s for c in found.clips),
        "proposed": _point(found.proposed),
        "held_out_speakers": None if found.held_out is None else asdict(found.held_out),
        "curves": {str(fewest): [_point(p) for p in points] for fewest, points in found.curves.items()},
        "conditions": {
            name: {"recordings": count, "primary_wer": first, "cascade": _point(point), "fallback_wer": second}
            for name, (count, first, point, second) in by_condition(found.clips, found.proposed.thresholds).items()
        },
    }


def _point(point: Point) -> dict[str, float]:
    return {
        "conf_logprob_threshold": point.thresholds.confidence,
        "min_words_for_conf": point.thresholds.min_words,
        "fallback_rate": point.fallback_rate,
        "wer": point.wer,
        "cpu_share": point.cpu_share,
    }


def _draw(found: _Findings, margin: float, path: Path) -> Path | None:
    try:
        draw_curve(found.curves, found.proposed, fallback_wer(found.clips) + margin / 100, path)
    except AntiphonError as error:
        print(f"antiphon: {error.message}")
        return None
    return path


def _print(found: _Findings, margin: float, left_out: dict[str, str]) -> None:
    console = Console(highlight=False)
    table = Table(box=None)
    table.add_column("condition", no_wrap=True)
    for heading in ("n", "primary WER %", "sent on %", "cascade WER %", "fallback WER %", "CPU %"):
        table.add_column(heading, justify="right")
    everything = (len(found.clips), primary_wer(found.clips), found.proposed, fallback_wer(found.clips))
    rows = {"all": everything} | by_condition(found.clips, found.proposed.thresholds)
    for name, (count, first, point, second) in rows.items():
        rates = (first, point.fallback_rate, point.wer, second, point.cpu_share)
        table.add_row(name or "-", str(count), *(f"{100 * rate:.1f}" for rate in rates))
    console.print(table)
    console.print("CPU %: of both tiers together, beside asking the fallback tier always", style="dim")
    chosen = found.proposed.thresholds
    console.print(
        f"\nCONF_LOGPROB_THRESHOLD={chosen.confidence:g}\nMIN_WORDS_FOR_CONF={chosen.min_words}", style="bold"
    )
    if (held := found.held_out) is not None:
        console.print(
            f"Chosen on half of the speakers and judged on the others, {held.divisions} times both ways: "
            f"WER {100 * held.wer:.1f} % (fallback {100 * held.fallback_wer:.1f} %), fallback asked for "
            f"{100 * held.fallback_rate:.0f} %, {100 * held.cpu_share:.0f} % of its CPU; within {margin:g} points in "
            f"{100 * held.within_margin:.0f} % of them."
        )
    if left_out:
        console.print(f"{len(left_out)} recordings were left out: {', '.join(sorted(set(left_out.values())))}.")
