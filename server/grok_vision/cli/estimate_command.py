"""The command `estimate`: what a call would use, before it is made."""

from typing import Annotated

import typer

from grok_vision.cli.ending import run_command
from grok_vision.cli.estimate import show
from grok_vision.cli.options import AsJson, DetailLevel, Images
from grok_vision.cli.starting import read_settings
from grok_vision.cli.terminal import print_json, waiting
from grok_vision.results import Estimate
from grok_vision.vision import build_vision


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
        async with build_vision(read_settings(), any_file=True) as vision, waiting("Reading …"):
            return await (await vision.journey()).estimate_tokens(
                images,
                prompt=prompt,
                model=model,
                detail=detail,
                max_output_tokens=max_output_tokens,
            )

    found = run_command(reckon)
    print_json(found) if as_json else show(found)
    return 0
