"""How an answer that fits a schema is asked for: what is sent of it, and what is told in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import jsonschema_rs
from pydantic import JsonValue

from grok_vision.providers import Provider
from grok_vision.schemas.expansion import Expansion
from grok_vision.schemas.keywords import Node
from grok_vision.schemas.losses import Inexpressible, Losses
from grok_vision.schemas.reduction import Reduction
from grok_vision.schemas.schema import Schema
from grok_vision.schemas.sizes import check_limits

# Older drafts hold addresses and bounds that the writing out, which follows 2020-12, does not read.
_UNWRITTEN = (
    Inexpressible,
    jsonschema_rs.ReferencingError,
    jsonschema_rs.ValidationError,
    ValueError,
    RecursionError,
)
_UNREADABLE = Inexpressible((), "an address, a draft or a bound in it is not common")

WRAPPER = "answer"
"""The property in which an answer stands that is not an object: providers want an object."""


@dataclass(frozen=True, slots=True)
class Translation:
    """How a provider is asked for an answer that fits a schema.

    Attributes:
        response_format: The parameter of that name; None where only words ask.
        words: The schema as it is told in words; empty where the model reads what is sent.
        wrapped: Whether the answer stands in the property `WRAPPER` of an object.
        nullable: Whether properties that may be left out were asked for as null.
        warnings: What is not sent, and checked here only.
    """

    response_format: Mapping[str, JsonValue] | None
    words: str = ""
    wrapped: bool = False
    nullable: bool = False
    warnings: tuple[str, ...] = ()


def translated(schema: Schema, provider: Provider) -> Translation:
    """Return how the provider is asked: by schema if it takes that, else as JSON, else in words."""
    if schema.is_free:
        return Translation(_looser(provider))
    losses = Losses()
    try:
        expansion = Expansion(dict(schema.document), losses)
        root = expansion.root()
        wrapped = not _is_object(root, expansion)
    except _UNWRITTEN as error:
        reason = error if isinstance(error, Inexpressible) else _UNREADABLE
        return _in_words(schema, provider, not _says_object(schema), reason)
    dialect = provider.schema_dialect
    if dialect is None:
        return _in_words(schema, provider, wrapped)
    try:
        sent, wrapped = _sent(root, expansion, Reduction(dialect, losses))
        check_limits(sent, dialect)
    except Inexpressible as reason:
        return _in_words(schema, provider, wrapped, reason)
    shown = dialect.shown and not losses.matter
    return Translation(
        {
            "type": "json_schema",
            "json_schema": {"name": schema.name, "strict": dialect.strict, "schema": sent},
        },
        words="" if shown else _told(schema, wrapped=wrapped),
        wrapped=wrapped,
        nullable=dialect.all_required,
        warnings=_lost(provider, losses),
    )


def _looser(provider: Provider) -> Mapping[str, JsonValue] | None:
    return {"type": "json_object"} if "json_object" in provider.json_forms else None


def _in_words(
    schema: Schema, provider: Provider, wrapped: bool, reason: Inexpressible | None = None
) -> Translation:
    """Return how it is asked for without a schema; a reason is told where one would be taken."""
    told: tuple[str, ...] = ()
    if reason and provider.schema_dialect:
        told = (
            f"{provider.title} cannot be sent this schema (at {reason.place or 'its root'}: "
            f"{reason.reason}), so it was asked for in words, and is checked here.",
        )
    return Translation(
        _looser(provider), words=_told(schema, wrapped=wrapped), wrapped=wrapped, warnings=told
    )


def _lost(provider: Provider, losses: Losses) -> tuple[str, ...]:
    if not losses:
        return ()
    return (
        f"{provider.title} does not take all of the schema; this was not sent as a part of it, and "
        f"is checked here: {losses}.",
    )


def _told(schema: Schema, *, wrapped: bool) -> str:
    document = json.dumps(schema.document, ensure_ascii=False, separators=(",", ":"))
    if wrapped:
        return (
            f"The JSON document is an object with the one property `{WRAPPER}`, whose value fits "
            f"this JSON Schema:\n{document}"
        )
    return f"The JSON document fits this JSON Schema:\n{document}"


def _says_object(schema: Schema) -> bool:
    said = schema.document.get("type", "object" if "properties" in schema.document else None)
    return said == "object"


def _is_object(root: Node, expansion: Expansion) -> bool:
    return _resolved(root, expansion).get("type") == "object"


def _resolved(root: Node, expansion: Expansion) -> Node:
    name = str(root.get("$ref", "")).removeprefix("#/$defs/")
    return expansion.definitions[name][1] if name else root


def _sent(root: Node, expansion: Expansion, reduction: Reduction) -> tuple[Node, bool]:
    """Return the schema to send, and whether the answer is wrapped in it."""
    parts: Node = {
        name: reduction.schema(node, path) for name, (path, node) in expansion.definitions.items()
    }
    whole = reduction.schema(_resolved(root, expansion), ())
    # An object without properties is refused by some, too.
    wrapped = "properties" not in whole
    if wrapped:
        whole = {
            "type": "object",
            "properties": {WRAPPER: whole},
            "required": [WRAPPER],
            "additionalProperties": False,
        }
    return ({**whole, "$defs": parts} if parts else whole), wrapped
