"""The command `describe`: a question about one picture, or with --batch about many."""

from typing import Annotated

import typer

from grok_vision.cli import batch_options
from grok_vision.cli.ending import run_command
from grok_vision.cli.options import (
    AsJson,
    BatchJobs,
    BatchMaxUsd,
    BatchOut,
    BatchRetry,
    DetailLevel,
    Image,
    Stream,
)
from grok_vision.cli.starting import read_settings
from grok_vision.cli.streaming import output as answer_output
from grok_vision.cli.terminal import waiting
from grok_vision.errors import RequestError
from grok_vision.results import Description
from grok_vision.vision import build_vision
from grok_vision.vocabulary import TASKS, Task


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
        return many.run("describe_image", read_settings(), defaults, as_json=as_json)
    output = answer_output(stream, as_json=as_json)

    async def ask() -> Description:
        async with (
            build_vision(read_settings(), any_file=True) as vision,
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
