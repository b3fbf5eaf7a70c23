"""The keywords that bound a value, and which of them a provider takes."""

import re

from pydantic import JsonValue

from grok_vision.providers import SchemaDialect
from grok_vision.schemas.keywords import ABOUT, HIDDEN, Node

_LENGTHS = frozenset({"minLength", "maxLength"})
# A pattern for the whole text: some providers hold all of it against any pattern, and some refuse
# others. Look-around, references and classes of Unicode are nowhere taken.
_WHOLE = re.compile(r"\^(?:[^\\]|\\[dws.*+?()\[\]{}|^$/-])*\$", re.DOTALL | re.IGNORECASE)
_GROUP_KIND = re.compile(r"\(\?(?!:)")
_BRACKETED = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|\((?:\\.|[^()\\])*\)", re.DOTALL)
_WITHIN = frozenset(
    {"items", "prefixItems", "properties", "required", "additionalProperties"}
    | {"patternProperties", "unevaluatedProperties", HIDDEN}
)


def bounds_of(node: Node, dialect: SchemaDialect) -> tuple[Node, frozenset[str]]:
    """Return those of a schema with one type that are taken, and the names of the others."""
    known = ABOUT[node["type"]] - _WITHIN  # type: ignore[index]  # a normal form has one type
    taken = {key: node[key] for key in node if key in known and _takes(key, node[key], dialect)}
    if dialect.lengths_alone and taken.keys() & {"pattern", "format"}:
        taken = {key: value for key, value in taken.items() if key not in _LENGTHS}
    return taken, known - taken.keys()


def _takes(keyword: str, value: JsonValue, dialect: SchemaDialect) -> bool:
    if keyword not in dialect.keywords:
        return False
    match keyword:
        case "format":
            return value in dialect.formats
        case "pattern":
            return _takes_pattern(str(value), dialect)
    # Draft 4 has true and false at exclusiveMinimum.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and value <= dialect.largest.get(keyword, value)  # type: ignore[operator]


def _takes_pattern(pattern: str, dialect: SchemaDialect) -> bool:
    plain = _WHOLE.fullmatch(pattern) and not _GROUP_KIND.search(pattern)
    return (
        bool(plain)
        and not _has_alternatives(pattern)
        and (dialect.pattern_escapes or "\\" not in pattern)
    )


def _has_alternatives(pattern: str) -> bool:
    """Tell whether `^` and `$` belong to different alternatives: `^a|b$`."""
    while (shorter := _BRACKETED.sub("", pattern)) != pattern:
        pattern = shorter
    return "|" in pattern
