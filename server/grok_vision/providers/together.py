"""Together: facts read from public material on 2026-11-20. No live call was made."""

from dataclasses import replace

from grok_vision.providers import schema_dialects
from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, ModelProfile, Provider
from grok_vision.providers.families import DEEPSEEK_4_1, QWEN3_VL, UNKNOWN
from grok_vision.providers.prices import Prices
from grok_vision.providers.token_rules import TokenRule

_MIB = 1024 * 1024

_DOCS = Evidence("documented", "docs.together.ai", "2026-11-20")
_PRICE_LIST = Evidence("third party", "litellm 1.109.1, from api.together.ai/v1/models", "2026-11")

# Its page counts 1,601 tokens for each tile of 560 pixels, which was Llama 3.2, gone since; its
# table and its formula disagree too (700 x 700: 6,404 or 1,601). So models count as elsewhere.
_QWEN = replace(
    QWEN3_VL,
    name="qwen3-vl: 32-pixel cells + 2, as elsewhere",
    evidence=Evidence("assumed", "transformers 5.23.0; Together names no rule", "2026-11-20"),
)


def _model(
    name: str,
    context_window: int,
    prices: tuple[float, float, float],
    *,
    max_output: int | None = None,
    tokens: TokenRule | None = None,
    always_reasons: bool = False,
) -> ModelProfile:
    """Return a profile; `prices` are those of input, cached input and output."""
    return ModelProfile(
        name=name,
        context_window=context_window,
        max_output=max_output,
        prices=Prices(input=prices[0], cached=prices[1], output=prices[2], evidence=_PRICE_LIST),
        tokens=tokens,
        always_reasons=always_reasons,
        evidence=_PRICE_LIST,
    )


TOGETHER = Provider(
    name="together",
    title="Together",
    base_url="https://api.together.xyz/v1",
    key_field="together_api_key",
    default_model="Qwen/Qwen3.5-9B",
    # Together publishes no image limits: what every other provider takes is assumed.
    images=ImageLimits(
        max_bytes=10 * _MIB,
        max_side=4096,
        evidence=Evidence("assumed", "no limits published", "2026-11-20"),
    ),
    tokens=UNKNOWN,
    # Its vision page has only examples with URLs.
    fetches_urls=True,
    output_limit="max_tokens",
    json_forms=frozenset({"json_schema", "json_object"}),
    schema_dialect=schema_dialects.TOGETHER,
    # What its own Python package takes as the request's id (together_response.py).
    request_id_headers=("x-request-id", "cf-ray"),
    evidence=_DOCS,
    # What it serves without a dedicated endpoint; other names may be a customer's own.
    models=(
        # No price is named for cached input.
        _model("Qwen/Qwen3.5-9B", 262_144, (0.17, 0.17, 0.25), tokens=_QWEN),
        # "Thinks by default", and within max_tokens (docs.together.ai/docs/kimi-k3-quickstart).
        _model("moonshotai/Kimi-K3", 1_048_576, (3.00, 0.30, 15.00), always_reasons=True),
        _model("zai-org/GLM-5.3-Flash", 1_048_575, (0.15, 0.03, 0.50), max_output=128_000),
        _model("nvidia/NVIDIA-Nemotron-3.5-Super-VL", 262_144, (0.15, 0.02, 0.50)),
        _model(
            "deepseek-ai/DeepSeek-V4.1-Flash-1017",
            1_048_576,
            (0.30, 0.006, 1.20),
            tokens=DEEPSEEK_4_1,
        ),
        # litellm names 2026-11-06 as its last day; Together's own word was not found.
        _model("MiniMaxAI/MiniMax-M3", 524_288, (0.30, 0.06, 1.20)),
    ),
)
