"""OpenAI."""

from tests.fake_provider.openai_schemas import OPENAI_SCHEMAS
from tests.fake_provider.quirks import UNKNOWN_MODEL, Quirks, nested, page

OPENAI = Quirks(
    name="openai",
    brand="OpenAI",
    address="https://api.openai.com/v1",
    key="openai_api_key",
    models=("gpt-5.4-mini",),
    blind_model="o3-mini",
    # Its reasoning models refuse the older name (devnullvoid/dms-ai-assistant#12, 2026-05).
    caps=frozenset({"max_completion_tokens"}),
    refused=frozenset({"max_tokens", "temperature", "presence_penalty", "frequency_penalty"}),
    efforts=frozenset({"none", "low", "medium", "high", "xhigh"}),
    fetches_urls=True,
    usage="details",
    # Its announcement of 2026-03; the cached one as in adk-model's pricing.rs.
    price=(0.75, 0.075, 4.50),
    answers_as="gpt-5.4-mini-2026-03-17",
    headers={"x-request-id": "req_{id}", "openai-processing-ms": "512"},
    answer_headers={"x-ratelimit-remaining-requests": "499", "x-ratelimit-reset-requests": "120ms"},
    schemas=OPENAI_SCHEMAS,
    failures={
        # openai.com error-codes guide; the key is quoted in part.
        "bad_key": nested(
            401,
            "Incorrect API key provided: wrong-key. You can find your API key at "
            "https://platform.openai.com/account/api-keys.",
            code="invalid_api_key",
        ),
        "unknown_model": nested(
            404,
            f"The model `{UNKNOWN_MODEL}` does not exist or you do not have access to it.",
            code="model_not_found",
        ),
        # roboflow/awesome-openai-vision-api-experiments#11
        "blind": nested(
            400,
            "Invalid content type. image_url is only supported by certain models.",
            param="messages.[1].content.[1].type",
        ),
        # devnullvoid/dms-ai-assistant#12
        "bad_parameter": nested(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            code="unsupported_parameter",
            param="max_tokens",
        ),
        # STranslate/STranslate#277
        "bad_image": nested(
            400,
            "You uploaded an unsupported image. Please make sure your image has of one the "
            "following formats: ['png', 'jpeg', 'gif', 'webp'].",
            code="invalid_image_format",
        ),
        # the-open-agent/openagent#874
        "too_many_images": nested(400, "Too many images in request. Max is 10."),
        "too_large": page(413, "Request Entity Too Large"),
        # vanna-ai/vanna-flask#11: larger than a minute's tokens, so that no waiting helps.
        "too_many_tokens": nested(
            429,
            "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 342389. "
            "The input or output tokens must be reduced in order to run successfully.",
            "tokens",
            "rate_limit_exceeded",
        ),
        # cline/cline#5474
        "context": nested(
            400,
            "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in "
            "289650 tokens. Please reduce the length of the messages.",
            code="context_length_exceeded",
            param="messages",
        ),
        "rate_limit": nested(
            429,
            "Rate limit reached for gpt-5.4-mini in organization org-x on requests per min (RPM): "
            "Limit 500, Used 500, Requested 1. Please try again in 9s. Visit "
            "https://platform.openai.com/account/rate-limits to learn more.",
            "requests",
            "rate_limit_exceeded",
            retry_after="9",
        ),
        # The guide on spend limits, 2026: 429 with one of two codes.
        "no_credit": nested(
            429,
            "Your organization has reached its limit.",
            "insufficient_quota",
            "organization_spend_limit_exceeded",
        ),
        "moderated": nested(
            400,
            "Your input image may contain content that is not allowed by our safety system.",
            code="content_policy_violation",
        ),
        "outage": nested(
            503,
            "The engine is currently overloaded, please try again later.",
            "server_error",
        ),
        "wrong_address": nested(404, "Invalid URL (POST /v1/v1/chat/completions)"),
    },
)
