"""OpenRouter: facts read from public material on 2026-11-20. No live call was made.

It serves hundreds of models, so none is named here: what is known of a model elsewhere holds, and
prices come from the list in `price_list`.
"""

from grok_vision.providers import schema_dialects
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
    # Every answer has `usage.cost` in dollars (openrouter.ai/docs, usage accounting).
    reports_cost="usd",
    # For compatible models (openrouter.ai/docs/structured-outputs).
    json_forms=frozenset({"json_schema", "json_object"}),
    schema_dialect=schema_dialects.OPENROUTER,
    # The id that its page of activity and /generation know (Toloka/tolokaforge#1242, 2026-08-19).
    request_id_headers=("x-generation-id", "x-request-id", "cf-ray"),
)
