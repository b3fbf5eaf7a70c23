"""The command `estimate`: what a call would use, as a table."""

import sys
from collections.abc import Sequence

from grok_vision.cli.terminal import print_aligned, printable
from grok_vision.relay import dollars
from grok_vision.results import Cheaper, Estimate, ImageEstimate


def show(estimate: Estimate) -> None:
    """Print the estimate: a line for each picture, the totals, and how they are known."""
    for warning in estimate.warnings:
        sys.stderr.write(f"warning: {printable(warning)}\n")
    head = ("image", "found", "sent", "tokens", "range")
    print_aligned([head, *map(_row, estimate.images), *_totals(estimate)], right=(3,))
    print()
    for line in _told(estimate):
        print(printable(line))


def _row(image: ImageEstimate) -> tuple[str, ...]:
    sent = f"{image.sent_width}x{image.sent_height}"
    return (
        image.source,
        f"{image.width}x{image.height} {image.format}",
        f"{image.parts} parts, {sent}" if image.parts else sent,
        f"{image.tokens:,}",
        _range(image.tokens_min, image.tokens_max),
    )


def _totals(estimate: Estimate) -> Sequence[tuple[str, ...]]:
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


def _told(estimate: Estimate) -> list[str]:
    answers = f" from {estimate.calibrated_from} answers" if estimate.calibrated_from else ""
    told = [
        f"model  {estimate.model} ({estimate.provider})",
        f"cost   {_cost(estimate)}",
        f"rule   {estimate.rule}; {estimate.evidence}{answers}: {estimate.source}, {estimate.date}",
    ]
    if estimate.context_window is not None:
        fits = "fits" if estimate.fits else "does NOT fit"
        told.append(f"window {fits} the context window of {estimate.context_window:,} tokens")
    if estimate.cheaper:
        told.append(f"less   {_less(estimate.cheaper)}")
    return told


def _less(cheaper: Cheaper) -> str:
    cost = "" if cheaper.cost_usd is None else f", {dollars(cheaper.cost_usd)}"
    return f"{cheaper.input_tokens:,} input tokens{cost}. {cheaper.suggestion}"


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
