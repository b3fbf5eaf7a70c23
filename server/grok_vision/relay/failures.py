"""Foreign failures, mapped once: statuses and error bodies of providers, and httpx2's exceptions.

Bodies are read to tell failures apart and never repeated: xAI's own text for a wrong key quotes
the key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from grok_vision.errors import ProviderError, RequestError, VisionError
from grok_vision.providers import Endpoint

_LONGEST_READ = 4096
_PARAMETER = re.compile(
    r"(?:argument not supported|does not support parameter):? ?['\"`]?(\w{1,40})", re.IGNORECASE
)
_CREDITS = re.compile(r"credit|spending limit|quota|billing|payment", re.IGNORECASE)
_KEY = re.compile(r"api[ _-]?key|unauthenticated|no-credentials|invalid token", re.IGNORECASE)
_SAFETY = re.compile(r"safety|content policy|moderation|violat|flagged", re.IGNORECASE)
_MODEL = re.compile(r"model[ _]not[ _]found|model .{0,80}(does not exist|not found)", re.IGNORECASE)
_CONTEXT = re.compile(
    r"context[ _](length|window)|maximum prompt length|too many tokens", re.IGNORECASE
)
_IMAGE = re.compile(r"invalid_image|\bimage\b", re.IGNORECASE)
_BLIND = re.compile(r"image input is not supported|does not support image", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A response that is not an answer: status, and what its body says, for telling apart only."""

    status: int
    said: str
    request_id: str = ""
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """The words that messages need about where the request went."""

    title: str
    host: str
    key_variable: str
    model: str

    def tagged(self, refusal: Refusal) -> str:
        """Return who refused, with the id that the provider's support asks for."""
        request_id = f", request {refusal.request_id}" if refusal.request_id else ""
        return f"{self.title} (HTTP {refusal.status}{request_id})"


def error_text(document: Any) -> str:
    """Return what an error body says, or "" where the document is no error.

    Known shapes: flat `{code, error}`, nested `{error: {message, type, code}}`, `{error: text}`
    and plain text (a str document).
    """
    if isinstance(document, str):
        return document[:_LONGEST_READ]
    if not isinstance(document, dict) or not document.get("error"):
        return ""
    error = document["error"]
    fields = [document.get("code"), error] if isinstance(error, str) else [document.get("code")]
    if isinstance(error, dict):
        fields += [error.get("code"), error.get("type"), error.get("message")]
    told = " ".join(str(field) for field in fields if isinstance(field, str | int))
    return told[:_LONGEST_READ] or "error"


def from_refusal(refusal: Refusal, endpoint: Endpoint, model: str) -> VisionError:
    """Return the coded error for a response that is not an answer."""
    place = _place(endpoint, model)
    for applies, error in _RULES:
        if applies(refusal):
            return error(refusal, place)
    return _rejected(refusal, place)


def from_exception(error: Exception, endpoint: Endpoint) -> VisionError:
    """Return the coded error for an exception of httpx2."""
    place = _place(endpoint, "")
    if isinstance(error, httpx2.TimeoutException):
        return ProviderError(
            "timeout", f"{place.title} at {place.host} did not answer in time; try again."
        )
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError):
        return ProviderError(
            "unavailable",
            f"{place.title} cannot be reached at {place.host}; check the network, or "
            "GROK_VISION_BASE_URL.",
        )
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return ProviderError(
            "unavailable", f"the address of {place.title} is not valid; check GROK_VISION_BASE_URL."
        )
    return ProviderError(
        "unavailable", f"the connection to {place.title} at {place.host} broke off; try again."
    )


def not_a_completion(endpoint: Endpoint) -> VisionError:
    """Return the error for a success that holds no chat completion."""
    place = _place(endpoint, "")
    return ProviderError(
        "unavailable",
        f"{place.title} at {place.host} answered with something that is not a chat completion; "
        "check GROK_VISION_BASE_URL.",
    )


def _place(endpoint: Endpoint, model: str) -> _Place:
    field = endpoint.provider.key_field
    return _Place(
        title=endpoint.provider.title,
        host=httpx2.URL(endpoint.base_url).host or "the configured address",
        key_variable=field.upper() if field else "GROK_VISION_API_KEY",
        model=model,
    )


def _unauthorized(refusal: Refusal, place: _Place) -> VisionError:
    return ProviderError(
        "unauthorized",
        f"{place.tagged(refusal)} does not accept the key; check {place.key_variable}.",
    )


def _out_of_credits(refusal: Refusal, place: _Place) -> VisionError:
    return ProviderError(
        "out_of_credits",
        f"the account at {place.tagged(refusal)} has no credit left or reached its spending "
        "limit; top it up or raise the limit.",
    )


def _model_not_found(refusal: Refusal, place: _Place) -> VisionError:
    return ProviderError(
        "model_not_found",
        f"{place.tagged(refusal)} has no model {place.model}; pass another model or set "
        "GROK_VISION_MODEL.",
    )


def _rate_limited(refusal: Refusal, place: _Place) -> VisionError:
    seconds = refusal.retry_after if re.fullmatch(r"\d{1,6}", refusal.retry_after) else ""
    wait = f"in {seconds} s" if seconds else "in a minute"
    return ProviderError(
        "rate_limited", f"{place.tagged(refusal)} takes no more requests now; try again {wait}."
    )


def _refused(refusal: Refusal, place: _Place) -> VisionError:
    return ProviderError(
        "refused",
        f"{place.tagged(refusal)} refuses this content by its policy; ask for something else.",
    )


def _forbidden(refusal: Refusal, place: _Place) -> VisionError:
    return ProviderError(
        "unauthorized",
        f"{place.tagged(refusal)} does not let this key use {place.model}; check the "
        f"permissions of {place.key_variable}.",
    )


def _context_exceeded(refusal: Refusal, place: _Place) -> VisionError:
    return RequestError(
        "context_exceeded",
        f"{place.tagged(refusal)} finds the request longer than {place.model} can read; send "
        "fewer pictures or words, or detail=low.",
    )


def _request_too_large(refusal: Refusal, place: _Place) -> VisionError:
    return RequestError(
        "request_too_large",
        f"{place.tagged(refusal)} finds the request too large; send fewer or smaller pictures.",
    )


def _redirected(refusal: Refusal, place: _Place) -> VisionError:
    return ProviderError(
        "rejected",
        f"{place.tagged(refusal)} redirects elsewhere, which is not followed because a key is "
        "sent; set GROK_VISION_BASE_URL to the final address.",
    )


def _unavailable(refusal: Refusal, place: _Place) -> VisionError:
    return ProviderError("unavailable", f"{place.tagged(refusal)} is failing now; try again later.")


def _rejected(refusal: Refusal, place: _Place) -> VisionError:
    who = place.tagged(refusal)
    if parameter := _PARAMETER.search(refusal.said):
        why = f"{place.model} does not take the parameter {parameter[1]}; use another model"
    elif _IMAGE.search(refusal.said):
        why = "a picture was not accepted; save it again as PNG or JPEG"
    elif refusal.status in {404, 405}:
        why = "there is no chat/completions at that address; check GROK_VISION_BASE_URL"
    else:
        why = f"the request to {place.model} was not accepted; check model and settings"
    return ProviderError("rejected", f"{who}: {why}.")


def _blind(refusal: Refusal, place: _Place) -> VisionError:
    return ProviderError(
        "rejected",
        f"{place.tagged(refusal)}: {place.model} cannot see pictures; use another model.",
    )


_Applies = Callable[[Refusal], bool]
_Maps = Callable[[Refusal, _Place], VisionError]

# In this order: what a body says goes before what its status says, for xAI answers a wrong key
# with 400, an unknown model with 400 and spent credit with 429 (facts recorded in 2026).
_RULES: tuple[tuple[_Applies, _Maps], ...] = (
    (lambda r: 300 <= r.status < 400, _redirected),
    (lambda r: r.status == 413, _request_too_large),
    (lambda r: r.status == 402, _out_of_credits),
    (lambda r: r.status in {403, 429} and bool(_CREDITS.search(r.said)), _out_of_credits),
    (lambda r: r.status == 429, _rate_limited),
    (lambda r: r.status == 401, _unauthorized),
    (lambda r: r.status < 500 and bool(_BLIND.search(r.said)), _blind),
    (lambda r: r.status in {400, 404} and bool(_MODEL.search(r.said)), _model_not_found),
    (lambda r: r.status in {400, 403} and bool(_SAFETY.search(r.said)), _refused),
    (lambda r: r.status in {400, 403} and bool(_KEY.search(r.said)), _unauthorized),
    (lambda r: r.status == 403, _forbidden),
    (lambda r: r.status in {400, 422} and bool(_CONTEXT.search(r.said)), _context_exceeded),
    (lambda r: r.status < 300 or r.status >= 500 or r.status in {408, 409, 425}, _unavailable),
)
