"""Answers that are whole as HTTP, and whose body is not what it should be."""

import json

from tests.faults.completion import (
    BODY_MARK,
    KEY,
    OK,
    TEXT,
    Said,
    choice,
    completion,
    encoded,
    reply,
    usage,
)

_HTML = f"<!doctype html><title>Sign in</title><p>{BODY_MARK}</p>".encode()


def _message(message: object, finish_reason: object = "stop") -> Said:
    return reply(completion(choices=[choice(message, finish_reason)]))


def _with(old: bytes, new: bytes) -> Said:
    """Return the good answer with some of its bytes replaced: what no encoder of JSON writes."""
    assert old in OK
    return reply(OK.replace(old, new))


_CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
_DIGITS = b"9" * 10_000

ANSWERS: dict[str, Said] = {
    "ok": reply(),
    "truncated-json": reply(OK[: len(OK) // 2]),
    "empty-200": reply(b""),
    "html-200": reply(_HTML, kind="text/html"),
    "200-error-body": reply({"error": {"message": BODY_MARK, "type": "server_error"}}),
    "200-code-error": reply({"code": "internal", "error": BODY_MARK}),
    "wrong-ct-valid-json": reply(kind="text/html"),
    "bom": reply(b"\xef\xbb\xbf" + OK),
    "utf16": reply(OK.decode().encode("utf-16")),
    "invalid-utf8": _with(TEXT.encode(), b"A caf\xe9 \xff"),
    "lone-surrogate": _with(TEXT.encode(), rb"A lone \ud83c surrogate"),
    "leading-newlines": reply(b"\r\n\n \t\n" + OK),
    "json-array": reply([completion()]),
    "json-number": reply(b"42"),
    "json-nan": _with(b'"created": 1', b'"created": NaN, "score": -Infinity'),
    "deep-json": reply(b"[" * 100_000),
    "dup-keys": _with(b'"finish_reason"', b'"finish_reason": "length", "finish_reason"'),
    "choices-empty": reply(completion(choices=[])),
    "choices-null": reply(completion(choices=None)),
    "message-missing": reply(completion(choices=[{"index": 0, "finish_reason": "stop"}])),
    "content-null": reply(completion(None)),
    "content-list": reply(completion([{"type": "text", "text": TEXT}])),
    "refusal": _message({"content": None, "refusal": f"I can't. {BODY_MARK}"}),
    "tool-calls": _message({"content": None, "tool_calls": [_CALL]}, "tool_calls"),
    "finish-length": _message({"content": TEXT}, "length"),
    "finish-unknown": _message({"content": TEXT}, "banana"),
    "usage-missing": reply({name: part for name, part in completion().items() if name != "usage"}),
    "unknown-fields": reply(completion(citations=[1], x={"y": [None]}, service_tier="b")),
    # Ours
    "null-200": reply(b"null"),
    "string-200": reply(BODY_MARK),
    "empty-object": reply({}),
    "two-documents": reply(OK + b"\n" + OK),
    "trailing-garbage": reply(OK + b"</html>"),
    "key-in-200-error": reply({"error": f"Incorrect API key provided: {KEY}"}),
    "deep-json-in-a-field": _with(b'"created": 1', b'"deep": ' + b"[" * 50_000 + b"]" * 50_000),
    "digits-10000": _with(b'"created": 1', b'"created": ' + _DIGITS),
    "usage-digits-10000": _with(b'"total_tokens": 309', b'"total_tokens": ' + _DIGITS),
    "usage-of-wrong-types": reply(completion(usage={"prompt_tokens": "x", "total_tokens": -1})),
    "usage-infinite": _with(b'"prompt_tokens": 300', b'"prompt_tokens": 1e999'),
    "usage-a-list": reply(completion(usage=[usage()])),
    "choice-a-string": reply(completion(choices=["x"])),
    "choices-an-object": reply(completion(choices={"0": 1})),
    "message-a-string": reply(completion(choices=[choice(BODY_MARK)])),
    "content-an-object": reply(completion({"text": TEXT})),
    "content-blank": reply(completion(" \n\t ")),
    "content-with-controls": reply(completion(TEXT + "\x00\x1b[31m\u202e\x07")),
    "model-a-number": reply(completion(model=4.3)),
    "error-beside-words": reply(completion(error={"code": 502, "message": BODY_MARK})),
    "content-filter": _message({"content": ""}, "content_filter"),
    "escaped-ascii": reply(json.dumps(completion()).encode()),
    "latin1": reply(encoded(completion("A café")).decode().encode("latin-1")),
    "text-of-9-mib": reply(completion("x" * 9 * 1024 * 1024)),
}
