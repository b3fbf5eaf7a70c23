"""How large a schema is that is sent, and how large it may be."""

from dataclasses import dataclass

from pydantic import JsonValue

from grok_vision.providers import SchemaDialect
from grok_vision.schemas.keywords import Node, listed, named
from grok_vision.schemas.losses import Inexpressible


def check_limits(sent: Node, dialect: SchemaDialect) -> None:
    """Make sure that what is to be sent is no larger than the provider takes.

    Raises:
        Inexpressible: it is.
    """
    size = _size(sent)
    for most, found, what in (
        (dialect.max_depth, size.depth, "levels"),
        (dialect.max_properties, size.properties, "properties"),
        (dialect.max_values, size.values, "values of enum"),
        (dialect.max_characters, size.characters, "characters of names and values"),
    ):
        if most is not None and found > most:
            raise Inexpressible((), f"it has {found:,} {what}, of which {most:,} are taken")


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    properties: int = 0
    values: int = 0
    characters: int = 0


def _size(node: JsonValue) -> _Size:
    """Return how large a schema is that is sent: a level is an object or a list in another."""
    if not isinstance(node, dict):
        return _Size()
    properties, values = named(node.get("properties")), listed(node.get("enum"))
    others = [
        node.get("items"),
        node.get("additionalProperties"),
        *listed(node.get("anyOf")),
        *listed(node.get("oneOf")),
        *named(node.get("$defs")).values(),
    ]
    sizes = [_size(inner) for inner in [*properties.values(), *others]]
    return _Size(
        depth=(node.get("type") in {"object", "array"})
        + max((one.depth for one in sizes), default=0),
        properties=len(properties) + sum(one.properties for one in sizes),
        values=len(values) + sum(one.values for one in sizes),
        characters=sum(len(str(one)) for one in (*properties, *values))
        + sum(one.characters for one in sizes),
    )
