"""Together."""

from tests.fake_provider.quirks import UNKNOWN_MODEL, Quirks, body, nested, page
from tests.fake_provider.vllm_schemas import TOGETHER_SCHEMAS

TOGETHER = Quirks(
    name="together",
    brand="Together",
    address="https://api.together.xyz/v1",
    key="together_api_key",
    models=("Qwen/Qwen3.5-9B",),
    blind_model="deepseek-ai/DeepSeek-V3.1",
    bare_list=True,
    caps=frozenset({"max_tokens"}),
    fetches_urls=True,
    usage="plain",
    reasoning=0,
    # litellm 1.109.1, from its list of models, 2026-11.
    price=(0.17, 0.17, 0.25),
    headers={"x-request-id": "{id}"},
    schemas=TOGETHER_SCHEMAS,
    failures={
        "bad_key": nested(
            401,
            "Invalid API key provided. You can find your API key at "
            "https://api.together.ai/settings/api-keys.",
            code="invalid_api_key",
        ),
        # 404 by its page on error codes; the words as those of #3168 below.
        "unknown_model": nested(
            404,
            f"Unable to access model {UNKNOWN_MODEL}. Please visit "
            "https://api.together.ai/models to view the list of supported models.",
            code="model_not_available",
        ),
        # HeyPuter/puter#3168
        "retired_model": body(
            400,
            {
                "id": "okkMWqL-2kFHot-a023f60e9b77ff7e",
                "error": {
                    "message": "Unable to access non-serverless model mistralai/Mistral-Small. "
                    "Please visit https://api.together.ai/models/mistralai/Mistral-Small to "
                    "create and start a new dedicated endpoint for the model.",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": "model_not_available",
                },
            },
        ),
        "blind": nested(400, "This model does not support image inputs."),
        "bad_image": nested(400, "Failed to process the image."),
        "too_large": page(413, "Request Entity Too Large"),
        # The words of text-generation-inference, which it passed on.
        "context": nested(
            422,
            "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: "
            "9000 `inputs` tokens and 512 `max_new_tokens`",
            param="max_tokens",
        ),
        # togethercomputer/MoA#27: speaks of billing, and is a rate limit all the same.
        "rate_limit": nested(
            429,
            "You have been rate limited. Your rate limit is 60 queries per minute. Please navigate "
            "to https://api.together.xyz/settings/billing to upgrade to a paid plan.",
            "credit_limit",
        ),
        "no_credit": nested(402, "Credit limit exceeded.", "credit_limit"),
        "outage": nested(503, "The server is overloaded or not ready yet.", "service_unavailable"),
        "wrong_address": page(404, "Not Found"),
    },
)
