"""What providers refuse, mapped once to our codes."""

import re

from grok_vision.errors import ProviderError, RequestError, VisionError
from grok_vision.providers import Endpoint
from grok_vision.relay import error_bodies
from grok_vision.relay.refusals import (
    CONTEXT,
    PARAMETER,
    PER_MINUTE,
    RULES,
    STREAM,
    TOO_MANY,
    Refusal,
)
from grok_vision.relay.reply import Reply
from grok_vision.relay.retry import FailedError, Hint, is_transient
from grok_vision.relay.retry_after import forbids_retry, retry_after
from grok_vision.texts import duration, shortened

_MAY_PASS = frozenset({"unavailable", "rate_limited"})
# OpenAI's and Groq's begin with `req_`, OpenRouter's with `gen-`; others are UUIDs.
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def failed(reply: Reply, endpoint: Endpoint, model: str, *, wanted: str) -> FailedError:
    """Return the failed attempt for a reply that is not what was `wanted`."""
    error = from_reply(reply, endpoint, model, wanted=wanted)
    # Not of a success: an error in its body may have been billed as one.
    again = (
        is_transient(reply.status) and error.code in _MAY_PASS and not forbids_retry(reply.headers)
    )
    return FailedError(
        error,
        Hint(again, retry_after(reply.headers), whole=_refuses_streams(reply)),
    )


def from_reply(reply: Reply, endpoint: Endpoint, model: str, *, wanted: str) -> VisionError:
    """Return the coded error for a reply that is not what was `wanted`, such as `a list`."""
    if reply.broken == "size":
        return _something_else(endpoint, f"{wanted}, since it is longer than 8 MiB")
    if not reply.is_error:
        return _something_else(endpoint, wanted)
    refusal = Refusal(
        status=error_bodies.error_status(reply.document, reply.status),
        said=error_bodies.error_text(reply.document),
        request_id=_request_id(reply, endpoint),
        retry_after=retry_after(reply.headers),
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


def _refuses_streams(reply: Reply) -> bool:
    """Tell whether it is only the wish for a stream that is refused."""
    if reply.status not in {400, 404, 405, 415, 422, 501}:
        return False
    return STREAM.search(error_bodies.error_text(reply.document)) is not None


def _something_else(endpoint: Endpoint, wanted: str) -> VisionError:
    return ProviderError(
        "unavailable",
        f"{endpoint.provider.title} at {endpoint.host} answered with something that is not "
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


def _when(seconds: float | None) -> str:
    return "in a minute" if seconds is None else f"in {duration(seconds)}"
