"""The commands: each tool on the same code path, for people, scripts and CI."""

from collections.abc import Sequence
from typing import Annotated

import typer

from grok_vision import __version__
from grok_vision.cli import batch_options
from grok_vision.cli import compare as compare_command
from grok_vision.cli import differences as differences_command
from grok_vision.cli import doctor as doctor_command
from grok_vision.cli import estimate as estimate_command
from grok_vision.cli import extract as extract_command
from grok_vision.cli import models as models_command
from grok_vision.cli.ending import run_command
from grok_vision.cli.install import install
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
    FailOnFail,
    Ignore,
    Image,
    Images,
    ImagesUnlessBatch,
    Live,
    MaxDiffRatio,
    PixelsOnly,
    PresetName,
    ProviderName,
    SchemaFile,
    SeveralUnlessBatch,
    Stream,
    Threshold,
)
from grok_vision.cli.outcome import outcome
from grok_vision.cli.serve_command import serve
from grok_vision.cli.streaming import output as answer_output
from grok_vision.cli.terminal import print_json, waiting
from grok_vision.errors import RequestError
from grok_vision.logs import log_to_stderr
from grok_vision.results import Comparison, Description, Estimate, Extraction
from grok_vision.settings import Settings
from grok_vision.tokens import known_models
from grok_vision.vision import build_vision
from grok_vision.vocabulary import TASKS, Task

app = typer.Typer(
    name="grok-vision-mcp",
    help="Eyes for MCP agents. Without a command it serves MCP on stdio, for a host to start.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code: 0, 1 (it failed) or 2 (a mistake)."""
    return outcome(app, arguments)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"grok-vision-mcp {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


app.command()(serve)


@app.command()
def describe(
    image: Image = "",
    prompt: Annotated[str, typer.Argument(help="What to find out.")] = "",
    asked: Annotated[str, typer.Option("--prompt", help="The same, where it stands first.")] = "",
    task: Annotated[
        Task, typer.Option(help=f"A well-made instruction: {', '.join(TASKS)}.")
    ] = "describe",
    detail: DetailLevel = "auto",
    model: Annotated[str, typer.Option(help="The model to ask.")] = "",
    max_tokens: Annotated[int, typer.Option(min=0, help="Longest answer in tokens.")] = 0,
    stream: Stream = None,
    batch: BatchJobs = "",
    out: BatchOut = "",
    max_usd: BatchMaxUsd = None,
    retry_failed: BatchRetry = False,
    as_json: AsJson = False,
) -> int:
    """Look at one picture and answer in words; with --batch at many."""
    if prompt and asked:
        raise RequestError("bad_argument", "give either PROMPT or --prompt.")
    prompt = prompt or asked
    many = batch_options.wanted(
        batch,
        out,
        max_usd=max_usd,
        retry_failed=retry_failed,
        images=image,
        alone={"--stream": stream},
    )
    if many:
        defaults: batch_options.Defaults = {
            "prompt": prompt,
            "task": task,
            "detail": detail,
            "model": model,
            "max_tokens": max_tokens,
        }
        return many.run("describe_image", _settings(), defaults, as_json=as_json)
    output = answer_output(stream, as_json=as_json)

    async def ask() -> Description:
        async with (
            build_vision(_settings(), any_file=True) as vision,
            waiting("Looking …") as shown,
            output.following(shown) as watch,
        ):
            return await (await vision.journey()).describe_image(
                image,
                prompt=prompt,
                task=task,
                detail=detail,
                model=model,
                max_tokens=max_tokens,
                watch=watch,
                stream=stream is not False,
            )

    description = run_command(ask)
    output.end(description)
    return 0


@app.command()
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
    wanted = extract_command.wanted(schema, preset, fail_on_fail=fail_on_fail)
    if many:
        defaults: batch_options.Defaults = {
            "schema": wanted.schema,
            "preset": wanted.preset,
            "prompt": prompt,
            "detail": detail,
            "model": model,
        }
        return many.run("extract_json", _settings(), defaults, as_json=as_json)

    async def ask() -> Extraction:
        async with (
            build_vision(_settings(), any_file=True) as vision,
            waiting("Reading …") as watch,
        ):
            return await (await vision.journey()).extract_json(
                images or [],
                schema=wanted.schema,
                preset=wanted.preset,
                prompt=prompt,
                detail=detail,
                model=model,
                watch=watch,
            )

    extraction = run_command(ask)
    print_json(extraction) if as_json else extract_command.show(extraction, wanted)
    return extract_command.exit_code(extraction, wanted)


@app.command()
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
    wanted = compare_command.wanted(
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
            "mode": wanted.mode,
            "threshold": threshold,
            "ignore": [*(ignore or [])],
            "detail": detail,
            "model": model,
        }
        return many.run("compare_images", _settings(), defaults, as_json=as_json)

    async def ask() -> Comparison:
        async with (
            build_vision(_settings(), any_file=True) as vision,
            waiting("Comparing …") as watch,
        ):
            outcome = await (await vision.journey()).compare_images(
                images or [],
                prompt=prompt,
                mode=wanted.mode,
                threshold=threshold,
                ignore=ignore or [],
                detail=detail,
                model=model,
                drawing_at=wanted.drawing_at,
                watch=watch,
            )
        return outcome.comparison

    comparison = run_command(ask)
    print_json(comparison) if as_json else compare_command.show(comparison)
    return compare_command.exit_code(comparison, wanted)


@app.command()
def estimate(
    images: Images,
    prompt: Annotated[str, typer.Option(help="What would be asked.")] = "",
    model: Annotated[str, typer.Option(help="Any known model, whichever is configured.")] = "",
    detail: DetailLevel = "auto",
    max_output_tokens: Annotated[
        int, typer.Option(min=0, help="The longest answer to reckon with, in tokens.")
    ] = 0,
    as_json: AsJson = False,
) -> int:
    """Tell what a call would use and cost, before it is made.

    No key is needed and nothing is sent: only the headers of the pictures are read.
    """

    async def reckon() -> Estimate:
        async with build_vision(_settings(), any_file=True) as vision, waiting("Reading …"):
            return await (await vision.journey()).estimate_tokens(
                images,
                prompt=prompt,
                model=model,
                detail=detail,
                max_output_tokens=max_output_tokens,
            )

    found = run_command(reckon)
    print_json(found) if as_json else estimate_command.show(found)
    return 0


@app.command()
def models(
    provider: ProviderName = "",
    live: Live = False,
    as_json: AsJson = False,
) -> int:
    """List known models: prices, limits, how each counts pictures."""
    settings = _settings()
    if live:
        differences = run_command(differences_command.ask, settings, provider)
        if as_json:
            print_json(differences)
        else:
            differences_command.show(differences)
        return 0
    table = models_command.only(known_models(settings), provider)
    if as_json:
        print_json(table)
    else:
        models_command.show(table)
    return 0


@app.command()
def doctor(as_json: AsJson = False) -> int:
    """Check what is configured, and whether the endpoint answers."""
    settings = _settings()
    diagnosis = run_command(doctor_command.examine, settings)
    if as_json:
        print_json(diagnosis)
    else:
        doctor_command.show(diagnosis)
    return 0 if diagnosis.ok else 1


app.command()(install)


def _settings() -> Settings:
    settings = Settings.read()
    log_to_stderr(settings.log_level, settings.secrets(), form=settings.log_format)
    settings.warn_of_unknown_variables()
    return settings
