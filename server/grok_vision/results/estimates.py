"""What a call would use and cost."""

from typing import Annotated, Literal

from pydantic import Field

from grok_vision.results.base import Result


class ImageEstimate(Result):
    """What one picture would use, from its header alone."""

    source: Annotated[str, Field(description="As the caller wrote it.")]
    format: Annotated[str, Field(description="Format of the bytes found, such as PNG.")]
    width: Annotated[int, Field(description="Pixels, as stored in the file.")]
    height: int
    bytes: Annotated[
        int | None, Field(description="Size of the file; left out where its host does not tell.")
    ] = None
    sent_width: Annotated[
        int, Field(description="Pixels as it would be sent; of its largest part.")
    ]
    sent_height: int
    parts: Annotated[
        int | None, Field(description="Into how many parts it would be split, where it would.")
    ] = None
    tokens: Annotated[int, Field(description="Tokens of the whole picture, the likely figure.")]
    tokens_min: int
    tokens_max: int


class Cheaper(Result):
    """A call that would do with less."""

    suggestion: Annotated[str, Field(description="What to change, and what is lost by it.")]
    image_tokens: int
    input_tokens: int
    cost_usd: float | None = None


class Estimate(Result):
    """What a call would use and cost, before it is made: the answer of estimate_tokens."""

    images: list[ImageEstimate]
    image_tokens: int
    image_tokens_min: int
    image_tokens_max: int
    text_tokens: Annotated[
        int,
        Field(
            description="Your words and our instructions, from their bytes, and what the provider "
            "adds of its own."
        ),
    ]
    text_tokens_min: int
    text_tokens_max: int
    input_tokens: int
    input_tokens_min: int
    input_tokens_max: int
    output_tokens: Annotated[
        int | None, Field(description="max_output_tokens, where it was given.")
    ] = None
    context_window: int | None = None
    fits: Annotated[
        bool | None,
        Field(description="Whether the largest input and the answer fit the context window."),
    ] = None
    cost_usd: Annotated[
        float | None,
        Field(
            description="US dollars for the input, and for an answer of max_output_tokens where "
            "that was given."
        ),
    ] = None
    cost_usd_max: float | None = None
    reserved_usd: Annotated[
        float | None,
        Field(
            description="What GROK_VISION_MAX_USD holds back for such a call, where it is set: the "
            "largest input, and an answer of max_output_tokens, else of 1,000; 2,000 more where "
            "the model always reasons."
        ),
    ] = None
    model: str
    provider: str
    rule: Annotated[str, Field(description="The formula by which the model counts pictures.")]
    evidence: Annotated[
        Literal["recorded", "documented", "assumed", "calibrated"],
        Field(
            description="How the formula is known: recorded from real answers, documented by the "
            "provider, assumed, or assumed and corrected from answers to this server."
        ),
    ]
    source: Annotated[str, Field(description="Where the formula is from.")]
    date: Annotated[str, Field(description="When it was last true.")]
    calibrated_from: Annotated[
        int | None, Field(description="How many answers corrected the formula.")
    ] = None
    cheaper: Cheaper | None = None
    warnings: list[str] = []
