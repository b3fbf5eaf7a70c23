"""What a call used and cost, in our own terms."""

from grok_vision.providers import ModelProfile, Prices, Provider
from grok_vision.relay.completion import Completion, WireUsage
from grok_vision.results import Usage

# xAI: 1 USD = 10^10 ticks (published OpenAPI, 2026).
_TICKS_PER_USD = 1e10
_MILLION = 1e6


def usage(completion: Completion, provider: Provider, asked: ModelProfile) -> Usage | None:
    """Return tokens and cost of the completion, or None where nothing was reported.

    The price is that of the model that answered, where it is known.
    """
    wire = completion.usage
    if wire is None:
        return None
    reasoning = wire.completion_tokens_details.reasoning_tokens
    output = wire.completion_tokens
    if output is not None and reasoning and provider.reasoning_in_output:
        output = max(0, output - reasoning)
    tokens = Usage(
        input_tokens=wire.prompt_tokens,
        output_tokens=output,
        reasoning_tokens=reasoning,
        image_tokens=wire.prompt_tokens_details.image_tokens,
        cached_tokens=wire.prompt_tokens_details.cached_tokens,
        total_tokens=wire.total_tokens,
    )
    answered = provider.known(completion.model) or asked
    return _priced(tokens, wire, answered.prices)


def _priced(tokens: Usage, wire: WireUsage, prices: Prices | None) -> Usage:
    if wire.cost_in_usd_ticks is not None:
        cost = wire.cost_in_usd_ticks / _TICKS_PER_USD
        return tokens.model_copy(update={"cost_usd": cost, "cost_source": "reported"})
    if prices is None or tokens.input_tokens is None or tokens.output_tokens is None:
        return tokens
    cost = round(_computed(tokens, prices), 10)
    return tokens.model_copy(update={"cost_usd": cost, "cost_source": "computed"})


def _computed(tokens: Usage, prices: Prices) -> float:
    asked = tokens.input_tokens or 0
    # More cached than asked has been seen (vercel/ai guards against it).
    cached = min(tokens.cached_tokens or 0, asked)
    written = (tokens.output_tokens or 0) + (tokens.reasoning_tokens or 0)
    dollars = (
        (asked - cached) * prices.input + cached * prices.cached + written * prices.output
    ) / _MILLION
    long = prices.long_context_from is not None and asked >= prices.long_context_from
    return dollars * prices.long_context_factor if long else dollars
