"""Groq: facts read from public material on 2026-11-20. No live call was made."""

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, ModelProfile, Prices, Provider
from grok_vision.providers.token_rules import Flat

_MIB = 1024 * 1024
# Older pages cap a request with base64 at 4 MB; the newest is silent, so the cap stays.
_PICTURES = 3 * _MIB - 65_536
_DOCS = Evidence("documented", "console.groq.com/docs/vision", "2026-10")

GROQ = Provider(
    name="groq",
    title="Groq",
    base_url="https://api.groq.com/openai/v1",
    key_field="groq_api_key",
    default_model="qwen/qwen3.8-27b",
    images=ImageLimits(
        max_bytes=_PICTURES,
        max_side=5760,
        max_images=3,
        max_total_bytes=_PICTURES,
        evidence=_DOCS,
    ),
    tokens=Flat(name="groq: flat", tokens=2048, evidence=_DOCS),
    max_body_bytes=4 * _MIB,
    # Its vision page: a picture of up to 20 MB by URL.
    fetches_urls=True,
    evidence=_DOCS,
    models=(
        ModelProfile(
            name="qwen/qwen3.8-27b",
            context_window=131_072,
            prices=Prices(input=0.80, cached=0.80, output=4.00, evidence=_DOCS),
            evidence=_DOCS,
        ),
    ),
)
