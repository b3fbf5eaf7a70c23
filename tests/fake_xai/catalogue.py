"""The models xAI serves, and the catalogue endpoints.

Models, windows and prices: (docs.x.ai/developers/models, last updated
2026-09-21; litellm 1.109.1). Efforts: (llmgateway PR 3573, 2026-08-12). Hidden prompts: recorded.
"""

from dataclasses import dataclass, replace
from typing import Any

from tests.fake_xai.response import RefusalError, flat

# The catalogue's unit is USD cents per 100M tokens. One cent per 100M tokens is 1e-10 USD
# per token, which is the tick of `cost_in_usd_ticks`: the same number serves for both.
USD_PER_MILLION = 10_000

LONG_PROMPT = 200_000  # from here on, prices double
CREATED = 1_767_225_600  # 2026-01-01; the stand-in's own choice


@dataclass(frozen=True)
class Model:
    """One model: what it accepts and what it costs, in ticks per token."""

    id: str
    aliases: tuple[str, ...]
    context: int
    text_price: int
    cached_price: int
    output_price: int
    hidden_prompt: int  # tokens of xAI's own system prompt
    efforts: frozenset[str] = frozenset()  # accepted values; empty: the argument is refused
    effort: str = "none"  # what it does when nothing is said
    takes_stop: bool = False
    doubles: bool = True  # whether a long prompt costs double


def _model(name: str, prices: tuple[float, float, float], **facts: Any) -> Model:
    text, cached, output = (round(price * USD_PER_MILLION) for price in prices)
    return Model(name, text_price=text, cached_price=cached, output_price=output, **facts)


_SMALL_EFFORTS = frozenset({"minimal", "low", "medium", "high"})  # minimal means low
_LARGE_EFFORTS = _SMALL_EFFORTS | {"xhigh"}

# "hi" was billed 637 tokens on 4.6 and 185 on 4.20-non-reasoning, of which 1 is "hi".
# The rest of the table borrows those two: reasoning models the first, others the second.
_THINKS: dict[str, Any] = {"hidden_prompt": 636}
_QUICK: dict[str, Any] = {"hidden_prompt": 184, "context": 1_000_000, "takes_stop": True}
_FLAGSHIP: dict[str, Any] = {**_THINKS, "context": 500_000, "effort": "high"}

GROK_4_3 = _model(
    "grok-4.3",
    (1.25, 0.20, 2.50),
    aliases=("grok-4.3-latest",),
    context=1_000_000,
    efforts=frozenset({"none", "low", "medium", "high", "xhigh"}),
    effort="low",
    takes_stop=True,
    **_THINKS,
)

# That 4.20 and build refuse `reasoning_effort` is the stand-in's choice: nothing says they take it.
MODELS = (
    _model(
        "grok-4.7",
        (2.00, 0.50, 6.00),
        aliases=("grok-4.7-latest",),
        efforts=_LARGE_EFFORTS,
        **_FLAGSHIP,
    ),
    _model(
        "grok-4.6",
        (2.00, 0.50, 6.00),
        aliases=("grok-4.6-latest",),
        efforts=_LARGE_EFFORTS,
        **_FLAGSHIP,
    ),
    _model(
        "grok-4.5",
        (2.00, 0.30, 6.00),
        aliases=("grok-4.5-latest", "grok-build-latest"),
        efforts=_SMALL_EFFORTS,
        **_FLAGSHIP,
    ),
    GROK_4_3,
    _model("grok-4.20-0309-non-reasoning", (1.25, 0.20, 2.50), aliases=(), **_QUICK),
    _model(
        "grok-4.20-0309-reasoning", (1.25, 0.20, 2.50), aliases=(), **_QUICK | {"effort": "medium"}
    ),
    _model(
        "grok-4.20-multi-agent-0309",
        (1.25, 0.20, 2.50),
        aliases=("grok-4.20-multi-agent",),
        **_QUICK | {"effort": "medium"},
    ),
    _model(
        "grok-build-0.1",
        (1.00, 0.20, 2.00),
        aliases=("grok-code-fast-1",),
        **_QUICK | {"context": 256_000, "doubles": False},
    ),
)

# Retired 2026-05-15. They are served and billed as grok-4.3, which the answer names: with effort
# low where the slug reasoned and none where it did not.
_QUIET_4_3 = replace(GROK_4_3, efforts=frozenset(), effort="none")
REDIRECTED = {
    "grok-4-0709": GROK_4_3,
    "grok-4-fast": GROK_4_3,
    "grok-4-fast-reasoning": GROK_4_3,
    "grok-4-fast-non-reasoning": _QUIET_4_3,
    "grok-4-1-fast": GROK_4_3,
    "grok-4-1-fast-reasoning": GROK_4_3,
    "grok-4-1-fast-non-reasoning": _QUIET_4_3,
    "grok-3": _QUIET_4_3,
}

_BY_NAME = {name: model for model in MODELS for name in (model.id, *model.aliases)} | REDIRECTED


def find_model(name: str) -> Model:
    """The model that serves this name, or a refusal: 400, not 404."""
    if name not in _BY_NAME:
        raise _not_found(name)
    return _BY_NAME[name]


def _not_found(name: str) -> RefusalError:
    return flat(400, "invalid-argument", f"Model not found: {name}")


def list_models() -> dict[str, Any]:
    """The body of GET /v1/models."""
    return {"object": "list", "data": [_entry(model) for model in MODELS]}


def _entry(model: Model) -> dict[str, Any]:
    prices = _prices(model)
    entry = _identity(model) | {"context_length": model.context} | prices
    if model.doubles:
        entry["long_context_threshold"] = LONG_PROMPT
        entry |= {f"{name}_long_context": price * 2 for name, price in prices.items()}
    return entry


def list_language_models() -> dict[str, Any]:
    """The body of GET /v1/language-models."""
    extras = {
        "fingerprint": "fp_standin",
        "version": "1.0.0",
        "input_modalities": ["text", "image"],
        "output_modalities": ["text"],
        "search_price": 0,
    }
    return {"models": [_identity(model) | extras | _prices(model) for model in MODELS]}


def _identity(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "created": CREATED,
        "object": "model",
        "owned_by": "xai",
        "aliases": list(model.aliases),
    }


def _prices(model: Model) -> dict[str, int]:
    return {
        "prompt_text_token_price": model.text_price,
        "cached_prompt_text_token_price": model.cached_price,
        "prompt_image_token_price": model.text_price,
        "completion_text_token_price": model.output_price,
    }
