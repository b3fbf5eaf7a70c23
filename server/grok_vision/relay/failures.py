"""Foreign failures, mapped once: what providers refuse, and httpx2's exceptions."""

import re

import httpx2

from grok_vision.errors import ProviderError, RequestError, VisionError
from grok_vision.providers import Endpoint
from grok_vision.relay import error_bodies
from grok_vision.relay.refusals import (
    CONTEXT,
    PARAMETER,
    PER_MINUTE,
    RULES,
    TOO_MANY,
    Refusal,
)
from grok_vision.relay.reply import Reply
from grok_vision.texts import shortened

HTTP_ERRORS = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, httpx2.CookieConflict)
# OpenAI's and Groq's begin with `req_`, OpenRouter's with `gen-`; others are UUIDs.
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def from_reply(reply: Reply, endpoint: Endpoint, model: str, *, wanted: str) -> VisionError:
    """Return the coded error for a reply that is not what was `wanted`, such as `a list`."""
    if not reply.is_error:
        return _something_else(endpoint, wanted)
    refusal = Refusal(
        status=error_bodies.error_status(reply.document, reply.status),
        said=error_bodies.error_text(reply.document),
        request_id=_request_id(reply, endpoint),
        retry_after=reply.headers.get("retry-after", ""),
    )
    return _from_refusal(refusal, endpoint, model)


def _from_refusal(refusal: Refusal, endpoint: Endpoint, model: str) -> VisionError:
    who = _who(refusal, endpoint)
    if too_much := _too_much(refusal, who, shortened(model) or "the model"):
        return too_much
    parameter = PARAMETER.search(refusal.said)
    code, sentence = next((code, text) for applies, code, text in RULES if applies(refusal))
    told = sentence.format(
        who=who,
        when=_when(refusal.retry_after),
        key=endpoint.key_variable,
        model=shortened(model) or "the model",
        parameter=(parameter[1] or parameter[2]) if parameter else "",
        or_load="" if endpoint.provider.key_field else ", or load it on that server",
    )
    return ProviderError(code, told)


def _too_much(refusal: Refusal, who: str, model: str) -> VisionError | None:
    """Return the error for a request that is larger than may be, or None where it is not that."""
    if refusal.says(PER_MINUTE):
        return RequestError(
            "request_too_large",
            f"{who} finds it larger than your account may send in a minute; send fewer pictures or "
            "words, lower max_tokens, or raise the account's limit.",
        )
    if refusal.status == 413:
        return RequestError(
            "request_too_large", f"{who} finds it too large; send fewer or smaller pictures."
        )
    if refusal.status in {400, 422} and refusal.says(TOO_MANY):
        return RequestError(
            "too_many_images",
            f"{who}: {model} takes fewer pictures in a request; send fewer, or one part of a long "
            "page with #xywh=x,y,width,height.",
        )
    if refusal.status in {400, 422, 500} and refusal.says(CONTEXT):
        return RequestError(
            "context_exceeded",
            f"{who} finds the request longer than {model} can read; send fewer pictures or words, "
            "or detail=low.",
        )
    return None


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


def _something_else(endpoint: Endpoint, wanted: str) -> VisionError:
    return ProviderError(
        "unavailable",
        f"{endpoint.provider.title} at {_host(endpoint)} answered with something that is not "
        f"{wanted}; check GROK_VISION_BASE_URL.",
    )


def _request_id(reply: Reply, endpoint: Endpoint) -> str:
    """Return the first id of the call among the headers that the provider names it by.

    It is printed, and a header may hold anything: what does not look like an id is passed over,
    and so is the key.
    """
    key = endpoint.key.get_secret_value() if endpoint.key else None
    sent = (reply.headers.get(name, "") for name in endpoint.provider.request_id_headers)
    ids = (found for found in sent if _REQUEST_ID.fullmatch(found))
    return next((found for found in ids if key is None or key not in found), "")


def _who(refusal: Refusal, endpoint: Endpoint) -> str:
    """Return who refused, with the id that the provider's support asks for."""
    request_id = f", request {refusal.request_id}" if refusal.request_id else ""
    return f"{endpoint.provider.title} (HTTP {refusal.status}{request_id})"


def _when(retry_after: str) -> str:
    return f"in {retry_after} s" if re.fullmatch(r"[0-9]{1,6}", retry_after) else "in a minute"


def _host(endpoint: Endpoint) -> str:
    return httpx2.URL(endpoint.base_url).netloc.decode("ascii", "replace")
