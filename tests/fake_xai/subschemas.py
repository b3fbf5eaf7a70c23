"""A walk through a JSON Schema: the schemas in it, their places, and where references lead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

Path: TypeAlias = tuple[str | int, ...]

_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems", "items"})
_SINGLES = frozenset({"items", "contains", "propertyNames", "not", "if", "then", "else"})
# Here `true` and `false` are no schemas of a value: they open and close.
_ENDS = frozenset({"additionalProperties", "unevaluatedProperties", "unevaluatedItems"})

_BACKSLASH = r"(?<!\\)(?:\\\\)*\\"
_LOOK_AROUND = re.compile(r"(?<!\\)\(\?<?[=!]")
_FANCY = re.compile(rf"{_BACKSLASH}[1-9kpPbB]|(?<!\\)\(\?(?!:)")


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Node:
    """A schema within a schema."""

    schema: Any  # an object, or a boolean
    path: Path = ()

    @property
    def keywords(self) -> dict[str, Any]:
        """Its keywords; none of a boolean."""
        return self.schema if isinstance(self.schema, dict) else {}

    @property
    def types(self) -> list[str]:
        """Its `type` as a list; empty where it has none."""
        found = self.keywords.get("type", [])
        return found if isinstance(found, list) else [found]

    @property
    def place(self) -> str:
        """Where it is, as `schema.properties.a.anyOf[0]`."""
        return "schema" + "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path
        )


def walk(schema: Any, path: Path = ()) -> Iterator[Node]:
    """Every schema in a schema, itself first. References are not followed."""
    yield Node(schema, path)
    if isinstance(schema, dict):
        for steps, inner in inner_schemas(schema):
            yield from walk(inner, path + steps)


def inner_schemas(schema: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The schemas right below a schema, with the steps that lead there."""
    for steps, inner in _below(schema):
        if isinstance(inner, dict | bool):
            yield steps, inner


def _below(schema: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    for keyword, value in schema.items():
        if keyword in _MAPS and isinstance(value, dict):
            for name, inner in value.items():
                yield (keyword, name), inner
        elif keyword in _LISTS and isinstance(value, list):
            for index, inner in enumerate(value):
                yield (keyword, index), inner
        elif keyword in _SINGLES or (keyword in _ENDS and not isinstance(value, bool)):
            yield (keyword,), value


def fault(schema: Any) -> str | None:
    """What makes a schema no JSON Schema; None where it is one."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as problem:
        return str(problem.message)
    return None


def resolve(root: dict[str, Any], reference: str) -> Any:
    """The schema that a reference within the root names, or a `LookupError`."""
    pointer = unquote(reference)
    if pointer != "#" and not pointer.startswith("#/"):
        raise LookupError(reference)
    found: Any = root
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(name)] if isinstance(found, list) else found[name]
        except (TypeError, ValueError):
            raise LookupError(reference) from None
    return found


def dangling(root: dict[str, Any]) -> list[str]:
    """The references that lead nowhere."""
    return [reference for reference in _references(root) if not _resolves(root, reference)]


def circular(root: dict[str, Any]) -> bool:
    """Whether a reference leads back to itself; references must not be dangling."""

    def returns(schema: Any, trail: tuple[str, ...]) -> bool:
        return any(
            reference in trail or returns(resolve(root, reference), (*trail, reference))
            for reference in _references(schema)
        )

    return returns(root, ())


def _references(schema: Any) -> Iterator[str]:
    for node in walk(schema):
        if "$ref" in node.keywords:
            yield node.keywords["$ref"]


def _resolves(root: dict[str, Any], reference: str) -> bool:
    try:
        resolve(root, reference)
    except LookupError:
        return False
    return True


def looks_around(pattern: str) -> bool:
    """Whether a pattern holds a look-ahead or a look-behind."""
    return bool(_LOOK_AROUND.search(pattern))


def is_fancy(pattern: str) -> bool:
    """Whether a pattern needs more than a plain automaton: look-around, `\\1`, `\\b`, `\\p`."""
    return bool(_FANCY.search(pattern))
