"""What an answer is kept under: a digest of all that the model would see."""

import hashlib
import json

from pydantic import JsonValue

from grok_vision.chat import ChatRequest, ImagePart, Message, RemoteImagePart, TextPart
from grok_vision.providers import Endpoint


def key_of(endpoint: Endpoint, request: ChatRequest) -> str | None:
    """Return the key of the request at this endpoint: SHA-256 in hexadecimal digits.

    None where its answer may change while the request does not: where a picture is sent as a URL,
    and where the embedded engine answers, whose words come with the version of this program.
    """
    if endpoint.offline or _shows_what_is_not_known(request):
        return None
    # In this order, as it is sent: a model answers in the order in which a schema names its fields.
    document = [
        endpoint.provider.name,
        endpoint.base_url,
        request.model,
        dict(request.parameters),
        [[message.role, *_parts(message)] for message in request.messages],
    ]
    return hashlib.sha256(json.dumps(document).encode("ascii")).hexdigest()


def _shows_what_is_not_known(request: ChatRequest) -> bool:
    return any(
        isinstance(part, RemoteImagePart) for message in request.messages for part in message.parts
    )


def _parts(message: Message) -> list[JsonValue]:
    parts: list[JsonValue] = []
    for part in message.parts:
        if isinstance(part, TextPart):
            parts.append(part.text)
        elif isinstance(part, ImagePart):
            digest = hashlib.sha256(part.data).hexdigest()
            parts.append([part.media_type, part.detail, digest])
    return parts
