"""The part of OpenAI's wire format that the offline engine speaks."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from grok_vision.local.forms import Form, ResponseFormat, form_of

Code = Literal[
    "invalid_request", "invalid_image", "no_image", "unsupported_url", "stream_unsupported"
]


class BadRequest(Exception):  # noqa: N818 - named as HTTP names it
    """The request cannot be answered as it is; becomes status 400."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class LocalRequest:
    """What is taken from a request.

    Attributes:
        urls: Its pictures.
        form: The form of answer that is wanted.
        labels: The words that stand right before each picture; empty where there are none.
        words: All words that are parts beside pictures.
    """

    urls: tuple[str, ...]
    form: Form
    labels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What is answered, and in one sentence why it is not what was asked for, if it is not."""

    content: str
    refusal: str | None = None


class _ImageUrl(BaseModel):
    url: str


class _Part(BaseModel):
    type: str
    text: str | None = None
    image_url: _ImageUrl | None = None


class _Message(BaseModel):
    content: str | list[_Part] | None = None


class _Body(BaseModel):
    messages: list[_Message]
    stream: bool | None = None
    response_format: ResponseFormat | None = None


def parse(body: bytes) -> LocalRequest:
    """Reads the body of a chat completion request.

    Raises:
        BadRequest: It is not one, has no picture, or asks for a stream.
    """
    try:
        parsed = _Body.model_validate_json(body)
    except ValidationError as error:
        # Only places and kinds: pydantic's own text would quote the picture.
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['type']}"
            for fault in error.errors(include_input=False, include_url=False)[:3]
        )
        message = f"The body is not a chat completion request ({faults})."
        raise BadRequest("invalid_request", message) from None
    if parsed.stream:
        raise BadRequest("stream_unsupported", "The offline engine does not stream yet.")
    pictures = tuple(_pictures(parsed))
    if not pictures:
        raise BadRequest("no_image", "The messages hold no image_url part, so there is no picture.")
    labels, urls = zip(*pictures, strict=True)
    words = tuple(part.text for part in _parts(parsed) if part.text)
    return LocalRequest(urls, form_of(parsed.response_format), labels, words)


def _pictures(body: _Body) -> Iterator[tuple[str, str]]:
    """Yields the label and the URL of each picture."""
    label = ""
    for part in _parts(body):
        if part.image_url:
            yield label, part.image_url.url
        label = "" if part.image_url else part.text or ""


def _parts(body: _Body) -> Iterator[_Part]:
    for message in body.messages:
        yield from message.content if isinstance(message.content, list) else ()


def completion(model: str, reply: Reply) -> dict[str, Any]:
    """A chat completion. It has no `usage`, because nothing was used."""
    message = {"role": "assistant", "content": reply.content, "refusal": reply.refusal}
    return {
        "id": f"chatcmpl-local-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }


def models(model: str) -> dict[str, Any]:
    """The list of models, which has one."""
    return {"object": "list", "data": [{"id": model, "object": "model", "owned_by": "local"}]}


def problem(message: str, code: str) -> dict[str, Any]:
    """An error as OpenAI nests it."""
    return {"error": {"message": message, "type": "invalid_request_error", "code": code}}
