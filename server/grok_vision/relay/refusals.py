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
    retry_after: str = ""

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Tell whether the body says what the pattern looks for."""
        return pattern.search(self.said) is not None


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


PARAMETER = re.compile(
    r"(?:argument not supported|does not support parameter):? ?['\"`]?(\w{1,40})", re.IGNORECASE
)
_CREDITS = _words(
    r"insufficient_quota|insufficient (funds|balance|credits)|exceeded your current quota",
    r"used all available credits|spending limit|out of credits|credit balance",
)
_KEY = _words(r"api[ _-]?key|unauthenticated|no-credentials|invalid[ _]token")
_SAFETY = _words(
    r"safety|content[ _]policy|moderation|flagged",
    r"violat\w* .{0,60}(polic|guideline|terms)",
)
_MODEL = _words(r"model[ _]not[ _]found|model .{0,80}(does not exist|not found)")
CONTEXT = _words(r"context[ _](length|window)|maximum prompt length|too many tokens")
_IMAGE = _words(r"invalid_image|\bimage\b")
# What was fetched is in the same sentence, often as the URL itself, which is read as "URL".
_FETCH = _words(
    r"invalid_image_url",
    r"(?:\bfail\w*|\berror|\bunable|not|\bcan't|timeout|timed out) .{0,30}"
    r"\b(?:download|fetch|retriev)\w* .{0,40}\b(?:images?|media|url)\b",
    r"\b(?:download|fetch|retriev)\w* .{0,40}\b(?:fail\w*|error|timeout|timed out|not contain)",
    r"\bget image from url",
)
_BLIND = _words(r"image input is not supported|does not support image")

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
        lambda r: r.status == 402 or (r.status in {403, 429} and r.says(_CREDITS)),
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
    (
        lambda r: r.status < 500 and r.says(_BLIND),
        "rejected",
        "{who}: {model} cannot see pictures; use another model.",
    ),
    (
        lambda r: r.status in {400, 404} and r.says(_MODEL),
        "model_not_found",
        "{who} has no model {model}; pass another model or set GROK_VISION_MODEL.",
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
        "{who}: {model} does not take the parameter {parameter}; use another model.",
    ),
    (
        lambda r: r.status in {400, 415, 422} and r.says(_IMAGE),
        "rejected",
        "{who}: a picture was not accepted; save it again as PNG or JPEG and pass its path.",
    ),
    (
        lambda r: r.status in {404, 405},
        "rejected",
        "{who}: nothing answers at that address; check GROK_VISION_BASE_URL.",
    ),
    (
        lambda _: True,
        "rejected",
        "{who}: the request to {model} was not accepted; check model and settings.",
    ),
)
