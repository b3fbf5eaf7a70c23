"""The command `compare`: what changed between pictures, with --batch between many."""

from typing import Annotated

import typer

from grok_vision.cli import batch_options
from grok_vision.cli.compare import exit_code, show, wanted
from grok_vision.cli.ending import run_command
from grok_vision.cli.options import (
    AlwaysAsk,
    AsJson,
    BatchJobs,
    BatchMaxUsd,
    BatchOut,
    BatchRetry,
    DetailLevel,
    DiffOut,
    FailOnDiff,
    Ignore,
    MaxDiffRatio,
    PixelsOnly,
    SeveralUnlessBatch,
    Threshold,
)
from grok_vision.cli.starting import read_settings
from grok_vision.cli.terminal import print_json, waiting
from grok_vision.results import Comparison
from grok_vision.vision import build_vision


def compare(
    images: SeveralUnlessBatch = None,
    prompt: Annotated[str, typer.Option(help="What a model is to look at.")] = "",
    pixels_only: PixelsOnly = False,
    always_ask: AlwaysAsk = False,
    threshold: Threshold = 0.1,
    ignore: Ignore = None,
    detail: DetailLevel = "auto",
    model: Annotated[str, typer.Option(help="The model to ask.")] = "",
    diff_out: DiffOut = None,
    fail_on_diff: FailOnDiff = False,
    max_diff_ratio: MaxDiffRatio = None,
    batch: BatchJobs = "",
    out: BatchOut = "",
    max_usd: BatchMaxUsd = None,
    retry_failed: BatchRetry = False,
    as_json: AsJson = False,
) -> int:
    """Compare pictures with the first, by pixels.

    Where they differ, a model says what changed. In a pipe the verdict is one line. For CI:
    --pixels-only --fail-on-diff. Exit 1 where too much changed, 2 for a mistake. With --batch,
    many times.
    """
    many = batch_options.wanted(
        batch,
        out,
        max_usd=max_usd,
        retry_failed=retry_failed,
        images=images,
        alone={
            "--diff-out": diff_out,
            "--fail-on-diff": fail_on_diff,
            "--max-diff-ratio": max_diff_ratio is not None,
        },
    )
    options = wanted(
        images or [],
        pixels_only=pixels_only,
        always_ask=always_ask,
        fail_on_diff=fail_on_diff,
        max_diff_ratio=max_diff_ratio,
        diff_out=diff_out,
    )
    if many:
        defaults: batch_options.Defaults = {
            "prompt": prompt,
            "mode": options.mode,
            "threshold": threshold,
            "ignore": [*(ignore or [])],
            "detail": detail,
            "model": model,
        }
        return many.run("compare_images", read_settings(), defaults, as_json=as_json)

    async def ask() -> Comparison:
        async with (
            build_vision(read_settings(), any_file=True) as vision,
            waiting("Comparing …") as watch,
        ):
            outcome = await (await vision.journey()).compare_images(
                images or [],
                prompt=prompt,
                mode=options.mode,
                threshold=threshold,
                ignore=ignore or [],
                detail=detail,
                model=model,
                drawing_at=options.drawing_at,
                watch=watch,
            )
        return outcome.comparison

    comparison = run_command(ask)
    print_json(comparison) if as_json else show(comparison)
    return exit_code(comparison, options)
