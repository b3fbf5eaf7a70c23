"""The command `extract`: the data of pictures as JSON, with --batch of many."""

from typing import Annotated

import typer

from grok_vision.cli import batch_options
from grok_vision.cli.ending import run_command
from grok_vision.cli.extract import exit_code, show, wanted
from grok_vision.cli.options import (
    AsJson,
    BatchJobs,
    BatchMaxUsd,
    BatchOut,
    BatchRetry,
    DetailLevel,
    FailOnFail,
    ImagesUnlessBatch,
    PresetName,
    SchemaFile,
)
from grok_vision.cli.starting import read_settings
from grok_vision.cli.terminal import print_json, waiting
from grok_vision.results import Extraction
from grok_vision.vision import build_vision


def extract(
    images: ImagesUnlessBatch = None,
    schema: SchemaFile = "",
    preset: PresetName = None,
    prompt: Annotated[str, typer.Option(help="What to read; for checklist the expectations.")] = "",
    detail: DetailLevel = "auto",
    model: Annotated[str, typer.Option(help="The model to ask.")] = "",
    fail_on_fail: FailOnFail = False,
    batch: BatchJobs = "",
    out: BatchOut = "",
    max_usd: BatchMaxUsd = None,
    retry_failed: BatchRetry = False,
    as_json: AsJson = False,
) -> int:
    """Read pictures as JSON that fits a schema.

    Without a schema and a preset, JSON of any form. In a pipe only the data is printed; exit 1
    where it does not fit. With --batch, many times.
    """
    many = batch_options.wanted(
        batch,
        out,
        max_usd=max_usd,
        retry_failed=retry_failed,
        images=images,
        alone={"--fail-on-fail": fail_on_fail, "--schema -": batch == schema == "-"},
    )
    options = wanted(schema, preset, fail_on_fail=fail_on_fail)
    if many:
        defaults: batch_options.Defaults = {
            "schema": options.schema,
            "preset": options.preset,
            "prompt": prompt,
            "detail": detail,
            "model": model,
        }
        return many.run("extract_json", read_settings(), defaults, as_json=as_json)

    async def ask() -> Extraction:
        async with (
            build_vision(read_settings(), any_file=True) as vision,
            waiting("Reading …") as watch,
        ):
            return await (await vision.journey()).extract_json(
                images or [],
                schema=options.schema,
                preset=options.preset,
                prompt=prompt,
                detail=detail,
                model=model,
                watch=watch,
            )

    extraction = run_command(ask)
    print_json(extraction) if as_json else show(extraction, options)
    return exit_code(extraction, options)
