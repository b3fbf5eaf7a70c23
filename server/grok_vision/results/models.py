"""What is known of models, and what their providers say of them."""

from typing import Annotated, Literal

from pydantic import Field

from grok_vision.results.base import Result

Fact = Literal[
    "takes_images",
    "context_window",
    "input_usd",
    "cached_usd",
    "output_usd",
    "long_context_from",
    "long_input_usd",
    "long_output_usd",
]
Grade = Literal["recorded", "vendor source", "documented", "third party", "assumed"]


class ModelFacts(Result):
    """What a model can do and costs; what is not known is left out."""

    takes_images: bool | None = None
    context_window: Annotated[int | None, Field(description="Tokens.")] = None
    input_usd: Annotated[
        float | None, Field(description="US dollars for a million input tokens.")
    ] = None
    cached_usd: Annotated[
        float | None, Field(description="The same, of what the provider has cached.")
    ] = None
    output_usd: Annotated[
        float | None, Field(description="US dollars for a million output tokens.")
    ] = None
    long_context_from: Annotated[
        int | None, Field(description="Input tokens from which on a call has other prices.")
    ] = None
    long_input_usd: float | None = None
    long_output_usd: float | None = None


class KnownName(Result):
    """Which model it is, first in its row."""

    provider: Annotated[
        str, Field(description="any: the family counts alike wherever it is served.")
    ]
    model: Annotated[
        str | None, Field(description="Left out: whatever model this provider serves.")
    ] = None
    default: Annotated[bool, Field(description="It is asked where a call names no model.")] = False
    aliases: list[str] = []
    names: Annotated[
        list[str], Field(description="Patterns of further names, of which the same holds.")
    ] = []


class ModelRow(ModelFacts, KnownName):
    """A known model, what may be sent to it, and how it counts pictures."""

    prices_source: str | None = None
    prices_date: str | None = None
    screenshot_tokens: Annotated[
        int, Field(description="Of a screenshot of 1920x1080 pixels, by the formula.")
    ]
    screenshot_usd: Annotated[
        float | None, Field(description="US dollars for 1,000 such screenshots, as input.")
    ] = None
    max_images: Annotated[
        int | None, Field(description="In one request; left out where no limit is known.")
    ] = None
    max_image_bytes: Annotated[
        int | None, Field(description="Of one picture, before base64, as it is sent.")
    ] = None
    max_images_bytes: Annotated[int | None, Field(description="Of all pictures of a call.")] = None
    max_body_bytes: Annotated[int | None, Field(description="Of the whole request.")] = None
    limits_evidence: Annotated[
        Grade | None, Field(description="How the limits of pictures are known.")
    ] = None
    rule: Annotated[str, Field(description="The formula by which the model counts pictures.")]
    evidence: Annotated[Grade, Field(description="How the formula is known.")]
    source: Annotated[str, Field(description="Where the formula is from.")]
    date: Annotated[str, Field(description="When it was last true.")]


class ModelTable(Result):
    """The known models, those of the configured provider first: the resource vision://models."""

    provider: Annotated[str, Field(description="The configured one.")]
    models: list[ModelRow]


class ListedName(Result):
    """Which model it is, as its provider calls it."""

    model: str
    aliases: list[str] = []


class ListedModel(ModelFacts, ListedName):
    """A model in a provider's own list."""


class Difference(Result):
    """A fact of a model that its provider states otherwise."""

    model: str
    fact: Fact
    ours: Annotated[
        bool | int | float | None, Field(description="Left out where it was not known.")
    ] = None
    theirs: bool | int | float


class Differences(Result):
    """How a provider's own list of models differs from what is known here."""

    provider: str
    listed: Annotated[int, Field(description="How many models the provider lists.")]
    differing: list[Difference]
    missing: Annotated[list[str], Field(description="Known here, and not listed.")]
    new: Annotated[
        list[ListedModel], Field(description="Listed as taking pictures, and not known here.")
    ]
    untold: Annotated[
        list[str],
        Field(description="Not known here; whether they take pictures is not told."),
    ]
