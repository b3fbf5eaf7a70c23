"""The keywords of JSON Schema, in groups: what each says something about."""

from typing import Literal

from pydantic import JsonValue

Type = Literal["string", "number", "integer", "boolean", "null", "array", "object"]
TYPES: tuple[Type, ...] = ("string", "number", "integer", "boolean", "null", "array", "object")

Node = dict[str, JsonValue]
"""A schema, or a part of one, that is an object."""

ANNOTATIONS = ("title", "description")
"""Read by models. All other annotations say nothing about a value and are never sent."""

_NUMBER = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_STRING = frozenset({"minLength", "maxLength", "pattern", "format"})
_ARRAY = frozenset(
    {"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains"}
    | {"maxContains", "unevaluatedItems", "additionalItems"}
)
HIDDEN = "hidden properties"
"""Ours: names of properties that only conditions tell of, which are not sent."""

_OBJECT = frozenset(
    {"properties", "required", "additionalProperties", "patternProperties", "propertyNames"}
    | {"minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "dependencies"}
    | {"unevaluatedProperties", HIDDEN}
)

ABOUT: dict[Type, frozenset[str]] = {
    "string": _STRING,
    "number": _NUMBER,
    "integer": _NUMBER,
    "boolean": frozenset(),
    "null": frozenset(),
    "array": _ARRAY,
    "object": _OBJECT,
}
"""Which keywords bind a value of a type; those of other types do not touch it."""

CONDITIONS = frozenset({"not", "if", "then", "else"})
"""Bind values of every type, and no provider enforces them."""


def listed(value: JsonValue) -> list[JsonValue]:
    """Return a list, empty where there is none."""
    return value if isinstance(value, list) else []


def named(value: JsonValue) -> dict[str, JsonValue]:
    """Return an object, empty where there is none."""
    return value if isinstance(value, dict) else {}


def texts(value: JsonValue) -> list[str]:
    """Return the texts in a list, such as the names of what is required."""
    return [one for one in listed(value) if isinstance(one, str)]


def type_of(value: JsonValue) -> Type:
    """Return the type of a JSON value, `integer` for whole numbers."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "integer" if value == int(value) else "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def types_of(node: Node) -> tuple[Type, ...]:
    """Return the types that the schema allows by its `type`; all where it has none."""
    said = node.get("type")
    if said is None:
        return tuple(one for one in TYPES if one != "integer")
    names = said if isinstance(said, list) else [said]
    return tuple(one for one in TYPES if one in names)
