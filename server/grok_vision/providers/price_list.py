"""Prices and context windows of models that the tables do not hold, from genai-prices (Pydantic).

The package brings its list along; nothing is fetched. Importing it costs about 0.3 s, so it is
imported at the first question only.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import Provider
from grok_vision.providers.prices import Prices

if TYPE_CHECKING:
    from genai_prices.types import MatchLogic, ModelInfo, ModelPrice, TieredPrices

# Our providers by its names for them.
_IDS = {
    "xai": "x-ai",
    "openai": "openai",
    "groq": "groq",
    "together": "together",
    "openrouter": "openrouter",
}
# How OpenRouter marks what costs nothing; its entry in the list has no prices then.
_FREE = ":free"


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list says of a model."""

    prices: Prices
    context_window: int | None


def listed(provider: Provider, model: str) -> Listed | None:
    """Return what the list says of the provider's model today, or None where it is silent or old.

    It is asked by the exact name. The first call reads the list, which blocks for about 0.3 s.
    """
    if any(fnmatchcase(model.lower(), pattern) for pattern in provider.mispriced):
        return None
    entry = _entry(provider, model.lower())
    if entry is None:
        return None
    prices = _prices(entry.get_prices(datetime.now(UTC)), is_free=model.lower().endswith(_FREE))
    return Listed(prices, entry.context_window) if prices else None


def _entry(provider: Provider, name: str) -> "ModelInfo | None":
    # The data that came with the package, also where somebody has it update itself.
    from genai_prices.data import providers

    ours = (each for each in providers if each.id == _IDS.get(provider.name))
    models = [model for each in ours for model in each.models]
    by_id = (model for model in models if model.id.lower() == name)
    by_match = (model for model in models if _names(model.match, name))
    return next(by_id, None) or next(by_match, None)


def _names(match: "MatchLogic", name: str) -> bool:
    """Tell whether the rule names the model; beginnings and fragments of names are guesses."""
    from genai_prices.types import ClauseEquals, ClauseOr, ClauseRegex

    if isinstance(match, ClauseOr):
        return any(_names(each, name) for each in match.or_)
    if isinstance(match, ClauseEquals):
        return match.equals.lower() == name
    if isinstance(match, ClauseRegex):
        return match.regex[:1] + match.regex[-1:] == "^$" and bool(re.match(match.regex, name))
    return False


def _prices(found: "ModelPrice", *, is_free: bool) -> Prices | None:
    """Return the prices for text, and for pictures where those cost the same."""
    if is_free:
        return Prices(input=0.0, cached=0.0, output=0.0, evidence=_evidence())
    read, written = found.input_mtok, found.output_mtok
    pictures, cached = found.input_image_mtok, found.cache_read_mtok
    kept = found.cache_write_mtok
    if read is None or written is None or pictures not in (None, read):
        return None
    start = _start(read) or _start(written)
    return Prices(
        input=_base(read),
        cached=_base(read if cached is None else cached),
        output=_base(written),
        cache_write=None if kept is None else _base(kept),
        long_context_from=start,
        long_context_factor=_factor(read),
        long_output_factor=_factor(written) if start else None,
        evidence=_evidence(),
    )


def _base(price: "Decimal | TieredPrices") -> float:
    return float(price if isinstance(price, Decimal) else price.base)


def _start(price: "Decimal | TieredPrices") -> int | None:
    """Return the number of input tokens from which the price is another; its tiers start after."""
    return None if isinstance(price, Decimal) or not price.tiers else price.tiers[0].start + 1


def _factor(price: "Decimal | TieredPrices") -> float:
    """Return how much dearer the first tier is; the second, which few models have, is left out."""
    if isinstance(price, Decimal) or not price.tiers or not price.base:
        return 1.0
    return round(float(price.tiers[0].price / price.base), 6)


@cache
def _evidence() -> Evidence:
    """Return how the list is known; its date is that of the newest price in it."""
    from genai_prices.data import providers
    from genai_prices.types import ModelPrice, StartDateConstraint

    today = datetime.now(UTC).date()
    changes = (
        change.constraint.start_date
        for provider in providers
        for model in provider.models
        if not isinstance(model.prices, ModelPrice)
        for change in model.prices
        if isinstance(change.constraint, StartDateConstraint)
    )
    newest = max((day for day in changes if day <= today), default=today)
    return Evidence("third party", f"genai-prices {version('genai-prices')}", newest.isoformat())
