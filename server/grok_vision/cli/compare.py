"""The command `compare`: one line for people and logs, an exit code for CI."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grok_vision.cli.terminal import on_a_line, print_footer, printable, tell_warnings
from grok_vision.errors import RequestError
from grok_vision.results import Comparison, PixelDifference, SeenDifference
from grok_vision.vocabulary import CompareMode

_COLOURS = {"identical": "green", "equivalent": "green", "different": "red"}
_MARKS = {"minor": "yellow", "major": "dark_orange", "critical": "red"}


@dataclass(frozen=True, slots=True)
class Options:
    """What the options ask for.

    `most_changed` is the part of the pixels that may have changed, where that decides the exit
    code; None where nothing does.
    """

    mode: CompareMode
    most_changed: float | None
    drawing_at: Path | None


def wanted(
    *,
    pixels_only: bool,
    always_ask: bool,
    fail_on_diff: bool,
    max_diff_ratio: float | None,
    diff_out: Path | None,
) -> Options:
    """Return what the options ask for.

    Raises:
        RequestError: `bad_argument` where two of them exclude each other.
    """
    if pixels_only and always_ask:
        raise RequestError("bad_argument", "give either --pixels-only or --always-ask.")
    mode: CompareMode = "pixels" if pixels_only else "model" if always_ask else "auto"
    nothing = 0.0 if fail_on_diff else None
    return Options(mode, nothing if max_diff_ratio is None else max_diff_ratio, diff_out)


def show(comparison: Comparison) -> None:
    """Print the verdict on a line of its own, and what a model said of it below."""
    tell_warnings(comparison)
    verdict, summary = comparison.verdict, on_a_line(comparison.summary)
    is_terminal = sys.stdout.isatty()
    if is_terminal:
        line = Text.assemble((verdict, f"bold {_COLOURS[verdict]}"), f": {summary}")
        Console(highlight=False, soft_wrap=True).print(line)
        _show_differences(comparison.differences)
    else:
        print(f"{verdict}: {summary}")
        for one in comparison.differences:
            print(f"- {one.severity}: {on_a_line(one.description)}{_place(one)}")
    for path in _paths(comparison.pixels):
        print(f"diff: {printable(path)}")
    if is_terminal and comparison.provider:
        print_footer(comparison)


def exit_code(comparison: Comparison, wanted: Options) -> int:
    """Return 1 where more changed than may have."""
    if wanted.most_changed is None:
        return 0
    most = wanted.most_changed
    return int(any(one.changed_ratio > most for one in comparison.pixels))


def _show_differences(differences: Sequence[SeenDifference]) -> None:
    if not differences:
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(width=8)
    table.add_column(overflow="fold")
    for one in differences:
        told = Text(on_a_line(one.description))
        told.append(_place(one), "dim")
        table.add_row(Text(one.severity, _MARKS[one.severity]), told)
    Console().print(table)


def _place(one: SeenDifference) -> str:
    region = one.region
    where = f", {region.width}x{region.height} at {region.x},{region.y}" if region else ""
    return f" (image {one.image}{where})"


def _paths(pixels: Sequence[PixelDifference]) -> list[str]:
    return [one.diff_path for one in pixels if one.diff_path]
