"""A schema written out: references inlined, `allOf` merged, every choice told by types alone.

What comes out has at each place either nothing (any value), `enum` or one `type` with the keywords
that bind it, or a choice (`anyOf` or `oneOf`) of such; and beside any of them title and
description. Only what refers to itself stays a `$ref`, into `$defs`.
"""

from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin

from jsonschema_rs import Resolver
from pydantic import JsonValue

from grok_vision.schemas.conditions import hidden_names
from grok_vision.schemas.keywords import ANNOTATIONS, HIDDEN, Node, listed
from grok_vision.schemas.losses import Inexpressible, Losses
from grok_vision.schemas.merging import merged_at
from grok_vision.schemas.normal import NEVER, is_never, normal
from grok_vision.schemas.problems import Path, pointer
from grok_vision.schemas.validators import BASE, is_old, registry_of

# Written out, small schemas with references can be endless.
_MOST_NODES = 3_000
_DEEPEST = 60
_VALUES = 50  # of an enum: so many are work as one part more
# Where schemas stand that are sent in some form; of all others only that they are there is told.
_ONE = frozenset({"items", "additionalProperties", "unevaluatedProperties"})
_LISTED = frozenset({"anyOf", "oneOf", "prefixItems"})
_CHOICES = frozenset({"anyOf", "oneOf"})
_NAMED = frozenset({"properties", "patternProperties"})
_ELSEWHERE = frozenset({"$ref", "allOf", "$defs", "definitions"})
_DYNAMIC = ("$dynamicRef", "$recursiveRef")


class Expansion:
    """The writing out of one schema.

    Attributes:
        definitions: The parts that refer to themselves, by name, each with its first place.
    """

    def __init__(self, document: Node, losses: Losses) -> None:
        self.definitions: dict[str, tuple[Path, Node]] = {}
        self._document = document
        self._losses = losses
        self._registry = registry_of(document)
        # Before 2019-09 a reference hides what stands beside it.
        self._hides = is_old(document)
        self._open: list[tuple[str, str]] = []
        self._done: dict[tuple[str, str], Node] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._nodes = 0

    def root(self) -> Node:
        """Return the whole schema written out.

        Raises:
            Inexpressible: it cannot be, or would be too large.
        """
        resolver = self._registry.resolver(urljoin(BASE, str(self._document.get("$id", ""))))
        target = self._target((resolver.base_uri, ""), self._document, (), resolver)
        return self._final(target, ())

    def _schema(self, schema: object, path: Path, resolver: Resolver) -> Node:
        """Return a schema that stands for a value of its own."""
        return self._final(self._part(schema, path, resolver), path)

    def _final(self, node: Node, path: Path) -> Node:
        self._spend(len(listed(node.get("enum"))) // _VALUES, path)
        return normal(node, path, self._losses, final=True)

    def _part(self, schema: object, path: Path, resolver: Resolver) -> Node:
        """Return a schema beside which others may stand: its type may still be told elsewhere."""
        if not isinstance(schema, dict):
            return {} if schema is True else NEVER
        self._spend(1, path)
        if "$id" in schema and path:
            resolver = resolver.lookup(str(schema["$id"])).resolver
        if any(keyword in schema for keyword in _DYNAMIC):
            raise Inexpressible(path, "it has a dynamic reference")
        node = self._own(schema, path, resolver)
        for branch in self._conjuncts(schema, path, resolver):
            node = self._merged(node, branch, path)
        return normal(node, path, self._losses)

    def _spend(self, nodes: int, path: Path) -> None:
        self._nodes += nodes
        if max(len(path), len(self._open)) > _DEEPEST or self._nodes > _MOST_NODES:
            raise Inexpressible(path, "written out it is too large")

    def _own(self, schema: Node, path: Path, resolver: Resolver) -> Node:
        """Return what the schema says itself, the schemas within it written out."""
        if "$ref" in schema and self._hides:
            return {key: schema[key] for key in ANNOTATIONS if key in schema}
        node: Node = {}
        for keyword, value in _modern(schema).items():
            if keyword not in _ELSEWHERE:
                node[keyword] = self._value(keyword, value, (*path, keyword), resolver)
        if names := hidden_names(schema, resolver):
            node[HIDDEN] = [*names]
        return node

    def _value(self, keyword: str, value: JsonValue, path: Path, resolver: Resolver) -> JsonValue:
        """Return the value of a keyword, the schemas within it written out."""
        if keyword in _ONE and isinstance(value, dict):
            return self._schema(value, path, resolver)
        if keyword in _LISTED and isinstance(value, list):
            written = self._part if keyword in _CHOICES else self._schema
            return [written(one, (*path, at), resolver) for at, one in enumerate(value)]
        if keyword in _NAMED and isinstance(value, dict):
            return {
                name: self._schema(inner, (*path, name), resolver) for name, inner in value.items()
            }
        return value

    def _conjuncts(self, schema: Node, path: Path, resolver: Resolver) -> Iterator[Node]:
        """Yield what must hold beside what the schema says itself."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield self._referred(reference, path, resolver)
            if self._hides:
                return
        for at, branch in enumerate(listed(schema.get("allOf"))):
            yield self._part(branch, (*path, "allOf", at), resolver)

    def _referred(self, reference: str, path: Path, resolver: Resolver) -> Node:
        found = resolver.lookup(reference)
        fragment = urldefrag(urljoin(resolver.base_uri, reference)).fragment
        key = (found.resolver.base_uri, fragment)
        return self._target(key, found.contents, path, found.resolver)

    def _target(
        self, key: tuple[str, str], contents: object, path: Path, resolver: Resolver
    ) -> Node:
        """Return the target of a reference, or a reference to it where it refers to itself."""
        if key in self._open:
            name = self._names.setdefault(key, f"part{len(self._names) + 1}")
            return {"$ref": f"#/$defs/{name}"}
        if key not in self._done:
            self._open.append(key)
            node = self._part(contents, path, resolver)
            self._open.pop()
            if key in self._names:
                name = self._names[key]
                if "$ref" in node:
                    raise Inexpressible(path, "it is nothing but a reference to itself")
                self.definitions[name] = path, self._final(node, path)
                node = {"$ref": f"#/$defs/{name}"}
            self._done[key] = node
        return self._done[key]

    def _merged(self, node: Node, branch: Node, path: Path) -> Node:
        if not node or is_never(branch):
            return branch
        if is_never(node) or not branch:
            return node
        if "$ref" in branch or "$ref" in node:
            return _beside_reference(node, branch, path)
        return merged_at(node, branch, path, self._losses, "two of its parts speak of the same")


def _modern(schema: Node) -> Node:
    """Return the schema with a list of first items as 2020-12 says it."""
    if not isinstance(schema.get("items"), list):
        return schema
    rest = {key: schema[key] for key in schema if key not in {"items", "additionalItems"}}
    rest["prefixItems"] = schema["items"]
    if "additionalItems" in schema:
        rest["items"] = schema["additionalItems"]
    return rest


def _beside_reference(node: Node, branch: Node, path: Path) -> Node:
    """Return the reference with its annotations, if nothing beside it binds the value."""
    kept, other = (branch, node) if "$ref" in branch else (node, branch)
    shown = {key: other[key] for key in ANNOTATIONS if key in other}
    binding = set(other) - {*ANNOTATIONS, "$schema", "$id", "$comment", "default", "examples"}
    if binding:
        raise Inexpressible(path, f"more is said beside {pointer(path)}/$ref, which is recursive")
    return {**kept, **shown}
