"""OpenAI: facts read from public material on 2026-11-20. No live call was made."""

from grok_vision.providers.facts import Evidence, ImageLimits, ModelProfile, Provider

_MIB = 1024 * 1024
_GUIDE = Evidence("documented", "OpenAI vision guide", "2026-09-29")

OPENAI = Provider(
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com/v1",
    key_field="openai_api_key",
    default_model="gpt-5.4-mini",
    images=ImageLimits(max_bytes=20 * _MIB, max_side=6000, evidence=_GUIDE),
    max_body_bytes=512 * _MIB,
    # The vision guide; slow hosts time out (glific #5213, 2026-06).
    fetches_urls=True,
    models=(ModelProfile(name="gpt-5.4-mini", evidence=_GUIDE),),
)
