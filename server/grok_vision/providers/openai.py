"""OpenAI: facts read from public material on 2026-11-20. No live call was made."""

from grok_vision.providers import schema_dialects
from grok_vision.providers.facts import ImageLimits, Provider
from grok_vision.providers.openai_models import MODELS, RETIRED
from grok_vision.providers.openai_tokens import GUIDE, LIKE_GPT

_MB = 1_000_000

OPENAI = Provider(
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com/v1",
    key_field="openai_api_key",
    default_model="gpt-5.4-mini",
    images=ImageLimits(
        # Its error still says "below 20 MB"; the guide has a limit for the payload only.
        max_bytes=20 * _MB,
        max_side=8192,
        # 500 images and 50 MB in older guides.
        max_images=1500,
        # Three quarters of the payload, which is base64, less room for words.
        max_total_bytes=380 * _MB,
        evidence=GUIDE,
    ),
    tokens=LIKE_GPT,
    max_body_bytes=512 * _MB,
    # The vision guide; slow hosts time out (glific #5213, 2026-06).
    fetches_urls=True,
    json_forms=frozenset({"json_schema", "json_object"}),
    schema_dialect=schema_dialects.OPENAI,
    models=MODELS,
    retired=RETIRED,
    evidence=GUIDE,
)
