"""The request body: encoded while it is sent, so that pictures are never held as base64."""

import binascii
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from grok_vision.chat import ChatRequest, ImagePart, Message, Part, RemoteImagePart, TextPart
from grok_vision.vocabulary import Detail

# A multiple of three, so that every piece of base64 is whole; small enough to stay in the cache.
_CHUNK = 384 * 1024
_STREAM = {"stream": True, "stream_options": {"include_usage": True}}


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON document in pieces: text as it is, pictures still to be encoded."""

    pieces: tuple[bytes | ImagePart, ...] = field(repr=False)
    length: int

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the document, from its beginning each time."""
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            view = memoryview(piece.data)
            for start in range(0, len(view), _CHUNK):
                yield binascii.b2a_base64(view[start : start + _CHUNK], newline=False)


def encode(request: ChatRequest, *, stream: bool) -> Body:
    """Return the body of the request and its length in bytes.

    `stream` asks for the answer word by word, with what it used in the last event.
    """
    # The document is written once with a mark in place of each picture, then cut at the marks.
    mark = secrets.token_hex(16)
    images = [
        part
        for message in request.messages
        for part in message.parts
        if isinstance(part, ImagePart)
    ]
    document = {
        "model": request.model,
        "messages": [_message(message, mark) for message in request.messages],
        **request.parameters,
        **(_STREAM if stream else {}),
    }
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    cut = text.split(mark.encode("ascii"))
    pieces: list[bytes | ImagePart] = [cut[0]]
    for image, following in zip(images, cut[1:], strict=True):
        pieces += [image, following]
    length = sum(map(len, cut)) + sum(_base64_length(len(image.data)) for image in images)
    return Body(tuple(pieces), length)


def _base64_length(size: int) -> int:
    return 4 * ((size + 2) // 3)


def _message(message: Message, mark: str) -> dict[str, Any]:
    parts = message.parts
    if len(parts) == 1 and isinstance(parts[0], TextPart):
        # Some servers take a list of parts from the user only.
        return {"role": message.role, "content": parts[0].text}
    return {"role": message.role, "content": [_part(part, mark) for part in parts]}


def _part(part: Part, mark: str) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    if isinstance(part, RemoteImagePart):
        return _image(part.url, part.detail)
    return _image(f"data:{part.media_type};base64,{mark}", part.detail)


def _image(url: str, detail: Detail) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, "detail": detail}}
