"""In what providers differ, as data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fake_provider.schema_rules import SchemaRules
from tests.fake_xai import Response

UNKNOWN_MODEL = "no-such-model"

Failure = Literal[
    "bad_key",
    "unknown_model",
    "retired_model",
    "nothing_loaded",
    "does_not_load",
    "blind",
    "bad_parameter",
    "bad_image",
    "too_many_images",
    "too_large",
    "too_many_tokens",
    "context",
    "rate_limit",
    "no_credit",
    "moderated",
    "outage",
    "wrong_address",
]


@dataclass(frozen=True, kw_only=True)
class Quirks:
    """One provider.

    Attributes:
        name: As GROK_VISION_PROVIDER spells it.
        brand: As people know it.
        address: Where it answers, up to the last part before `/chat/completions`.
        key: The setting of its key; None for servers that need none.
        models: Those that it serves and that see.
        blind_model: One that it serves and that does not.
        no_system: Models that refuse a system message beside pictures.
        bare_list: Whether `/models` is a list and not an object.
        open_list: Whether `/models` is told to strangers.
        caps: The parameters that cap the output.
        refused: Parameters that are answered 400.
        extras: Keys of its own, which no client library knows, with their one sound value.
        schemas: Which response formats and schemas it takes.
        efforts: The values of `reasoning_effort` that are taken; without any, it is refused.
        fetches_urls: Whether a picture may be a URL.
        max_images: How many pictures a request may hold.
        max_body: How many bytes a request may hold.
        image_tokens: What a picture is counted as.
        reasoning: How many tokens it thinks before it answers.
        usage: How it counts: `details` tells reasoning, which is a part of the completion;
            `plain` has it in the completion and does not tell; `none` counts nothing.
        price: US dollars for a million tokens of input, of cached input and of output, of the
            first of its models, where it is published and not told in `usage`.
        cost: US dollars that its `usage` tells.
        answers_as: The model that an answer names; None for the one that was asked.
        content: How the words of an answer come.
        thought: The field of a message that holds what was thought.
        headers: Of every response; `{id}` is replaced.
        answer_headers: Of answers only.
        failures: How it refuses.
    """

    name: str
    brand: str
    address: str
    key: str | None = None
    models: tuple[str, ...]
    blind_model: str
    no_system: tuple[str, ...] = ()
    bare_list: bool = False
    open_list: bool = False
    caps: frozenset[str]
    refused: frozenset[str] = frozenset()
    extras: Mapping[str, object] = field(default_factory=dict)
    schemas: SchemaRules
    efforts: frozenset[str] = frozenset()
    fetches_urls: bool = False
    max_images: int | None = None
    max_body: int | None = None
    image_tokens: int = 600
    reasoning: int = 40
    usage: Literal["details", "plain", "none"]
    price: tuple[float, float, float] | None = None
    cost: float | None = None
    answers_as: str | None = None
    content: Literal["text", "parts"] = "text"
    thought: str = "reasoning_content"
    headers: Mapping[str, str] = field(default_factory=dict)
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[Failure, Response]


def nested(
    status: int,
    message: str,
    kind: str = "invalid_request_error",
    code: object = None,
    *,
    param: str | None = None,
    **headers: str,
) -> Response:
    """The shape of OpenAI: `{"error": {"message", "type", "param", "code"}}`."""
    error = {"message": message, "type": kind, "param": param, "code": code}
    return Response(status, {"error": error}, _spelled(headers))


def body(status: int, document: dict[str, Any], **headers: str) -> Response:
    """Any other shape."""
    return Response(status, document, _spelled(headers))


def page(status: int, title: str) -> Response:
    """The page of the web server in front."""
    text = f"<html><head><title>{status} {title}</title></head><body>{title}</body></html>"
    return Response(status, text, {"content-type": "text/html"})


def document(value: object) -> Response:
    """A success that may be any JSON document."""
    return Response(200, json.dumps(value), {"content-type": "application/json"})


def _spelled(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
