"""Groq: facts read from public material on 2026-11-20. No live call was made."""

from dataclasses import replace

from grok_vision.providers import schema_dialects
from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, ModelProfile, Provider, Retired
from grok_vision.providers.families import LLAMA_3_2, LLAMA_4
from grok_vision.providers.fit import Fit, Fits
from grok_vision.providers.prices import Prices
from grok_vision.providers.token_rules import Flat

_MIB = 1024 * 1024
# Older pages cap a request with base64 at 4 MB; the newest is silent, so the cap stays.
_PICTURES = 3 * _MIB - 65_536
_DOCS = Evidence("documented", "console.groq.com/docs/vision", "2026-10")
_MODEL_PAGE = Evidence("documented", "console.groq.com/docs/model/qwen/qwen3.8-27b", "2026-10")
_ENDED = Evidence("documented", "console.groq.com/docs/deprecations", "2026-10")

# Each picture is 2,048 tokens, of 32 x 32 pixels in this family: what is more cannot be seen
# (assumed). Older pages refuse pictures over 33,177,600 pixels.
_SEEN = Fit(max_pixels=2048 * 32 * 32)

_FLAT = Flat(
    name="groq: flat 2048",
    tokens=2048,
    fits=Fits(low=_SEEN, auto=_SEEN, high=_SEEN),
    evidence=_DOCS,
)
# Its page speaks of the one model that sees.
_LIKE_FLAT = replace(
    _FLAT,
    name="groq: flat 2048, not verified",
    least=64,
    most=16_384,
    evidence=Evidence("assumed", "as qwen3.8-27b there", "2026-11-20"),
)

_VISION = "qwen/qwen3.8-27b"

GROQ = Provider(
    name="groq",
    title="Groq",
    base_url="https://api.groq.com/openai/v1",
    key_field="groq_api_key",
    default_model=_VISION,
    images=ImageLimits(
        max_bytes=_PICTURES,
        max_side=8192,
        max_images=3,
        max_total_bytes=_PICTURES,
        evidence=_DOCS,
    ),
    tokens=_LIKE_FLAT,
    max_body_bytes=4 * _MIB,
    # Its vision page: a picture of up to 20 MB by URL.
    fetches_urls=True,
    # JSON not together with streaming or tools (console.groq.com/docs/structured-outputs).
    streams="prose",
    json_forms=frozenset({"json_schema", "json_object"}),
    schema_dialect=schema_dialects.GROQ,
    evidence=_DOCS,
    models=(
        ModelProfile(
            name=_VISION,
            context_window=131_072,
            max_output=16_384,
            # No price is named for cached input.
            prices=Prices(input=0.80, cached=0.80, output=4.00, evidence=_MODEL_PAGE),
            tokens=_FLAT,
            # It thinks by default; the qwen3 family alone takes "none" (docs/reasoning).
            reasoning_effort="none",
            evidence=_MODEL_PAGE,
        ),
    ),
    retired={
        "qwen/qwen3.6-27b": Retired(_VISION, _ENDED),
        "meta-llama/llama-4-scout-17b-16e-instruct": Retired(_VISION, _ENDED, LLAMA_4),
        "meta-llama/llama-4-maverick-17b-128e-instruct": Retired(_VISION, _ENDED, LLAMA_4),
        # "The model has been decommissioned" (valentinfrlch/ha-llmvision#311, 2025-04-14).
        "llama-3.2-11b-vision-preview": Retired(_VISION, _ENDED, LLAMA_3_2),
        "llama-3.2-90b-vision-preview": Retired(_VISION, _ENDED, LLAMA_3_2),
    },
)
