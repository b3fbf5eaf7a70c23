"""Groq."""

from tests.fake_provider.groq_schemas import GROQ_SCHEMAS
from tests.fake_provider.quirks import UNKNOWN_MODEL, Quirks, nested

GROQ = Quirks(
    name="groq",
    brand="Groq",
    address="https://api.groq.com/openai/v1",
    key="groq_api_key",
    models=("qwen/qwen3.8-27b",),
    blind_model="openai/gpt-oss-120b",
    caps=frozenset({"max_completion_tokens", "max_tokens"}),
    refused=frozenset({"logprobs", "logit_bias"}),
    # Of qwen/qwen3.8-27b; models that do not reason refuse the parameter.
    efforts=frozenset({"none", "default", "low", "medium", "high"}),
    fetches_urls=True,
    max_images=3,
    # 4 MB by its older pages; about 5 MB were accepted in 2025-12 (earendil-works/pi#120).
    max_body=4 * 1024 * 1024,
    image_tokens=2048,
    usage="details",
    # Its page on the model, 2026-10; no price is named for what is cached.
    price=(0.80, 0.80, 4.00),
    thought="reasoning",
    headers={"x-request-id": "req_{id}", "x-groq-region": "fra"},
    answer_headers={"x-ratelimit-remaining-tokens": "17997", "x-ratelimit-reset-tokens": "7.66s"},
    schemas=GROQ_SCHEMAS,
    failures={
        "bad_key": nested(401, "Invalid API Key", code="invalid_api_key"),
        # continuedev/continue#10832
        "unknown_model": nested(
            404,
            f"The model `{UNKNOWN_MODEL}` does not exist or you do not have access to it.",
            code="model_not_found",
        ),
        "retired_model": nested(
            400,
            "The model `llama-3.2-11b-vision-preview` has been decommissioned and is no longer "
            "supported. Please refer to https://console.groq.com/docs/deprecations for a "
            "recommendation on which model to use instead.",
            code="model_decommissioned",
        ),
        # sam3gp8/jarvis-aio#17
        "blind": nested(400, "messages[1].content must be a string", param="messages[1].content"),
        # iamsrikanthnani/pluely#242
        "bad_parameter": nested(400, "`reasoning_effort` is not supported with this model"),
        "bad_image": nested(400, "invalid image data"),
        # As quoted in several public clients' comments, 2026.
        "too_many_images": nested(
            400, "Too many images provided. This model supports up to 3 images"
        ),
        "too_large": nested(413, "Request Entity Too Large", code="request_too_large"),
        # assafelovic/gpt-researcher#985
        "too_many_tokens": nested(
            413,
            "Request too large for model `qwen/qwen3.8-27b` in organization `org_x` on tokens per "
            "minute (TPM): Limit 6000, Requested 14368, please reduce your message size and try "
            "again. Visit https://console.groq.com/docs/rate-limits for more information.",
            "tokens",
            "rate_limit_exceeded",
        ),
        "context": nested(
            400,
            "Please reduce the length of the messages or completion.",
            code="context_length_exceeded",
            param="messages",
        ),
        # openinterpreter/openinterpreter#408; the header: Pythagora-io/gpt-pilot#862
        "rate_limit": nested(
            429,
            "Rate limit reached for model `qwen/qwen3.8-27b` in organization `org_x` on tokens per "
            "minute (TPM): Limit 6000, Used 3513, Requested 3166. Please try again in "
            "6.780999999s. Need more tokens? Upgrade to Dev Tier today at "
            "https://console.groq.com/settings/billing",
            "tokens",
            "rate_limit_exceeded",
            retry_after="7",
        ),
        # console.groq.com/docs/spend-limits
        "no_credit": nested(400, "API access is blocked.", code="blocked_api_access"),
        "outage": nested(503, "Service Unavailable", "internal_server_error"),
        "wrong_address": nested(
            404,
            "Unknown request URL: POST /openai/v1/v1/chat/completions. Please check the URL for "
            "typos, or see the docs at https://console.groq.com/docs/",
            code="unknown_url",
        ),
    },
)
