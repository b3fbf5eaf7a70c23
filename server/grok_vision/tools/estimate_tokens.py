"""The tool estimate_tokens."""

from typing import Annotated

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult

from grok_vision.results import Estimate, ImageEstimate
from grok_vision.texts import dollars
from grok_vision.tools.arguments import (
    DetailLevel,
    EstimatedModel,
    Images,
    MaxOutputTokens,
    PlannedPrompt,
)
from grok_vision.tools.boundary import answered
from grok_vision.vision import Vision

TITLE = "Estimate tokens and cost"
DESCRIPTION = """\
Tell what one call with these pictures would use and cost, before it is made: tokens for each \
picture and in all, whether they fit the model's context window, and the price in US dollars. \
Calls of describe_image take one picture each: estimate them one by one. extract_json reads \
several in one call.

Use it before you send many or large pictures, to choose between models or between detail=low and \
high, or to stay within a budget. It reads only the headers of the pictures, calls no provider, \
needs no API key and costs nothing. Name any known model in `model`, whichever is configured: \
such as grok-4.3, grok-4.6, gpt-5.4-mini or qwen/qwen3.8-27b.

Do not use it to learn what a picture shows: that is describe_image.

Each figure is the likely one, with `_min` and `_max` where the formula is not sure; `evidence` \
says how the formula is known. `cheaper` names a call that would do with less, and what it loses."""


async def estimate_tokens(
    images: Images,
    ctx: Context[Vision],
    prompt: PlannedPrompt = "",
    model: EstimatedModel = "",
    detail: DetailLevel = "auto",
    max_output_tokens: MaxOutputTokens = 0,
) -> Annotated[CallToolResult, Estimate]:
    """Estimate what a call would use."""
    journey = await ctx.request_context.lifespan_context.journey()
    result = await journey.estimate_tokens(
        images,
        prompt=prompt,
        model=model,
        detail=detail,
        max_output_tokens=max_output_tokens,
    )
    return answered(result, _as_text(result))


def _as_text(result: Estimate) -> str:
    """Return the estimate as Markdown, for hosts that show text."""
    rows = [
        "| image | found | sent | tokens |",
        "| --- | --- | --- | --- |",
        *(_row(number, image) for number, image in enumerate(result.images, 1)),
    ]
    told = [
        f"One call to **{result.model}** would read {_range(result)} input tokens, "
        f"{result.image_tokens:,} of the images and {result.text_tokens:,} of the words. "
        f"{_cost(result)}{_window(result)}",
        "\n".join(rows),
        f"Counted by “{result.rule}” ({result.evidence}, {result.date}).",
    ]
    if cheaper := result.cheaper:
        told.append(f"{cheaper.suggestion} That takes {cheaper.input_tokens:,} input tokens.")
    return "\n\n".join([*told, *result.warnings])


def _row(number: int, image: ImageEstimate) -> str:
    sent = f"{image.sent_width}x{image.sent_height}"
    if image.parts:
        sent = f"{image.parts} parts of up to {sent}"
    # The source is the caller's own text, which Markdown must not interpret: its number stands.
    return f"| {number} | {image.width}x{image.height} {image.format} | {sent} | {image.tokens:,} |"


def _cost(result: Estimate) -> str:
    if result.cost_usd is None:
        return "The cost is not known."
    answer = "without the answer" if result.output_tokens is None else "with the answer"
    most = result.cost_usd_max
    at_most = "" if most in {None, result.cost_usd} else f", at most {dollars(most or 0.0)}"
    return f"That costs {dollars(result.cost_usd)}{at_most}, {answer}."


def _window(result: Estimate) -> str:
    if result.fits is None:
        return ""
    window = f"the model's context window has {result.context_window:,} tokens"
    return f" It fits: {window}." if result.fits else f" It does **not** fit: {window}."


def _range(result: Estimate) -> str:
    if result.input_tokens_min == result.input_tokens_max:
        return f"{result.input_tokens:,}"
    likely, least, most = result.input_tokens, result.input_tokens_min, result.input_tokens_max
    return f"about {likely:,} ({least:,} to {most:,})"
