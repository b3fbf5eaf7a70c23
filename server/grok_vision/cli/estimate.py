"""The command `estimate`: what a call would use, as a table."""

import shutil
import sys
from collections.abc import Sequence

from rich.cells import cell_len

from grok_vision.cli.figures import counted
from grok_vision.cli.terminal import print_aligned, printable
from grok_vision.results import Cheaper, Estimate, ImageEstimate
from grok_vision.texts import dollars

_Row = tuple[str, ...]
_HEAD = ("image", "found", "sent", "tokens", "range")
_GAP = 2
_SHORTEST = 12


def show(estimate: Estimate) -> None:
    """Print the estimate: a line for each picture, the totals, and how they are known."""
    for warning in estimate.warnings:
        sys.stderr.write(f"warning: {printable(warning)}\n")
    rows = [_HEAD, *map(_row, estimate.images), *_totals(estimate)]
    print_aligned(_within_screen(rows) if sys.stdout.isatty() else rows, right=(3,))
    print()
    for label, told in _told(estimate):
        print(f"{label:7}  {printable(told)}")


def _within_screen(rows: Sequence[_Row]) -> Sequence[_Row]:
    """Return the rows with the beginning of long sources left out: a path's end tells most."""
    others = list(zip(*rows, strict=True))[1:]
    taken = sum(_GAP + max(map(cell_len, column)) for column in others)
    width = max(_SHORTEST, shutil.get_terminal_size().columns - taken)
    return [(_ending(printable(source), width), *rest) for source, *rest in rows]


def _ending(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    end = text[-width:]
    while cell_len(end) >= width:
        end = end[1:]
    return f"…{end}"


def _row(image: ImageEstimate) -> _Row:
    sent = f"{image.sent_width}x{image.sent_height}"
    return (
        image.source,
        f"{image.width}x{image.height} {image.format}",
        f"{image.parts} parts, {sent}" if image.parts else sent,
        f"{image.tokens:,}",
        _range(image.tokens_min, image.tokens_max),
    )


def _totals(estimate: Estimate) -> Sequence[_Row]:
    found = estimate
    totals = (
        ("images", found.image_tokens, found.image_tokens_min, found.image_tokens_max),
        ("words", found.text_tokens, found.text_tokens_min, found.text_tokens_max),
        ("input", found.input_tokens, found.input_tokens_min, found.input_tokens_max),
    )
    return [
        (name, "", "", f"{tokens:,}", _range(least, most)) for name, tokens, least, most in totals
    ]


def _range(least: int, most: int) -> str:
    return "" if least == most else f"{least:,} to {most:,}"


def _told(estimate: Estimate) -> list[tuple[str, str]]:
    told = [
        ("model", f"{estimate.model} ({estimate.provider})"),
        ("cost", _cost(estimate)),
        ("rule", f"{estimate.rule}; {_known(estimate)}"),
    ]
    if estimate.context_window is not None:
        fits = "fits" if estimate.fits else "does NOT fit"
        told.append(("window", f"{fits} the context window of {estimate.context_window:,} tokens"))
    if estimate.cheaper:
        told.append(("cheaper", _cheaper(estimate, estimate.cheaper)))
    return told


def _known(estimate: Estimate) -> str:
    source = f"{estimate.source}, {estimate.date}"
    if estimate.calibrated_from is None:
        return f"{estimate.evidence}: {source}"
    return f"calibrated from {counted(estimate.calibrated_from, 'answer')} (before: {source})"


def _cheaper(estimate: Estimate, cheaper: Cheaper) -> str:
    told = f"{cheaper.input_tokens:,} instead of {estimate.input_tokens:,} input tokens"
    if cheaper.cost_usd is not None and estimate.cost_usd:
        told += f", {dollars(cheaper.cost_usd)} instead of {dollars(estimate.cost_usd)}"
    return f"{told}. {cheaper.suggestion}"


def _cost(estimate: Estimate) -> str:
    if estimate.cost_usd is None:
        return "not known"
    most = estimate.cost_usd_max
    at_most = "" if most in {None, estimate.cost_usd} else f", at most {dollars(most or 0.0)}"
    answer = (
        "without an answer"
        if estimate.output_tokens is None
        else f"with an answer of {estimate.output_tokens:,} tokens"
    )
    return f"{dollars(estimate.cost_usd)}{at_most}, {answer}"
