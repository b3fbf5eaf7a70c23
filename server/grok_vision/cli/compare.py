"""The command `compare`: one line for people and logs, an exit code for CI."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grok_vision.cli.terminal import on_a_line, print_footer, printable, tell_warnings
from grok_vision.errors import RequestError
from grok_vision.results import Comparison, PixelDifference, SeenDifference
from grok_vision.uris import numbered
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
    images: Sequence[str],
    *,
    pixels_only: bool,
    always_ask: bool,
    fail_on_diff: bool,
    max_diff_ratio: float | None,
    diff_out: Path | None,
) -> Options:
    """Return what the options ask for.

    Raises:
        RequestError: `bad_argument` where two of them exclude each other, or a picture would be
            written over one that is compared or into no folder.
    """
    target = _target(diff_out, images) if diff_out else None
    if pixels_only and always_ask:
        raise RequestError("bad_argument", "give either --pixels-only or --always-ask.")
    mode: CompareMode = "pixels" if pixels_only else "model" if always_ask else "auto"
    nothing = 0.0 if fail_on_diff else None
    return Options(mode, nothing if max_diff_ratio is None else max_diff_ratio, target)


def _target(diff_out: Path, images: Sequence[str]) -> Path:
    try:
        target = diff_out.expanduser()
    except RuntimeError:
        target = diff_out
    written = [target, *(numbered(target, number) for number in range(2, len(images) + 1))]
    compared = {path.resolve() for image in images for path in _readings(image)}
    if any(path.resolve() in compared for path in written):
        raise RequestError(
            "bad_argument", "--diff-out names a picture that is compared; name a new file."
        )
    if not target.parent.is_dir():
        raise RequestError(
            "bad_argument", f"--diff-out: there is no folder {target.parent}; make it first."
        )
    return target


def _readings(image: str) -> Iterator[Path]:
    """Yield the files that a source may mean."""
    bare = image.strip().removeprefix("@")
    for text in (bare, bare.partition("#")[0]):
        is_url = text.lower().startswith("file://")
        with suppress(RuntimeError, ValueError, OSError):
            yield Path(unquote(urlsplit(text).path) if is_url else text).expanduser()


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
    if comparison.provider:
        # What a model says, or an engine reads, has no figure.
        print("; ".join(map(_figures, comparison.pixels)))
    several = len(comparison.pixels) > 1
    for pixels in comparison.pixels:
        if pixels.diff_path:
            of = f" of image {pixels.image}" if several else ""
            print(f"diff{of}: {printable(pixels.diff_path)}")
    if is_terminal and comparison.provider:
        print_footer(comparison)


def exit_code(comparison: Comparison, wanted: Options) -> int:
    """Return 1 where more changed than may have, and say so on stderr."""
    if wanted.most_changed is None:
        return 0
    most = wanted.most_changed
    over = [one for one in comparison.pixels if one.changed_ratio > most]
    for one in over:
        allowed = f" by {one.changed_ratio:g} of the pixels, more than {most:g}" if most else ""
        sys.stderr.write(f"failed: image {one.image} differs{allowed}.\n")
    return int(bool(over))


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


def _figures(one: PixelDifference) -> str:
    return f"image {one.image}: {one.changed_pixels:,} pixels changed, {one.changed_ratio:g} of all"


def _place(one: SeenDifference) -> str:
    region = one.region
    where = f", {region.place}" if region else ""
    return f" (image {one.image}{where})"
