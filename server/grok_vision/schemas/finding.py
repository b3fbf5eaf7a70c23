"""Finds what is wrong with a value, place by place.

The validator tells in no time whether a value fits, but lists errors at a cost that doubles with
each choice within a choice. So of each choice only the nearest alternative is followed.
"""

import json
from collections.abc import Iterator

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind
from pydantic import JsonValue

from grok_vision.schemas.keywords import Node, listed, named
from grok_vision.schemas.problems import MASK, Fault, Path, escaped, fault_of, is_of_type
from grok_vision.schemas.validators import Validators
from grok_vision.texts import shortened

# What is not looked into, but told as it is.
_OPAQUE = frozenset(
    {"not", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "dependencies", "$ref"}
    | {"$dynamicRef", "$recursiveRef", "additionalItems"}
)
_UNFIT = (ValidationErrorKind.Constant, ValidationErrorKind.Enum)


class Finder:
    """Finds the faults of one value by one schema."""

    def __init__(self, validators: Validators) -> None:
        self._validators = validators
        self._open: set[tuple[str, Path]] = set()

    def faults(self, value: JsonValue) -> Iterator[Fault]:
        """Yield what is wrong with the value, formats included; nothing where it fits."""
        return self._schema("#", self._validators.document, value, ())

    def _schema(
        self, place: str, schema: JsonValue, value: JsonValue, path: Path
    ) -> Iterator[Fault]:
        # References that lead back are not followed again.
        if (place, path) in self._open or self._validators.fits(place, value):
            return
        if not isinstance(schema, dict):
            yield Fault(path, f"{MASK} must not be there")
            return
        found = False
        self._open.add((place, path))
        for fault in self._node(place, schema, value, path):
            found = True
            yield fault
        self._open.discard((place, path))
        if not found:
            told = [f'"{key}"' for key in schema if key in _OPAQUE]
            yield Fault(path, f"{MASK} does not fit {', '.join(told) or 'what is wanted there'}")

    def _node(self, place: str, node: Node, value: JsonValue, path: Path) -> Iterator[Fault]:
        yield from self._here(node, value, path)
        if "$ref" in node and self._validators.hides:
            return
        for keyword in ("anyOf", "oneOf"):
            if not self._validators.fits(place, value):
                yield from self._chosen(place, node, keyword, value, path)
        for at, branch in enumerate(listed(node.get("allOf"))):
            yield from self._schema(f"{place}/allOf/{at}", branch, value, path)
        yield from self._conditional(place, node, value, path)
        if isinstance(value, dict):
            yield from self._object(place, node, value, path)
        elif isinstance(value, list):
            yield from self._list(place, node, value, path)

    def _here(self, node: Node, value: JsonValue, path: Path) -> Iterator[Fault]:
        """Yield what is wrong by the keywords of the node itself and by its reference."""
        if "$ref" not in node or not self._validators.hides:
            for error in self._validators.own_errors(node, value):
                yield fault_of(error, path)
        if target := self._validators.target(node.get("$ref")):
            yield from self._schema(*target, value, path)

    def _chosen(
        self, place: str, node: Node, keyword: str, value: JsonValue, path: Path
    ) -> Iterator[Fault]:
        """Yield what is wrong with the nearest of several alternatives."""
        forms = [
            (f"{place}/{keyword}/{at}", form) for at, form in enumerate(listed(node.get(keyword)))
        ]
        fitting = sum(self._validators.fits(one, value) for one, _ in forms)
        if fitting > 1 and keyword == "oneOf":
            yield Fault(path, f"{MASK} fits {fitting} alternatives, and only one may")
        if fitting or not forms:
            return
        distances = [self._distance(*form, value) for form in forms]
        if all(other_type for other_type, _, _ in distances):
            wanted = " or ".join(dict.fromkeys(self._type_of(*form) for form in forms))
            yield Fault(path, f"{MASK} is not of type {wanted}")
        else:
            nearest, _ = min(zip(forms, distances, strict=True), key=lambda found: found[1])
            yield from self._schema(*nearest, value, path)

    def _distance(self, place: str, form: JsonValue, value: JsonValue) -> tuple[bool, int, int]:
        """Return how far an alternative is: of another type, how much it differs, how much is off.

        An alternative is told apart by constants, so those count most.
        """
        place, form = self._validators.resolved(place, form)
        if not isinstance(form, dict):
            return True, 0, 0
        errors = self._validators.own_errors(form, value)
        differs = sum(isinstance(error.kind, _UNFIT) for error in errors)
        off = sum(map(_weight, errors))
        held = value if isinstance(value, dict) else {}
        for name, schema in named(form.get("properties")).items():
            inner, schema = self._validators.resolved(f"{place}/properties/{escaped(name)}", schema)
            is_mark = isinstance(schema, dict) and not schema.keys().isdisjoint({"const", "enum"})
            is_deep = isinstance(held.get(name), dict | list)
            is_wrong = name in held and not is_deep and not self._validators.fits(inner, held[name])
            differs += is_mark and (is_wrong or name not in held)
            off += is_wrong
        return any(map(is_of_type, errors)), differs, off

    def _type_of(self, place: str, form: JsonValue) -> str:
        _, form = self._validators.resolved(place, form)
        said = form.get("type") if isinstance(form, dict) else None
        return json.dumps(said) if said is not None else "another kind"

    def _conditional(self, place: str, node: Node, value: JsonValue, path: Path) -> Iterator[Fault]:
        if "if" in node:
            keyword = "then" if self._validators.fits(f"{place}/if", value) else "else"
            yield from self._schema(f"{place}/{keyword}", node.get(keyword), value, path)
        for name, schema in named(node.get("dependentSchemas")).items():
            if isinstance(value, dict) and name in value:
                inner = f"{place}/dependentSchemas/{escaped(name)}"
                yield from self._schema(inner, schema, value, path)

    def _object(
        self, place: str, node: Node, value: dict[str, JsonValue], path: Path
    ) -> Iterator[Fault]:
        known, patterns = named(node.get("properties")), named(node.get("patternProperties"))
        further = node.get("additionalProperties")
        for name, held in value.items():
            matching = [one for one in patterns if self._validators.matches(one, name)]
            parts = [("patternProperties", one, patterns[one]) for one in matching]
            if name in known:
                parts.append(("properties", name, known[name]))
            for keyword, key, schema in parts:
                inner = f"{place}/{keyword}/{escaped(key)}"
                yield from self._schema(inner, schema, held, (*path, name))
            if not parts and isinstance(further, dict):
                yield from self._schema(
                    f"{place}/additionalProperties", further, held, (*path, name)
                )

    def _list(self, place: str, node: Node, value: list[JsonValue], path: Path) -> Iterator[Fault]:
        # Before 2020-12 a list of items was that of the first ones.
        keyword = "items" if isinstance(node.get("items"), list) else "prefixItems"
        first = listed(node.get(keyword))
        for at, held in enumerate(value):
            if at < len(first):
                inner, schema = f"{place}/{keyword}/{at}", first[at]
            else:
                inner, schema = f"{place}/items", node.get("items")
            yield from self._schema(inner, schema, held, (*path, at))
        if isinstance(node.get("contains"), dict):
            yield from self._contained(place, node, value, path)

    def _contained(
        self, place: str, node: Node, value: list[JsonValue], path: Path
    ) -> Iterator[Fault]:
        fitting = sum(self._validators.fits(f"{place}/contains", held) for held in value)
        least, most = node.get("minContains", 1), node.get("maxContains", len(value))
        are_bounds = isinstance(least, int | float) and isinstance(most, int | float)
        if are_bounds and not least <= fitting <= most:  # type: ignore[operator]
            wanted = shortened(json.dumps(node["contains"], ensure_ascii=False))
            yield Fault(path, f"{fitting} of its items fit {wanted}")


def _weight(error: jsonschema_rs.ValidationError) -> int:
    """Return how many faults an error tells of."""
    match error.kind:
        case ValidationErrorKind.AdditionalProperties(unexpected):
            return len(unexpected)
    return 1
