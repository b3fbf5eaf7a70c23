"""A schema written out: references inlined, `allOf` merged, every choice told by types alone.

What comes out has at each place either nothing (any value), `enum` or one `type` with the keywords
that bind it, or a choice (`anyOf` or `oneOf`) of such; and beside any of them title and
description. Only what refers to itself stays a `$ref`, into `$defs`.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from urllib.parse import urldefrag, urljoin

import jsonschema_rs
from pydantic import JsonValue

from grok_vision.schemas.keywords import SUPERSEDED, Node
from grok_vision.schemas.losses import Inexpressible, Losses
from grok_vision.schemas.merging import Unmergeable, merged
from grok_vision.schemas.normal import NEVER, is_never, normal
from grok_vision.schemas.problems import pointer

Path = tuple[str | int, ...]

_BASE = "https://schema.invalid/"
# Written out, small schemas with references can be endless.
_MOST_NODES = 3_000
_DEEPEST = 60
# Where schemas stand that are sent in some form; of all others only that they are there is told.
_ONE = frozenset({"items", "additionalProperties", "unevaluatedProperties"})
_LISTED = frozenset({"anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties"})
_ELSEWHERE = frozenset({"$ref", "allOf", "$defs", "definitions"})
_DYNAMIC = ("$dynamicRef", "$recursiveRef")
_OLD = re.compile(r"draft-0[3467]/")


class Expansion:
    """The writing out of one schema.

    Attributes:
        definitions: The parts that refer to themselves, by name, each with its first place.
    """

    def __init__(self, document: Node, losses: Losses) -> None:
        self.definitions: dict[str, tuple[Path, Node]] = {}
        self._document = document
        self._losses = losses
        self._registry = jsonschema_rs.Registry([(_BASE, document)])
        # Before 2019-09 a reference hides what stands beside it.
        self._hides = _OLD.search(str(document.get("$schema", ""))) is not None
        self._open: list[tuple[str, str]] = []
        self._names: dict[tuple[str, str], str] = {}
        self._nodes = itertools.count(1)

    def root(self) -> Node:
        """Return the whole schema written out.

        Raises:
            Inexpressible: it cannot be, or would be too large.
        """
        resolver = self._registry.resolver(urljoin(_BASE, str(self._document.get("$id", ""))))
        key = (resolver.base_uri, "")
        return self._target(key, self._document, (), resolver)

    def _schema(self, schema: object, path: Path, resolver: jsonschema_rs.Resolver) -> Node:
        if not isinstance(schema, dict):
            return {} if schema is True else NEVER
        if next(self._nodes) > _MOST_NODES or len(path) > _DEEPEST:
            raise Inexpressible(path, "written out it is too large")
        if "$id" in schema and path:
            resolver = resolver.lookup(str(schema["$id"])).resolver
        if any(keyword in schema for keyword in _DYNAMIC):
            raise Inexpressible(path, "it has a dynamic reference")
        node = self._own(schema, path, resolver)
        for branch in self._conjuncts(schema, path, resolver):
            node = self._merged(node, branch, path)
        return normal(node, path, self._losses)

    def _own(self, schema: Node, path: Path, resolver: jsonschema_rs.Resolver) -> Node:
        """Return what the schema says itself, the schemas within it written out."""
        if "$ref" in schema and self._hides:
            return {}
        node: Node = {}
        for keyword, value in schema.items():
            if keyword in _ELSEWHERE:
                continue
            name = SUPERSEDED.get(keyword, keyword)
            if keyword == "items" and isinstance(value, list):
                name = "prefixItems"
            node[name] = self._value(name, value, (*path, keyword), resolver)
        return node

    def _value(
        self, keyword: str, value: JsonValue, path: Path, resolver: jsonschema_rs.Resolver
    ) -> JsonValue:
        """Return the value of a keyword, the schemas within it written out."""
        if keyword in _ONE and isinstance(value, dict):
            return self._schema(value, path, resolver)
        if keyword in _LISTED and isinstance(value, list):
            return self._each(value, path, resolver)
        if keyword in _NAMED and isinstance(value, dict):
            return {
                name: self._schema(inner, (*path, name), resolver) for name, inner in value.items()
            }
        return value

    def _each(
        self, schemas: Sequence[JsonValue], path: Path, resolver: jsonschema_rs.Resolver
    ) -> list[JsonValue]:
        return [self._schema(one, (*path, at), resolver) for at, one in enumerate(schemas)]

    def _conjuncts(
        self, schema: Node, path: Path, resolver: jsonschema_rs.Resolver
    ) -> Iterator[Node]:
        """Yield what must hold beside what the schema says itself."""
        if isinstance(reference := schema.get("$ref"), str):
            yield self._referred(reference, path, resolver)
        branches = schema.get("allOf")
        if isinstance(branches, list):
            for at, branch in enumerate(branches):
                yield self._schema(branch, (*path, "allOf", at), resolver)

    def _referred(self, reference: str, path: Path, resolver: jsonschema_rs.Resolver) -> Node:
        try:
            found = resolver.lookup(reference)
        except jsonschema_rs.ReferencingError:
            # Only what is built into the validator is found there and not here: metaschemas.
            raise Inexpressible(path, f"{reference} is not written out") from None
        fragment = urldefrag(urljoin(resolver.base_uri, reference)).fragment
        return self._target(
            (found.resolver.base_uri, fragment), found.contents, path, found.resolver
        )

    def _target(
        self,
        key: tuple[str, str],
        contents: object,
        path: Path,
        resolver: jsonschema_rs.Resolver,
    ) -> Node:
        """Return the target of a reference, or a reference to it where it refers to itself."""
        if key in self._open or self._names.get(key) in self.definitions:
            name = self._names.setdefault(key, f"part{len(self._names) + 1}")
            return {"$ref": f"#/$defs/{name}"}
        self._open.append(key)
        try:
            node = self._schema(contents, path, resolver)
        finally:
            self._open.remove(key)
        if key not in self._names:
            return node
        self.definitions[self._names[key]] = path, node
        return {"$ref": f"#/$defs/{self._names[key]}"}

    def _merged(self, node: Node, branch: Node, path: Path) -> Node:
        if not node or is_never(branch):
            return branch
        if is_never(node) or not branch:
            return node
        if "$ref" in branch or "$ref" in node:
            return _beside_reference(node, branch, path)
        try:
            return merged(node, branch, lambda keyword: self._losses.add(keyword, path))
        except Unmergeable as conflict:
            raise Inexpressible(
                (*path, conflict.keyword), "two of its parts speak of the same"
            ) from None


def _beside_reference(node: Node, branch: Node, path: Path) -> Node:
    """Return the reference alone, if what stands beside it does not bind the value."""
    kept = branch if "$ref" in branch else node
    other = node if kept is branch else branch
    if set(other) - {"title", "description", "$schema", "$id", "$comment", "default", "examples"}:
        raise Inexpressible(path, f"more is said beside {pointer(path)}/$ref, which is recursive")
    return kept
