"""The answer, as one object or as a stream of events."""

import json
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fake_xai.catalogue import Model
from tests.fake_xai.recorded import Recorded
from tests.fake_xai.usage import BYTES_PER_TOKEN, text_tokens, usage

_WORDS = re.compile(r"\s*\S+\s*|\s+")


@dataclass(frozen=True)
class Completion:
    """What the model said, and what it cost."""

    id: str
    created: int
    model: str
    text: str
    finish_reason: str
    usage: dict[str, Any]


def complete(seen: Recorded, model: Model, text: str, cached: int) -> Completion:
    """Say the text, cut to what the request allows."""
    limit = seen.body.get("max_completion_tokens") or seen.body.get("max_tokens")
    said = _cut(text, limit)
    return Completion(
        id=str(uuid.uuid4()),
        created=int(time.time()),
        model=model.id,
        text=said,
        finish_reason="stop" if said == text else "length",
        usage=usage(seen, model, said, cached),
    )


def _cut(text: str, limit: int | None) -> str:
    if limit is None or text_tokens(text) <= limit:
        return text
    return text.encode()[: limit * BYTES_PER_TOKEN].decode(errors="ignore")


def as_object(completion: Completion) -> dict[str, Any]:
    """The body of an answer that is not streamed."""
    message = {"role": "assistant", "content": completion.text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": completion.finish_reason}
    return {
        "id": completion.id,
        "object": "chat.completion",
        "created": completion.created,
        "model": completion.model,
        "choices": [choice],
        "usage": completion.usage,
        "system_fingerprint": "fp_standin",
    }


def as_events(completion: Completion, *, include_usage: bool) -> tuple[bytes, ...]:
    """The events of a streamed answer: role, words, end, usage if asked for, and `[DONE]`."""
    chunks = [_chunk(completion, choices) for choices in _choices(completion)]
    if include_usage:
        chunks.append(_chunk(completion, []) | {"usage": completion.usage})
    lines = [json.dumps(chunk, ensure_ascii=False) for chunk in chunks]
    return tuple(f"data: {line}\n\n".encode() for line in (*lines, "[DONE]"))


def _choices(completion: Completion) -> Iterator[list[dict[str, Any]]]:
    yield [_choice({"role": "assistant", "content": ""}, None)]
    for words in _WORDS.findall(completion.text):
        yield [_choice({"content": words}, None)]
    yield [_choice({}, completion.finish_reason)]


def _choice(delta: dict[str, str], finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason}


def _chunk(completion: Completion, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": completion.id,
        "object": "chat.completion.chunk",
        "created": completion.created,
        "model": completion.model,
        "choices": choices,
        "system_fingerprint": "fp_standin",
    }
