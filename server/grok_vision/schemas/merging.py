"""Two schemas that must both hold, written as one."""

from collections.abc import Callable

from pydantic import JsonValue

from grok_vision.schemas.keywords import ANNOTATIONS, HIDDEN, Node, types_of
from grok_vision.schemas.losses import Inexpressible, Losses
from grok_vision.schemas.problems import Path


def merged_at(one: Node, other: Node, path: Path, losses: Losses, reason: str) -> Node:
    """Return a schema for what fits both, what is dropped entered as lost at the path.

    Raises:
        Inexpressible: they cannot be said as one, for the reason given.
    """
    try:
        return merged(one, other, lambda keyword: losses.add(keyword, path))
    except Unmergeable as conflict:
        raise Inexpressible((*path, conflict.keyword), reason) from None


Dropped = Callable[[str], None]
"""Is told the keyword of which only the first was kept: what is left is looser."""


class Unmergeable(Exception):  # noqa: N818 - told as a loss, and never raised to callers
    """The two say something of the same kind that one schema cannot say, not even loosely."""

    def __init__(self, keyword: str) -> None:
        super().__init__(keyword)
        self.keyword = keyword


def merged(one: Node, other: Node, dropped: Dropped) -> Node:
    """Return a schema for what fits both; of two patterns or the like the first alone.

    Raises:
        Unmergeable: they cannot be said as one, such as two choices.
    """
    both = dict(one)
    for keyword, value in other.items():
        both[keyword] = _both(keyword, one[keyword], value, dropped) if keyword in one else value
    return both


def _both(keyword: str, one: JsonValue, other: JsonValue, dropped: Dropped) -> JsonValue:
    if one == other or keyword in ANNOTATIONS:
        return one
    if keyword == "properties":
        return _properties(one, other, dropped)
    if keyword in {"items", "additionalProperties"}:
        return _schemas(one, other, dropped)
    if keyword in _RULES:
        return _RULES[keyword](one, other)
    if keyword in {"anyOf", "oneOf", "prefixItems", "patternProperties"}:
        raise Unmergeable(keyword)
    dropped(keyword)
    return one


def _types(one: JsonValue, other: JsonValue) -> JsonValue:
    left, right = types_of({"type": one}), types_of({"type": other})
    # A whole number is a number.
    common = [
        kind
        for kind in dict.fromkeys((*left, *right))
        if _allows(left, kind) and _allows(right, kind)
    ]
    if not common:
        raise Unmergeable("type")
    return common[0] if len(common) == 1 else [*common]


def _allows(types: tuple[str, ...], kind: str) -> bool:
    return kind in types or (kind == "integer" and "number" in types)


def _values(one: JsonValue, other: JsonValue) -> JsonValue:
    if not isinstance(one, list) or not isinstance(other, list):
        raise Unmergeable("enum")
    return [value for value in one if value in other]


def _names(one: JsonValue, other: JsonValue) -> JsonValue:
    if not isinstance(one, list) or not isinstance(other, list):
        raise Unmergeable("required")
    return list(dict.fromkeys([*one, *other]))


def _properties(one: JsonValue, other: JsonValue, dropped: Dropped) -> JsonValue:
    if not isinstance(one, dict) or not isinstance(other, dict):
        raise Unmergeable("properties")
    both = dict(one)
    for name, schema in other.items():
        both[name] = _schemas(one[name], schema, dropped) if name in one else schema
    return both


def _schemas(one: JsonValue, other: JsonValue, dropped: Dropped) -> JsonValue:
    if one is True or other is True:
        return other if one is True else one
    if one is False or other is False:
        return False
    if not isinstance(one, dict) or not isinstance(other, dict):
        raise Unmergeable("items")
    return merged(one, other, dropped)


def _larger(one: JsonValue, other: JsonValue) -> JsonValue:
    return max(_number(one), _number(other))


def _smaller(one: JsonValue, other: JsonValue) -> JsonValue:
    return min(_number(one), _number(other))


def _number(value: JsonValue) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unmergeable("minimum")  # draft 4 has true and false there
    return value


_RULES: dict[str, Callable[[JsonValue, JsonValue], JsonValue]] = {
    "type": _types,
    "enum": _values,
    "required": _names,
    HIDDEN: _names,
    "uniqueItems": lambda one, other: bool(one) or bool(other),
    **dict.fromkeys(
        ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), _larger
    ),
    **dict.fromkeys(
        ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), _smaller
    ),
}
