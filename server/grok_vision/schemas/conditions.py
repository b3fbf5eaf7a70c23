"""The properties that only conditions tell of: they cannot be sent, and must not be lost."""

from collections.abc import Iterator

from jsonschema_rs import ReferencingError, Resolver
from pydantic import JsonValue

from grok_vision.schemas.keywords import Node, listed, named, texts

_DEEPEST = 8
_CONDITIONAL = ("then", "else")
_WITHIN = ("allOf", "anyOf", "oneOf")


def hidden_names(schema: Node, resolver: Resolver) -> list[str]:
    """Return the names of properties in what depends on a condition, in order, each once."""
    parts: list[JsonValue] = [schema[key] for key in _CONDITIONAL if key in schema]
    for keyword in ("dependentSchemas", "dependencies"):
        parts += named(schema.get(keyword)).values()
    names = [name for part in parts for name in _names(part, resolver, 0)]
    for required in named(schema.get("dependentRequired")).values():
        names += texts(required)
    return list(dict.fromkeys(names))


def _names(part: object, resolver: Resolver, depth: int) -> Iterator[str]:
    if isinstance(part, list):
        yield from texts(part)  # dependencies of older drafts
    if not isinstance(part, dict) or depth > _DEEPEST:
        return
    yield from named(part.get("properties"))
    yield from texts(part.get("required"))
    for keyword in _WITHIN:
        for one in listed(part.get(keyword)):
            yield from _names(one, resolver, depth + 1)
    for keyword in _CONDITIONAL:
        yield from _names(part.get(keyword), resolver, depth + 1)
    if isinstance(reference := part.get("$ref"), str):
        try:
            found = resolver.lookup(reference)
        except ReferencingError:
            return
        yield from _names(found.contents, found.resolver, depth + 1)
