"""Event streams as a provider sends them: their chunks as text."""

import json
from collections.abc import Iterable
from typing import Any

from tests.faults.completion import TEXT, head, usage

KIND = "text/event-stream; charset=utf-8"
DONE = "data: [DONE]\n\n"
START = head("200 OK", "Transfer-Encoding: chunked", "Cache-Control: no-cache", kind=KIND)


def part(delta: object = None, finish_reason: object = None, **changed: Any) -> dict[str, Any]:
    """Return one chunk of a completion; `changed` replaces or adds fields at its top."""
    return {
        "id": "0191-fault",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "grok-4.3",
        "choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish_reason}],
        **changed,
    }


def words(text: str) -> dict[str, Any]:
    """Return a chunk with some of the text."""
    return part({"content": text})


FIRST = part({"role": "assistant", "content": ""})
HALF = words(TEXT[:7])
REST = words(TEXT[7:])
LAST = part({}, "stop")
USED = part(choices=[], usage=usage())
WHOLE = (FIRST, HALF, REST, LAST, USED)


def event(document: object) -> str:
    """Return an event with a JSON document."""
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n"


def stream(documents: Iterable[object] = WHOLE, end: str = DONE) -> str:
    """Return a whole stream."""
    return "".join(map(event, documents)) + end
