"""An answer, worded and counted as the provider does."""

from typing import Any

from tests.fake_provider.quirks import Quirks
from tests.fake_xai import Recorded
from tests.fake_xai.usage import text_tokens

CACHED = 128


def complete(seen: Recorded, quirks: Quirks, answer: str | None) -> dict[str, Any]:
    """The body of an answer; without words it thought until it was cut off."""
    message = {"role": "assistant", "content": _content(quirks, answer)}
    if reasoning_tokens(seen, quirks):
        message[quirks.thought] = "Let me look at it."
    finish_reason = "length" if answer is None else "stop"
    document = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_000_000,
        "model": quirks.answers_as or seen.body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
    }
    if quirks.usage != "none":
        document["usage"] = usage(seen, quirks, answer or "")
    return document


def _content(quirks: Quirks, answer: str | None) -> Any:
    if answer is None or quirks.content == "text":
        return answer
    return [{"type": "text", "text": answer}]


def reasoning_tokens(seen: Recorded, quirks: Quirks) -> int:
    """How many tokens it thinks, unless it was told not to."""
    return 0 if seen.body.get("reasoning_effort") == "none" else quirks.reasoning


def usage(seen: Recorded, quirks: Quirks, answer: str) -> dict[str, Any]:
    """The `usage` of an answer."""
    pictures = len(seen.images) + len(seen.links)
    prompt = text_tokens("".join(seen.texts)) + pictures * quirks.image_tokens
    thought = reasoning_tokens(seen, quirks)
    completion = text_tokens(answer) + thought
    counted: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    if quirks.usage == "details":
        counted["prompt_tokens_details"] = {"cached_tokens": CACHED}
        counted["completion_tokens_details"] = {"reasoning_tokens": thought}
    elif quirks.usage == "plain":
        counted["prompt_tokens_details"] = None  # vLLM; others leave it out, which reads the same
    if quirks.cost is not None:
        counted["cost"] = quirks.cost
    return counted
