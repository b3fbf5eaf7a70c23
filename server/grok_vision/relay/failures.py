"""Foreign failures, mapped once: statuses and error bodies of providers, and httpx2's exceptions.

Bodies are read to tell failures apart and never repeated: xAI's own text for a wrong key quotes
the key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import httpx2

from grok_vision.errors import ProviderCode, ProviderError, RequestError, VisionError
from grok_vision.providers import Endpoint
from grok_vision.texts import shortened

HTTP_ERRORS = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, httpx2.CookieConflict)


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


_PARAMETER = re.compile(
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
_CONTEXT = _words(r"context[ _](length|window)|maximum prompt length|too many tokens")
_IMAGE = _words(r"invalid_image|\bimage\b")
_BLIND = _words(r"image input is not supported|does not support image")

Applies = Callable[[Refusal], bool]

# When it applies, the code, and the sentence; the first that applies counts. What a body says goes
# before what its status says: xAI answers a wrong key with 400, an unknown model with 400 and
# spent credit with 429 (recorded in 2026).
_RULES: tuple[tuple[Applies, ProviderCode, str], ...] = (
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
        lambda r: r.says(_PARAMETER),
        "rejected",
        "{who}: {model} does not take the parameter {parameter}; use another model.",
    ),
    (
        lambda r: r.status in {400, 415, 422} and r.says(_IMAGE),
        "rejected",
        "{who}: a picture was not accepted; save it again as PNG or JPEG.",
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


def from_refusal(refusal: Refusal, endpoint: Endpoint, model: str) -> VisionError:
    """Return the coded error for a response that is not an answer."""
    who = _who(refusal, endpoint)
    if refusal.status == 413:
        return RequestError(
            "request_too_large", f"{who} finds it too large; send fewer or smaller pictures."
        )
    if refusal.status in {400, 422} and refusal.says(_CONTEXT):
        return RequestError(
            "context_exceeded",
            f"{who} finds the request longer than {shortened(model)} can read; send fewer "
            "pictures or words, or detail=low.",
        )
    parameter = _PARAMETER.search(refusal.said)
    code, sentence = next((code, text) for applies, code, text in _RULES if applies(refusal))
    told = sentence.format(
        who=who,
        when=_when(refusal.retry_after),
        key=endpoint.key_variable,
        model=shortened(model) or "the model",
        parameter=parameter[1] if parameter else "",
    )
    return ProviderError(code, told)


def from_exception(error: Exception, endpoint: Endpoint) -> VisionError:
    """Return the coded error for an exception of httpx2."""
    title = endpoint.provider.title
    place = f"{title} at {_host(endpoint)}"
    if isinstance(error, httpx2.TimeoutException):
        return ProviderError("timeout", f"{place} did not answer in time; try again.")
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError):
        return ProviderError(
            "unavailable",
            f"{title} cannot be reached at {_host(endpoint)}; check the network, or "
            "GROK_VISION_BASE_URL.",
        )
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return ProviderError(
            "unavailable", f"the address of {title} is not valid; check GROK_VISION_BASE_URL."
        )
    return ProviderError("unavailable", f"the connection to {place} broke off; try again.")


def not_a_completion(endpoint: Endpoint) -> VisionError:
    """Return the error for a success that holds no chat completion."""
    return ProviderError(
        "unavailable",
        f"{endpoint.provider.title} at {_host(endpoint)} answered with something that is not a "
        "chat completion; check GROK_VISION_BASE_URL.",
    )


def _who(refusal: Refusal, endpoint: Endpoint) -> str:
    """Return who refused, with the id that the provider's support asks for."""
    request_id = f", request {refusal.request_id}" if refusal.request_id else ""
    return f"{endpoint.provider.title} (HTTP {refusal.status}{request_id})"


def _when(retry_after: str) -> str:
    return f"in {retry_after} s" if re.fullmatch(r"[0-9]{1,6}", retry_after) else "in a minute"


def _host(endpoint: Endpoint) -> str:
    return httpx2.URL(endpoint.base_url).netloc.decode("ascii", "replace")
