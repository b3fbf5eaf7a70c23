"""Ollama, LM Studio, llama.cpp, vLLM, and an endpoint behind somebody's own gateway."""

from tests.fake_provider.llamacpp_schemas import (
    LLAMACPP_SCHEMAS,
    LMSTUDIO_SCHEMAS,
    OLLAMA_SCHEMAS,
)
from tests.fake_provider.quirks import UNKNOWN_MODEL, Quirks, body, nested, page
from tests.fake_provider.vllm_schemas import CUSTOM_SCHEMAS, VLLM_SCHEMAS
from tests.fake_xai import Response

OLLAMA = Quirks(
    name="ollama",
    brand="Ollama",
    address="http://localhost:11434/v1",
    models=("qwen3-vl:8b",),
    blind_model="llama3.1:8b",
    caps=frozenset({"max_tokens"}),
    usage="plain",
    thought="reasoning",
    schemas=OLLAMA_SCHEMAS,
    failures={
        # netease-youdao/QAnything#555
        "unknown_model": nested(
            404, f'model "{UNKNOWN_MODEL}" not found, try pulling it first', "api_error"
        ),
        # ErrNoVisionModel in ollama's model/model.go (#9741), told with 500.
        "blind": nested(500, "this model is missing data required for image input", "api_error"),
        # #6753 and #7247: for a URL, and for what is no data URI.
        "bad_image": nested(400, "invalid image input"),
        "does_not_load": nested(
            500,
            "model requires more system memory (11.1 GiB) than is available (7.5 GiB)",
            "api_error",
        ),
        "outage": nested(
            503, "server busy, please try again.  maximum pending requests exceeded", "api_error"
        ),
        # The router of gin.
        "wrong_address": Response(404, "404 page not found"),
    },
)

LMSTUDIO = Quirks(
    name="lmstudio",
    brand="LM Studio",
    address="http://localhost:1234/v1",
    models=("qwen/qwen3-vl-8b",),
    blind_model="openai/gpt-oss-20b",
    caps=frozenset({"max_tokens"}),
    usage="details",
    answers_as="qwen/qwen3-vl-8b@q4_k_m",
    headers={"x-powered-by": "Express"},
    schemas=LMSTUDIO_SCHEMAS,
    failures={
        "bad_key": nested(401, "Invalid API token", code="invalid_api_key"),
        # assafelovic/gpt-researcher#1556, both
        "unknown_model": nested(
            400,
            f'Invalid model identifier "{UNKNOWN_MODEL}". Please specify a valid downloaded model '
            "(e.g., qwen/qwen3-vl-8b).",
            code="model_not_found",
            param="model",
        ),
        "nothing_loaded": body(
            400,
            {
                "error": "No models loaded. Please load a model in the developer page or use the "
                "'lms load' command."
            },
        ),
        # continuedev/continue#10150
        "does_not_load": body(
            400, {"error": 'Failed to load model "qwen3-vl". Error: Error loading model.'}
        ),
        # lmstudio-bug-tracker#908
        "blind": body(
            400, {"error": "Model does not support images. Please use a model that does."}
        ),
        # lms#243
        "bad_image": body(400, {"error": "'url' field must be a base64 encoded image."}),
        # The words of Express's parser of bodies.
        "too_large": body(413, {"error": "request entity too large"}),
        # Gitlawb/openclaude#353
        "context": body(
            400,
            {
                "error": "The number of tokens to keep from the initial prompt is greater than the "
                "context length (n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger "
                "context length, or provide a shorter input."
            },
        ),
        "outage": body(500, {"error": "Internal Server Error"}),
        # lmstudio-bug-tracker#618: within a success.
        "wrong_address": body(
            200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}
        ),
    },
)

LLAMACPP = Quirks(
    name="llamacpp",
    brand="llama.cpp",
    address="http://localhost:8080/v1",
    # It serves what it was started with, whatever the name.
    models=("default", "gemma-3-4b"),
    blind_model="gemma-3-270m",
    caps=frozenset({"max_tokens"}),
    usage="plain",
    answers_as="/models/gemma-3-4b-it-Q4_K_M.gguf",
    headers={"server": "llama.cpp"},
    schemas=LLAMACPP_SCHEMAS,
    failures={
        "bad_key": body(
            401,
            {
                "error": {
                    "message": "Invalid API Key",
                    "type": "authentication_error",
                    "code": 401,
                }
            },
        ),
        # ggml-org/llama.cpp#15377
        "blind": body(
            500,
            {
                "error": {
                    "code": 500,
                    "message": "image input is not supported - hint: if this is unexpected, you "
                    "may need to provide the mmproj",
                    "type": "server_error",
                }
            },
        ),
        # cline/cline#8977
        "bad_image": body(
            400,
            {
                "error": {
                    "code": 400,
                    "message": "Failed to load image or audio file",
                    "type": "invalid_request_error",
                }
            },
        ),
        "too_large": page(413, "Payload Too Large"),
        # oobabooga/textgen#7257
        "context": body(
            400,
            {
                "error": {
                    "code": 400,
                    "message": "the request exceeds the available context size. try increasing the "
                    "context size or enable context shift",
                    "type": "exceed_context_size_error",
                    "n_prompt_tokens": 14429,
                    "n_ctx": 8192,
                }
            },
        ),
        "outage": body(
            503,
            {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
        ),
        "wrong_address": body(
            404, {"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}
        ),
    },
)


def _flat(status: int, message: str, kind: str) -> Response:
    """The shape of vLLM before 0.11, which many still run."""
    document = {"object": "error", "message": message, "type": kind, "param": None, "code": status}
    return body(status, document)


VLLM = Quirks(
    name="vllm",
    brand="vLLM",
    address="http://localhost:8000/v1",
    models=("qwen3-vl", "meta-llama/Llama-3.2-11B-Vision-Instruct"),
    blind_model="qwen3",
    no_system=("meta-llama/Llama-3.2-11B-Vision-Instruct",),
    caps=frozenset({"max_tokens", "max_completion_tokens"}),
    usage="plain",
    schemas=VLLM_SCHEMAS,
    failures={
        "bad_key": body(401, {"error": "Unauthorized"}),
        # vllm-project/vllm#3485
        "unknown_model": _flat(
            404, f"The model `{UNKNOWN_MODEL}` does not exist.", "NotFoundError"
        ),
        # vllm-project/vllm#23402
        "blind": _flat(400, "/models/qwen3 is not a multimodal model", "BadRequestError"),
        # The words of Pillow, in the newer shape (XiaomiMiMo/MiMo-Embodied#5).
        "bad_image": nested(
            400, "cannot identify image file <_io.BytesIO object>", "BadRequestError", 400
        ),
        # vllm-project/vllm#17092
        "too_many_images": _flat(
            400, "At most 5 image(s) may be provided in one request.", "BadRequestError"
        ),
        "too_large": page(413, "Request Entity Too Large"),
        # linagora/openrag#128
        "context": _flat(
            400,
            "The decoder prompt (length 15983) is longer than the maximum model length of 8192. "
            "Make sure that `max_model_len` is no smaller than the number of text tokens plus "
            "multimodal tokens. For image inputs, the number of image tokens depends on the number "
            "of images, and possibly their aspect ratios as well.",
            "BadRequestError",
        ),
        "outage": _flat(500, "Internal Server Error", "InternalServerError"),
        # FastAPI's own.
        "wrong_address": body(404, {"detail": "Not Found"}),
    },
)

CUSTOM = Quirks(
    name="custom",
    brand="the configured endpoint",
    address="https://gateway.example/api/v1",
    models=("our-eyes",),
    blind_model="our-words",
    caps=frozenset({"max_tokens"}),
    usage="none",
    content="parts",
    schemas=CUSTOM_SCHEMAS,
    failures={
        # FastAPI's `detail`, and the `message` of Kong and of Amazon's gateway.
        "bad_key": body(401, {"message": "Unauthorized"}),
        # open-webui answers so.
        "unknown_model": body(404, {"detail": "Model not found"}),
        "blind": body(400, {"detail": "This model does not support vision."}),
        "bad_image": body(
            422,
            {
                "detail": [
                    {"loc": ["body", "messages", 1], "msg": "Invalid image", "type": "value_error"}
                ]
            },
        ),
        "too_large": page(413, "Request Entity Too Large"),
        "context": body(400, {"message": "prompt is too long: 208310 tokens > 200000 maximum"}),
        "rate_limit": body(429, {"message": "API rate limit exceeded"}, retry_after="12"),
        "no_credit": body(402, {"detail": "Payment Required"}),
        "outage": page(502, "Bad Gateway"),
        "wrong_address": page(404, "Not Found"),
    },
)

SELF_HOSTED = (OLLAMA, LMSTUDIO, LLAMACPP, VLLM, CUSTOM)
