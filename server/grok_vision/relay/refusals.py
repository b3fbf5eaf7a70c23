"""What a response that is not an answer means, by its status and by what its body says.

Bodies are read to tell failures apart and never repeated: xAI's own text for a wrong key quotes
the key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from grok_vision.errors import ProviderCode


@dataclass(frozen=True, slots=True)
class Refusal:
    """A response that is not an answer: status, and what its body says, for telling apart only."""

    status: int
    said: str
    request_id: str = ""
    retry_after: float | None = None

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Tell whether the body says what the pattern looks for."""
        return pattern.search(self.said) is not None


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


# The name stands after the words or, with an underscore that tells it from prose, before them.
PARAMETER = re.compile(
    r"(?:argument not supported|does not support parameter|unsupported (?:parameter|value)"
    r"|unrecognized request argument supplied):? ?['\"`]?(\w{1,40})"
    r"|\b([a-z]+_[a-z_]{1,40})['\"`]? (?:is not supported|must be one of)",
    re.IGNORECASE,
)
# A gateway that knows no streams, or not the wish for what they used.
STREAM = re.compile(r"(?<![\w/-])stream(_options|ing)?\b|include_usage", re.IGNORECASE)
# Together's rate limit has the type credit_limit, so that alone says nothing.
_CREDITS = _words(
    r"insufficient_quota|insufficient (funds|balance|credits)|exceeded your current quota",
    r"used all available credits|out of credits|credit[ _]balance|billing[ _]hard[ _]limit",
    r"spend(ing)?[ _]limit|blocked_api_access",
)
_KEY = _words(r"api[ _-]?key|unauthenticated|no-credentials|invalid[ _]token")
_SAFETY = _words(
    r"safety|content[ _]policy|moderation|flagged",
    r"violat\w* .{0,60}(polic|guideline|terms)",
)
_MODEL = _words(
    r"model[ _]not[ _](found|available)|model .{0,80}(does not exist|not found|decommissioned)",
    r"unable to access (the )?(non-serverless )?model|no endpoints found for",
    r"not a valid model|invalid model (identifier|id|name)|no models? (is )?loaded",
)
# Groq, where the model wrote nothing that fits the schema (console.groq.com/docs, 2026).
_UNFIT = _words(r"json_validate_failed|failed to (generate|validate) json")
_LOADING = _words(r"failed to load model|model has crashed|requires more system memory")
CONTEXT = _words(
    r"context[ _](length|window|size|limit)|maximum (prompt|model) length|too many tokens",
    r"prompt is too long|tokens . .?max_new_tokens",
)
# Larger than what the account may send in a minute: no waiting helps.
PER_MINUTE = _words(r"request too large for (model )?.{0,120}per min")
TOO_MANY = _words(
    r"too many images|(?:at most|up to|maximum of|exceeding the maximum of) \d+ images?\b",
    r"at most \d+ image\(s\)",
)
_IMAGE = _words(r"invalid_image|\bimage\b")
# What was fetched is in the same sentence, often as the URL itself, which is read as "URL".
_FETCH = _words(
    r"invalid_image_url",
    r"(?:\bfail\w*|\berror|\bunable|not|\bcan't|timeout|timed out) .{0,30}"
    r"\b(?:download|fetch|retriev)\w* .{0,40}\b(?:images?|media|url)\b",
    r"\b(?:download|fetch|retriev)\w* .{0,40}\b(?:fail\w*|error|timeout|timed out|not contain)",
    r"\bget image from url",
)
# llama.cpp and Ollama tell it with 500, OpenRouter with 404.
_BLIND = _words(
    r"(image input|vision) is not supported|(does not|doesn't) support (image|vision|multimodal)",
    r"no endpoints found that support image|not a multimodal model",
    r"missing data required for image|content must be a string",
    r"image_url is only supported by|unknown variant .?image_url",
)
# LM Studio tells it with 200.
_ADDRESS = _words(r"unexpected endpoint or method|unknown request url|invalid url \(")
_NOBODY = (
    "{who}: nothing answers at that address; check GROK_VISION_BASE_URL, which usually ends in /v1."
)

Applies = Callable[[Refusal], bool]

# When it applies, the code, and the sentence; the first that applies counts. What a body says goes
# before what its status says: xAI answers a wrong key with 400, an unknown model with 400 and
# spent credit with 429 (recorded in 2026).
RULES: tuple[tuple[Applies, ProviderCode, str], ...] = (
    (
        lambda r: 300 <= r.status < 400,
        "rejected",
        "{who} redirects elsewhere, which is not followed because a key is sent; set "
        "GROK_VISION_BASE_URL to the final address.",
    ),
    (
        lambda r: r.status == 402 or (r.status in {400, 403, 429} and r.says(_CREDITS)),
        "out_of_credits",
        "the account at {who} has no credit left or reached its spending limit; top it up or "
        "raise the limit.",
    ),
    (
        lambda r: r.status == 429,
        "rate_limited",
        "{who} takes no more requests now; try again {when}.",
    ),
    (
        lambda r: r.status == 401,
        "unauthorized",
        "{who} does not accept the key; check {key}.",
    ),
    # A fetch that failed tells the host's status and words, which read like those of the provider.
    (
        lambda r: r.status < 500 and r.says(_FETCH),
        "rejected",
        "{who} could not fetch or read the picture's URL; set GROK_VISION_URL_MODE=inline, or "
        "download it and pass its path.",
    ),
    (lambda r: r.says(_ADDRESS), "rejected", _NOBODY),
    (
        lambda r: r.status == 400 and r.says(_UNFIT),
        "rejected",
        "{who}: {model} wrote no answer that fits the schema; ask for less, or use another model.",
    ),
    (
        lambda r: r.says(_BLIND),
        "rejected",
        "{who}: {model} cannot see pictures; use another model.",
    ),
    (
        lambda r: r.says(_LOADING),
        "unavailable",
        "{who} could not load or run {model}; free memory there, or use a smaller model.",
    ),
    (
        lambda r: r.status in {400, 404} and r.says(_MODEL),
        "model_not_found",
        "{who} has no model {model}; pass another model or set GROK_VISION_MODEL{or_load}.",
    ),
    (
        lambda r: r.status in {400, 403} and r.says(_SAFETY),
        "refused",
        "{who} refuses this content by its policy; ask for something else.",
    ),
    (
        lambda r: r.status in {400, 403} and r.says(_KEY),
        "unauthorized",
        "{who} does not accept the key; check {key}.",
    ),
    (
        lambda r: r.status == 403,
        "unauthorized",
        "{who} refuses access; check what {key} may use, whether {model} is open to it, and "
        "whether your region or a proxy is in the way.",
    ),
    (
        lambda r: r.status < 300 or r.status >= 500 or r.status in {408, 409, 425},
        "unavailable",
        "{who} is failing now; try again later.",
    ),
    (
        lambda r: r.says(PARAMETER),
        "rejected",
        "{who}: {model} does not take the parameter {parameter}; leave it out or use "
        "another model.",
    ),
    (
        lambda r: r.status in {400, 415, 422} and r.says(_IMAGE),
        "rejected",
        "{who}: a picture was not accepted; save it again as PNG or JPEG and pass its path.",
    ),
    (lambda r: r.status in {404, 405}, "rejected", _NOBODY),
    (
        lambda _: True,
        "rejected",
        "{who}: the request to {model} was not accepted; check model and settings.",
    ),
)
