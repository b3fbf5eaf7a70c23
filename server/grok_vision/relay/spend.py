"""What a call used and cost, in our own terms."""

from grok_vision.providers import Choice, Prices, Provider
from grok_vision.relay.attempt import Attempt
from grok_vision.relay.completion import WireUsage
from grok_vision.results import Usage

# xAI: 1 USD = 10^10 ticks (published OpenAPI, 2026).
_TICKS_PER_USD = 1e10

FREE = Usage(cost_usd=0.0, cost_source="computed")


def usage(attempt: Attempt, choice: Choice) -> Usage | None:
    """Return tokens and cost of the attempt, or None where nothing was reported.

    The price is that of the model that answered, where it is known.
    """
    if attempt.usage is None:
        return None
    tokens = _tokens(attempt.usage, choice.provider)
    if not choice.provider.bills:
        return tokens.model_copy(update=FREE.model_dump(exclude_none=True))
    reported = _reported(attempt.usage, choice.provider)
    if reported is not None:
        return tokens.model_copy(update={"cost_usd": reported, "cost_source": "reported"})
    answered = choice.answered_by(attempt.model)
    return _priced(tokens, answered.prices if answered else None)


def _tokens(wire: WireUsage, provider: Provider) -> Usage:
    reasoning = wire.completion_tokens_details.reasoning_tokens
    output = wire.completion_tokens
    if output is not None and reasoning and provider.reasoning_in_output:
        output = max(0, output - reasoning)
    return Usage(
        input_tokens=wire.prompt_tokens,
        output_tokens=output,
        reasoning_tokens=reasoning,
        image_tokens=wire.prompt_tokens_details.image_tokens,
        cached_tokens=wire.prompt_tokens_details.cached_tokens,
        total_tokens=wire.total_tokens,
    )


def _reported(wire: WireUsage, provider: Provider) -> float | None:
    if provider.reports_cost == "usd":
        return None if wire.cost is None else _charged(wire, wire.cost)
    # xAI's, also where a relay hands it on: no other field is called so.
    ticks = wire.cost_in_usd_ticks
    return None if ticks is None else ticks / _TICKS_PER_USD


def _charged(wire: WireUsage, cost: float) -> float | None:
    """Return all that the call cost, or None where a part of it is not told.

    OpenRouter: with a key of one's own at the model's maker, `cost` is OpenRouter's fee alone,
    often 0, and the maker's bill is upstream_inference_cost. In other calls that figure may be
    there too, and is a part of `cost` (openrouter.ai/docs/use-cases/usage-accounting;
    DataDog/dd-trace-py#19324, recorded answers, 2026-07-27).
    """
    if not wire.is_byok:
        return cost
    upstream = wire.cost_details.upstream_inference_cost
    return None if upstream is None else cost + upstream


def _priced(tokens: Usage, prices: Prices | None) -> Usage:
    if prices is None or tokens.input_tokens is None or tokens.output_tokens is None:
        return tokens
    written = tokens.output_tokens + (tokens.reasoning_tokens or 0)
    cost = prices.cost(tokens.input_tokens, written, tokens.cached_tokens or 0)
    return tokens.model_copy(update={"cost_usd": cost, "cost_source": "computed"})
