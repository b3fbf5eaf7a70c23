"""OpenRouter: facts read from public material on 2026-11-20. No live call was made."""

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, Provider
from grok_vision.providers.families import UNKNOWN

_MIB = 1024 * 1024

OPENROUTER = Provider(
    name="openrouter",
    title="OpenRouter",
    base_url="https://openrouter.ai/api/v1",
    key_field="openrouter_api_key",
    default_model="",
    images=ImageLimits(
        max_bytes=10 * _MIB,
        max_side=4096,
        evidence=Evidence("assumed", "limits are those of the model behind it", "2026-11-20"),
    ),
    tokens=UNKNOWN,
    evidence=Evidence("documented", "openrouter.ai/docs", "2026-11-20"),
    # Its page on image inputs; PNG, JPEG, WebP and GIF.
    fetches_urls=True,
    output_limit="max_tokens",
)
