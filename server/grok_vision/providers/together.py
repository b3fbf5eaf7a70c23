"""Together: facts read from public material on 2026-11-20. No live call was made."""

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, Provider
from grok_vision.providers.families import UNKNOWN

_MIB = 1024 * 1024

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
    evidence=Evidence("documented", "docs.together.ai", "2026-11-20"),
    # Its vision page has only examples with URLs.
    fetches_urls=True,
    output_limit="max_tokens",
)
