"""Event streams that are whole as HTTP: what is in them is the fault, or only unusual."""

import gzip
import json
from collections.abc import Sequence

from tests.faults.completion import BODY_MARK, TEXT, Said, head, reply
from tests.faults.events import (
    DONE,
    FIRST,
    HALF,
    KIND,
    LAST,
    REST,
    START,
    USED,
    WHOLE,
    event,
    part,
    stream,
    words,
)
from tests.faults.visit import chunk

_CALL = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}]}
_ERROR = {"error": {"message": BODY_MARK, "type": "server_error", "code": 502}}
_LIMIT = {"error": {"message": BODY_MARK, "type": "rate_limit_exceeded", "code": 429}}


def _said(text: str | bytes, kind: str = KIND) -> Said:
    data = text if isinstance(text, bytes) else text.encode()
    start = head("200 OK", "Transfer-Encoding: chunked", kind=kind)
    return Said(start + chunk(data) + b"0\r\n\r\n")


def _events(*documents: object) -> Said:
    return _said(stream(documents))


def _lines(document: object) -> str:
    """Return an event whose document lies on several lines."""
    pretty = json.dumps(document, indent=1, ensure_ascii=False)
    return "".join(f"data: {line}\n" for line in pretty.splitlines()) + "\n"


def _named(names: Sequence[str]) -> str:
    """Return a stream with fields beside the data, and comments."""
    return "".join(f": comment\n\n{name}\n{event(x)}" for name, x in zip(names, WHOLE, strict=True))


_OTHER_CHOICE = part(choices=[{"index": 1, "delta": {"content": BODY_MARK}}])
_PACKED = gzip.compress(stream().encode())

ANSWERS: dict[str, Said] = {
    "sse-ok": _said(stream()),
    "sse-cr-only": _said(stream().replace("\n", "\r")),
    "sse-no-done": _said(stream(end="")),
    "sse-data-after-done": _said(stream() + event(words(BODY_MARK))),
    "sse-bad-json-chunk": _said(event(HALF) + 'data: {"choices": [{\n\n' + event(REST) + DONE),
    "sse-multi-data-lines": _said("".join(map(_lines, WHOLE)) + DONE),
    "sse-bom": _said("\ufeff" + stream()),
    "sse-usage-only-last-chunk": _events(FIRST, HALF, REST, LAST, USED),
    "sse-wrong-content-type": _said(stream(), kind="application/octet-stream"),
    # Ours
    "sse-crlf": _said(stream().replace("\n", "\r\n")),
    "sse-no-space": _said(stream().replace("data: ", "data:")),
    "sse-comments-and-names": _said(
        _named(("event: message", "id: 7", "retry: 100", "event: x", "unknown")) + DONE
    ),
    "sse-json-content-type": _said(stream(), kind="application/json"),
    "sse-without-usage": _events(FIRST, HALF, REST, LAST),
    "sse-usage-in-each-chunk": _events(*({**each, "usage": USED["usage"]} for each in WHOLE)),
    "sse-usage-null": _events(*({"usage": None, **each} for each in WHOLE)),
    "sse-null-deltas": _events(FIRST, part({"content": None}), HALF, part(), REST, LAST),
    "sse-delta-null": _events(part(choices=[{"index": 0, "delta": None}]), HALF, REST, LAST),
    "sse-other-choice": _events(HALF, _OTHER_CHOICE, REST, LAST),
    "sse-finish-with-words": _events(HALF, part({"content": TEXT[7:]}, "stop")),
    "sse-content-list": _events(part({"content": [{"type": "text", "text": TEXT}]}), LAST),
    "sse-whole-message": _events(part(choices=[{"index": 0, "message": {"content": TEXT}}]), LAST),
    "sse-escaped-pair": _said(event(HALF) + event(REST).replace("🍵", "\\ud83c\\udf75") + DONE),
    "sse-split-pair": _said(
        r'data: {"choices": [{"index": 0, "delta": {"content": "A tea \ud83c"}}]}'
        "\n\n"
        r'data: {"choices": [{"index": 0, "delta": {"content": "\udf75"}}]}'
        "\n\n" + stream((LAST,))
    ),
    "sse-finish-length": _events(HALF, REST, part({}, "length")),
    "sse-reasoning-only": _events(part({"reasoning_content": BODY_MARK}), LAST, USED),
    "sse-reasoning-then-length": _events(part({"reasoning": BODY_MARK}), part({}, "length")),
    "sse-tool-calls": _events(part(_CALL), part({}, "tool_calls")),
    "sse-refusal": _events(part({"refusal": BODY_MARK}), LAST),
    "sse-content-filter": _events(part({}, "content_filter")),
    "sse-empty": _said(""),
    "sse-done-only": _said(DONE),
    "sse-empty-deltas": _events(FIRST, LAST, USED),
    "sse-error-before-text": _events(_ERROR),
    "sse-limit-before-text": _events(_LIMIT),
    "sse-error-after-text": _events(FIRST, words(TEXT), _ERROR),
    "sse-error-named": _said(event(words(TEXT)) + "event: error\n" + event(_ERROR)),
    "sse-chunk-null": _said("data: null\n\n" + stream()),
    "sse-chunk-a-list": _said("data: [1, 2]\n\n" + stream()),
    "sse-chunk-deep": _said("data: " + "[" * 100_000 + "\n\n" + stream()),
    "sse-utf16": _said(stream().encode("utf-16")),
    "sse-invalid-utf8": _said(event(words("A caf\u00e9")).encode("latin-1") + stream().encode()),
    "sse-nul": _said("\0" * 1000 + "\n\n" + stream()),
    "sse-no-last-blank-line": _said(stream().removesuffix("\n\n")),
    "sse-cut-in-event": _said(stream((FIRST, words(TEXT)), end=event(LAST)[:30])),
    "sse-end-without-finish": _said(stream((FIRST, words(TEXT)), end="")),
    "sse-gzip": reply(_PACKED, "200 OK", "Content-Encoding: gzip", kind=KIND),
    "sse-gzip-lie": reply(stream().encode(), "200 OK", "Content-Encoding: gzip", kind=KIND),
    "sse-with-length": reply(stream().encode(), kind=KIND),
    "sse-http10": Said(
        b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + stream().encode(), "close"
    ),
    "sse-of-500": reply(stream((_ERROR,)).encode(), "500 Failed", kind=KIND),
    "sse-of-400": reply(stream((_ERROR,)).encode(), "400 Bad Request", kind=KIND),
    "sse-of-html": _said(f"<html>{BODY_MARK}</html>"),
    "sse-of-json": reply(kind=KIND),
    "sse-close-unchunked": Said(
        START + chunk(stream((FIRST, words(TEXT)), end="").encode()), "close"
    ),
}
