"""What the fault server says: a good completion, and the marks that no message may repeat."""

import json
from dataclasses import dataclass
from typing import Any, Literal

# Of more than one byte in UTF-8 and of two units in UTF-16, so that cuts and codings show.
TEXT = "A café: 看板 🍵."
KEY = "xai-distinctive-key-0123456789"
BODY_MARK = "DISTINCTIVE BODY TEXT"

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Said:
    """Bytes that the server writes, and what becomes of the connection then."""

    data: bytes
    then: Literal["keep", "close", "reset"] = "keep"


def completion(content: object = TEXT, **changed: Any) -> dict[str, Any]:
    """Return a chat completion; `changed` replaces or adds fields at its top."""
    message = {"role": "assistant", "content": content, "refusal": None}
    return {
        "id": "0191-fault",
        "object": "chat.completion",
        "created": 1,
        "model": "grok-4.3",
        "choices": [choice(message)],
        "usage": usage(),
        **changed,
    }


def choice(message: object, finish_reason: object = "stop") -> dict[str, Any]:
    """Return the one choice of a completion."""
    return {"index": 0, "message": message, "finish_reason": finish_reason}


def usage() -> dict[str, Any]:
    """Return what a completion with a small picture uses."""
    return {"prompt_tokens": 300, "completion_tokens": 9, "total_tokens": 309}


def encoded(document: object) -> bytes:
    """Return a JSON document as UTF-8."""
    return json.dumps(document, ensure_ascii=False).encode()


OK = encoded(completion())


def head(status: str = "200 OK", *headers: str, kind: str = JSON) -> bytes:
    """Return a response's head, without a length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def reply(
    body: bytes | object = OK, status: str = "200 OK", *headers: str, kind: str = JSON
) -> Said:
    """Return a whole response with its true length; what is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else encoded(body)
    length = f"Content-Length: {len(content)}"
    return Said(head(status, length, *headers, kind=kind) + content)


def raw(data: bytes) -> Said:
    """Return bytes after which the connection is closed."""
    return Said(data, "close")


def failed(status: str, *headers: str, said: str = BODY_MARK) -> Said:
    """Return an error as xAI words it."""
    return reply({"code": "some-code", "error": said}, status, *headers)
