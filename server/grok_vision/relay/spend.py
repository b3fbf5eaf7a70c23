"""What a call used and cost, in our own terms."""

from grok_vision.providers import ModelProfile, Prices, Provider
from grok_vision.relay.completion import Completion, WireUsage
from grok_vision.results import Usage

# xAI: 1 USD = 10^10 ticks (published OpenAPI, 2026).
_TICKS_PER_USD = 1e10


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
    written = tokens.output_tokens + (tokens.reasoning_tokens or 0)
    cost = prices.cost(tokens.input_tokens, written, tokens.cached_tokens or 0)
    return tokens.model_copy(update={"cost_usd": cost, "cost_source": "computed"})
