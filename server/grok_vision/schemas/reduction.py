"""A schema written out, brought into what a provider takes."""

from pydantic import JsonValue

from grok_vision.providers import SchemaDialect
from grok_vision.schemas.bounds import bounds_of
from grok_vision.schemas.keywords import (
    ANNOTATIONS,
    CONDITIONS,
    HIDDEN,
    Node,
    listed,
    named,
    texts,
)
from grok_vision.schemas.losses import Inexpressible, Losses
from grok_vision.schemas.normal import NEVER, is_never
from grok_vision.schemas.problems import Path
from grok_vision.texts import shortened

ANYTHING = "what allows anything"
"""How losses call `true` and `{}`."""
FURTHER = "further properties (additionalProperties)"

# What is sent is bounded: the same part may stand in many alternatives.
_MOST_NODES = 3_000
_LARGE = 200  # characters of words or values that count as one part more

_SCALARS: tuple[Node, ...] = tuple(
    {"type": kind} for kind in ("string", "number", "boolean", "null")
)


class Reduction:
    """What one schema becomes for one provider."""

    def __init__(self, dialect: SchemaDialect, losses: Losses) -> None:
        self._dialect = dialect
        self._losses = losses
        self._nodes = 0

    def schema(self, node: Node, path: Path) -> Node:
        """Return what is sent for a schema in its normal form.

        Raises:
            Inexpressible: the provider takes nothing that would let every answer through that
                matters, or too much of it.
        """
        shown: Node = {key: node[key] for key in ANNOTATIONS if key in node}
        self._count(node, path)
        if "$ref" in node:
            if not self._dialect.recursive:
                raise Inexpressible(path, "it refers to itself")
            reference: Node = {"$ref": node["$ref"]}
            # Nothing may stand beside a reference.
            return {"anyOf": [reference], **shown} if shown else reference
        if is_never(node):
            raise Inexpressible(path, "nothing fits it")
        self._lose(node, CONDITIONS, path)
        return {**self._bound(node, path), **shown}

    def _count(self, node: Node, path: Path) -> None:
        words = sum(len(str(node[key])) for key in ANNOTATIONS if key in node)
        values = node.get("enum")
        held = sum(map(len, map(str, values))) if isinstance(values, list) else 0
        self._nodes += 1 + (words + held) // _LARGE
        if self._nodes > _MOST_NODES:
            raise Inexpressible(path, "written out it is too large")

    def _bound(self, node: Node, path: Path) -> Node:
        for keyword in ("anyOf", "oneOf"):
            if keyword in node:
                return self._choice(node, keyword, path)
        if "enum" in node:
            self._check_enum(node["enum"], path)
            return {"type": node["type"], "enum": node["enum"]}
        match node.get("type"):
            case None:
                return self._anything(path)
            case "array":
                return self._array(node, path)
            case "object":
                return self._object(node, path)
        return {"type": node["type"], **self._bounds(node, path)}

    def _check_enum(self, values: JsonValue, path: Path) -> None:
        if self._dialect.long_enum is None or not isinstance(values, list):
            return
        most, characters = self._dialect.long_enum
        if len(values) > most and sum(map(len, map(str, values))) > characters:
            raise Inexpressible(path, f"{len(values):,} values of enum are longer than is taken")

    def _choice(self, node: Node, keyword: str, path: Path) -> Node:
        if keyword == "oneOf" and "oneOf" not in self._dialect.keywords:
            self._losses.add("oneOf", path, matters=False)
        forms = [
            self.schema(form, (*path, keyword, at)) for at, form in enumerate(_nodes(node[keyword]))
        ]
        return {"oneOf" if keyword in self._dialect.keywords else "anyOf": [*forms]}

    def _anything(self, path: Path) -> Node:
        """Return the nearest to any value that can be said: one of every type, nested once."""
        if self._dialect.maps is None:
            raise Inexpressible(path, "it allows anything")
        self._losses.add(ANYTHING, path)
        values: JsonValue = True if self._dialect.maps == "true" else {"anyOf": [*_SCALARS]}
        flat: list[JsonValue] = [*_SCALARS, {"type": "object", "additionalProperties": values}]
        return {"anyOf": [*flat, {"type": "array", "items": {"anyOf": flat}}]}

    def _array(self, node: Node, path: Path) -> Node:
        forms = _nodes(node.get("prefixItems"))
        items = node.get("items")
        if isinstance(items, dict) and not is_never(items):
            forms.append(items)
        if "prefixItems" in node:
            self._losses.add("prefixItems", path)
        reduced = [self.schema(form, (*path, "items")) for form in forms]
        reduced = reduced or [self._anything((*path, "items"))]
        distinct = [form for at, form in enumerate(reduced) if form not in reduced[:at]]
        return {
            "type": "array",
            "items": distinct[0] if len(distinct) == 1 else {"anyOf": [*distinct]},
            **self._bounds(node, path),
        }

    def _object(self, node: Node, path: Path) -> Node:
        properties = self._properties(node, path)
        out: Node = {"type": "object"}
        if properties:
            out["properties"] = {**properties}
            required = [name for name in texts(node.get("required")) if name in properties]
            out["required"] = [*(properties if self._dialect.all_required else required)]
        return {**out, **self._further(node, path, bool(properties)), **self._bounds(node, path)}

    def _properties(self, node: Node, path: Path) -> dict[str, Node]:
        required = texts(node.get("required"))
        found: dict[str, Node] = {}
        for name, inner in named(node.get("properties")).items():
            if not isinstance(inner, dict) or is_never(inner):
                self._losses.add("what is forbidden (false)", (*path, "properties", name))
                continue
            found[name] = self.schema(inner, (*path, "properties", name))
        if hidden := [name for name in texts(node.get(HIDDEN)) if name not in found]:
            raise Inexpressible(path, f"its property {shortened(hidden[0])} depends on a condition")
        further = node.get("additionalProperties")
        for name in required:
            if name not in found:
                values = further if isinstance(further, dict) else {}
                found[name] = self.schema(values, (*path, "properties", name))
        if self._dialect.all_required:
            return {
                name: inner if name in required else _nullable(inner)
                for name, inner in found.items()
            }
        return found

    def _further(self, node: Node, path: Path, has_properties: bool) -> Node:
        """Return what is said of properties that have no name in the schema."""
        values = self._further_values(node, path)
        if values is None:
            return {"additionalProperties": False} if has_properties else self._empty(path)
        if values or not has_properties:
            return self._map(values, path)
        is_said = "additionalProperties" in node or "unevaluatedProperties" in node
        if is_said or self._dialect.all_required:
            self._losses.add(FURTHER, path, matters=False)
        return {"additionalProperties": False} if self._dialect.closed else {}

    def _further_values(self, node: Node, path: Path) -> Node | None:
        """Return what holds for them: nothing where any value does, None where none may be."""
        further = node.get("additionalProperties", node.get("unevaluatedProperties", True))
        forms = [further] if isinstance(further, dict) and further and further != NEVER else []
        patterned = node.get("patternProperties")
        if isinstance(patterned, dict) and patterned:
            self._losses.add("patternProperties", path)
            named = [one for one in patterned.values() if isinstance(one, dict) and one != NEVER]
            if further is True or not all(named):
                return {}
            forms += named
        if forms:
            return forms[0] if len(forms) == 1 else {"anyOf": [*forms]}
        return None if further is False or further == NEVER else {}

    def _empty(self, path: Path) -> Node:
        raise Inexpressible(path, "it is an object without properties")

    def _map(self, values: Node, path: Path) -> Node:
        """Return that names are open, and what their values are where that can be said."""
        match self._dialect.maps:
            case None:
                raise Inexpressible(path, "the names of its properties are open")
            case "true":
                if values:
                    self._losses.add("additionalProperties", path)
                return {"additionalProperties": True}
            case "schema":
                return {
                    "additionalProperties": self.schema(values, (*path, "additionalProperties"))
                }

    def _bounds(self, node: Node, path: Path) -> Node:
        """Return the keywords that bound a value and are taken; the others are lost."""
        taken, lost = bounds_of(node, self._dialect)
        self._lose(node, lost, path)
        return taken

    def _lose(self, node: Node, keywords: frozenset[str], path: Path) -> None:
        for keyword in sorted(keywords):
            if node.get(keyword, False) is not False:
                self._losses.add(keyword, path)


def _nodes(value: JsonValue) -> list[Node]:
    return [one for one in listed(value) if isinstance(one, dict)]


def _nullable(node: Node) -> Node:
    """Return the schema with null as one more value."""
    forms = node.get("anyOf")
    shown: Node = {key: node[key] for key in ANNOTATIONS if key in node}
    bare: Node = {key: value for key, value in node.items() if key not in shown}
    listed: list[JsonValue] = forms if isinstance(forms, list) else [bare]
    null: JsonValue = {"type": "null"}
    return {"anyOf": listed if null in listed else [*listed, null], **shown}
