"""What was used and spent."""

from typing import Annotated

from pydantic import Field

from grok_vision.results.base import Result


class ModelSpending(Result):
    """What one model has used since the count began."""

    provider: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    image_tokens: int
    cached_tokens: int
    cost_usd: Annotated[float, Field(description="Of the calls whose cost is known.")]
    calls_without_cost: int = 0


class Spending(Result):
    """What this process, or all that share a Redis, used by model: the resource vision://usage."""

    models: list[ModelSpending]
    calls: int
    cost_usd: float
    max_usd: Annotated[float | None, Field(description="GROK_VISION_MAX_USD.")] = None
    expected_usd: Annotated[
        float | None,
        Field(
            description="Of calls whose cost is not known, as expected before they were made: "
            "what is left is reckoned with it."
        ),
    ] = None
    left_usd: float | None = None
