"""Servers that people run themselves, and any other OpenAI-compatible endpoint.

None of them needs a key, and the limits are those of the model that was loaded.
"""

from dataclasses import replace

from grok_vision.providers import schema_dialects
from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, Provider
from grok_vision.providers.families import UNKNOWN

_MIB = 1024 * 1024

CUSTOM = Provider(
    name="custom",
    title="the configured endpoint",
    base_url=None,
    key_field=None,
    default_model="",
    images=ImageLimits(
        max_bytes=10 * _MIB,
        max_side=4096,
        # Qwen-VL servers refuse a side below 28 pixels (huggingface/transformers#37264).
        evidence=Evidence("assumed", "limits are those of the model served", "2026-11-20"),
    ),
    tokens=UNKNOWN,
    evidence=Evidence("assumed", "OpenAI-compatible", "2026-11-20"),
    # Ollama (#4474, #6753) and LM Studio (#1120) fetch no URL. llama.cpp and vLLM do, but from
    # within this network and by a lookup of their own, so that what was checked here may lead
    # elsewhere there (CVE-2025-6242): URLs are fetched here for all of them.
    fetches_urls=False,
    # llama.cpp, LM Studio and older vLLM know only the older name.
    output_limit="max_tokens",
)

# All four take schemas: llama.cpp (tools/server/README.md), Ollama
# (docs.ollama.com/capabilities/structured-outputs), vLLM (docs.vllm.ai, structured outputs), and
# LM Studio, which refuses `json_object` (lmstudio-bug-tracker#189). JPEG and PNG alone are safe:
# WebP fails in llama.cpp (cline#8977), LM Studio (#1752) and older Ollama.
_OWN = replace(
    CUSTOM,
    bills=False,
    json_forms=frozenset({"json_schema", "json_object"}),
    schema_dialect=schema_dialects.LLAMACPP,
)

OLLAMA = replace(
    _OWN,
    name="ollama",
    title="Ollama",
    base_url="http://localhost:11434/v1",
    schema_dialect=schema_dialects.OLLAMA,
)
LMSTUDIO = replace(
    _OWN,
    name="lmstudio",
    title="LM Studio",
    base_url="http://localhost:1234/v1",
    # "'response_format.type' must be 'json_schema' or 'text'" (webai-at-home#219, 2026-08-20)
    json_forms=frozenset({"json_schema"}),
    # {"error": "'url' field must be a base64 encoded image."} (lmstudio-bug-tracker#1752, 2026-04)
    error_shape="string",
)
# llama.cpp serves the one model it was started with, whatever the name.
LLAMACPP = replace(
    _OWN,
    name="llamacpp",
    title="llama.cpp",
    base_url="http://localhost:8080/v1",
    default_model="default",
)
# It names its requests only with --enable-request-id-headers (docs.vllm.ai).
VLLM = replace(
    _OWN,
    name="vllm",
    title="vLLM",
    base_url="http://localhost:8000/v1",
    schema_dialect=schema_dialects.VLLM,
)
