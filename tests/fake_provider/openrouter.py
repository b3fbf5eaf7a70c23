"""OpenRouter."""

from tests.fake_provider.quirks import UNKNOWN_MODEL, Quirks, body, page
from tests.fake_provider.vllm_schemas import OPENROUTER_SCHEMAS

OPENROUTER = Quirks(
    name="openrouter",
    brand="OpenRouter",
    address="https://openrouter.ai/api/v1",
    key="openrouter_api_key",
    models=("qwen/qwen3-vl-235b-a22b-instruct", "x-ai/grok-4.3"),
    blind_model="deepseek/deepseek-v4-pro",
    open_list=True,
    caps=frozenset({"max_tokens"}),
    fetches_urls=True,
    usage="details",
    cost=0.00123,
    thought="reasoning",
    # Without it, endpoints that know no schema are asked all the same, and answer as they like.
    extras={"provider": {"require_parameters": True}},
    schemas=OPENROUTER_SCHEMAS,
    failures={
        "bad_key": body(401, {"error": {"message": "User not found.", "code": 401}}),
        # RightNow-AI/openfang#697
        "unknown_model": body(
            400,
            {
                "error": {"message": f"{UNKNOWN_MODEL} is not a valid model ID", "code": 400},
                "user_id": "user_x",
            },
        ),
        # openclaw/openclaw#99079: "genuine" missing models, beside the blind ones.
        "retired_model": body(
            404, {"error": {"message": "No endpoints found for vendor/old.", "code": 404}}
        ),
        # NousResearch/hermes-agent#23411
        "blind": body(
            404, {"error": {"message": "No endpoints found that support image input", "code": 404}}
        ),
        # The form: diegosouzapw/OmniRoute#3044; the words: anthropics/claude-code#1747
        "bad_image": body(
            400,
            {
                "error": {
                    "message": "Provider returned error",
                    "code": 400,
                    "metadata": {
                        "raw": '{"type":"error","error":{"type":"invalid_request_error",'
                        '"message":"Could not process image"}}',
                        "provider_name": "Anthropic",
                    },
                },
                "user_id": "user_x",
            },
        ),
        # diegosouzapw/OmniRoute#3044
        "too_many_images": body(
            400,
            {
                "error": {
                    "message": "Provider returned error",
                    "code": 400,
                    "metadata": {
                        "raw": '{"error":{"type":"invalid_request_error","message":"Model '
                        "'moonshotai/kimi-k2.6' supports at most 1 image per prompt.\"}}",
                        "provider_name": "Crucible",
                        "is_byok": False,
                    },
                },
            },
        ),
        "too_large": page(413, "Request Entity Too Large"),
        "context": body(
            400,
            {
                "error": {
                    "message": "This endpoint's maximum context length is 131072 tokens. However, "
                    "you requested about 200000 tokens. Please reduce the length of either one.",
                    "code": 400,
                    "metadata": {"provider_name": None},
                },
            },
        ),
        # open-webui/computer#293
        "rate_limit": body(
            429,
            {
                "error": {
                    "message": "Provider returned error",
                    "code": 429,
                    "metadata": {
                        "raw": "z-ai/glm-5.3-flash is temporarily rate-limited upstream. Please "
                        "retry shortly, or add your own key to accumulate your rate limits",
                        "provider_name": "BaseTen",
                    },
                },
            },
            retry_after="30",
        ),
        # babikov/doka-site#7
        "no_credit": body(
            402,
            {
                "error": {
                    "message": "This request requires more credits, or fewer max_tokens. You "
                    "requested up to 65536 tokens, but can only afford 10114. To increase, visit "
                    "https://openrouter.ai/settings/credits and upgrade to a paid account",
                    "code": 402,
                    "metadata": {"provider_name": None},
                },
                "user_id": "user_x",
            },
        ),
        # openrouter.ai/docs, errors: metadata of moderation.
        "moderated": body(
            403,
            {
                "error": {
                    "message": "The model requires moderation; your input was flagged",
                    "code": 403,
                    "metadata": {"reasons": ["violence"], "flagged_input": "…"},
                },
            },
        ),
        # pydantic/pydantic-ai#2323: within a success.
        "outage": body(
            200,
            {"error": {"message": "Internal Server Error", "code": 500}, "user_id": "user_x"},
        ),
        "wrong_address": page(404, "Not Found"),
    },
)
