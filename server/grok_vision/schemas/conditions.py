"""The properties that only conditions tell of: they cannot be sent, and must not be lost."""

from collections.abc import Iterator

from jsonschema_rs import ReferencingError, Resolver
from pydantic import JsonValue

from grok_vision.schemas.keywords import Node

_DEEPEST = 8
_CONDITIONAL = ("then", "else")
_WITHIN = ("allOf", "anyOf", "oneOf")


def hidden_names(schema: Node, resolver: Resolver) -> list[str]:
    """Return the names of properties in what depends on a condition, in order, each once."""
    parts: list[JsonValue] = [schema[key] for key in _CONDITIONAL if key in schema]
    for keyword in ("dependentSchemas", "dependencies"):
        named = schema.get(keyword)
        parts += named.values() if isinstance(named, dict) else ()
    names = [name for part in parts for name in _names(part, resolver, 0)]
    required = schema.get("dependentRequired")
    for listed in required.values() if isinstance(required, dict) else ():
        names += [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    return list(dict.fromkeys(names))


def _names(part: object, resolver: Resolver, depth: int) -> Iterator[str]:
    if isinstance(part, list):
        yield from (one for one in part if isinstance(one, str))  # dependencies of older drafts
    if not isinstance(part, dict) or depth > _DEEPEST:
        return
    named = part.get("properties")
    yield from named if isinstance(named, dict) else ()
    required = part.get("required")
    yield from (
        (one for one in required if isinstance(one, str)) if isinstance(required, list) else ()
    )
    for keyword in _WITHIN:
        for one in part.get(keyword) or ():
            yield from _names(one, resolver, depth + 1)
    for keyword in _CONDITIONAL:
        yield from _names(part.get(keyword), resolver, depth + 1)
    if isinstance(reference := part.get("$ref"), str):
        try:
            found = resolver.lookup(reference)
        except ReferencingError:
            return
        yield from _names(found.contents, found.resolver, depth + 1)
