"""The validators of a schema and of all its parts."""

import json
import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

import jsonschema_rs
from pydantic import JsonValue

from grok_vision.schemas.keywords import ABOUT, HIDDEN, Node, named
from grok_vision.schemas.problems import MASK, escaped

BASE = "https://schema.invalid/"
"""The address of a schema that has none."""
# A pattern that needs more steps on an answer is one that never ends on another.
_MOST_STEPS = 100_000
_OLD = re.compile(r"draft-0[3467]/")
_HOLDING = frozenset(
    {"items", "prefixItems", "contains", "minContains", "maxContains", "properties"}
    | {"patternProperties", "additionalProperties", "additionalItems", "propertyNames"}
    | {"dependentSchemas", "dependencies", "unevaluatedItems", "unevaluatedProperties", HIDDEN}
)
_OWN = frozenset().union(*ABOUT.values()) - _HOLDING | {"type", "enum", "const"}
"""Keywords that bind a value and hold no schemas."""


class Validators:
    """Tells whether a value fits a schema, or the part at a place (`#/properties/a`).

    Raises:
        jsonschema_rs.ValidationError: the schema is none.
    """

    def __init__(self, document: Node) -> None:
        self.document = document
        self._draft = {key: document[key] for key in ("$schema",) if key in document}
        # Before 2019-09 a reference hides what stands beside it.
        self.hides = is_old(document)
        inner = {key: document[key] for key in document if key != "$id"}
        # Where a part has an address of its own, references lead elsewhere than they say.
        self._is_plain = '"$id"' not in json.dumps(inner)
        self._patterns: dict[str, jsonschema_rs.Validator] = {}
        self._at: dict[str, jsonschema_rs.Validator | None] = {"#": _compiled(document)}
        self._registry: jsonschema_rs.Registry | None = None

    def fits(self, place: str, value: JsonValue) -> bool:
        """Tell whether the value fits the part at a place; at an unknown one everything does."""
        if place not in self._at:
            # Each is made when it is asked for: all of them together would be many times the whole.
            self._at[place] = self._part(place)
        validator = self._at[place]
        return validator is None or validator.is_valid(value)

    def _part(self, place: str) -> jsonschema_rs.Validator | None:
        if self._registry is None:
            self._registry = registry_of(self.document)
        reference = f"{BASE}#{quote(place.removeprefix('#'))}"
        try:
            return _compiled({**self._draft, "$ref": reference}, self._registry)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
            return None

    def own_errors(self, node: Node, value: JsonValue) -> list[jsonschema_rs.ValidationError]:
        """Return the errors by those keywords of a part that hold no schema."""
        own = {key: node[key] for key in node if key in _OWN}
        if node.get("additionalProperties") is False:
            own["additionalProperties"] = False
            for keyword in ("properties", "patternProperties"):
                own[keyword] = {name: {} for name in named(node.get(keyword))}
        try:
            return list(_compiled({**self._draft, **own}).iter_errors(value))
        except jsonschema_rs.ValidationError:
            # The validator takes some forms in a whole that it does not take alone.
            return []

    def matches(self, pattern: str, name: str) -> bool:
        """Tell whether a name is one that a pattern is for."""
        if pattern not in self._patterns:
            self._patterns[pattern] = _compiled({"pattern": pattern})
        return self._patterns[pattern].is_valid(name)

    def target(self, reference: object) -> tuple[str, JsonValue] | None:
        """Return the place that a reference leads to, and what is there; None for other forms."""
        if not isinstance(reference, str) or not self._is_plain or not reference.startswith("#"):
            return None
        place = unquote(reference)
        if place != "#" and not place.startswith("#/"):
            return _anchored(self.document, place[1:], "#")
        found: JsonValue = self.document
        for step in place.split("/")[1:]:
            found = _within(found, step.replace("~1", "/").replace("~0", "~"))
        return place, found

    def resolved(self, place: str, schema: JsonValue) -> tuple[str, JsonValue]:
        """Return where a part that is but a reference leads to in the end, and what is there."""
        seen: set[str] = set()
        while isinstance(schema, dict) and place not in seen:
            target = self.target(schema.get("$ref"))
            if target is None:
                break
            seen.add(place)
            place, schema = target
        return place, schema


def _compiled(
    schema: Node, registry: jsonschema_rs.Registry | None = None
) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        schema,
        validate_formats=True,
        offline=None if registry else True,
        registry=registry,
        mask=MASK,
        pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_MOST_STEPS),
    )


def registry_of(document: Node) -> jsonschema_rs.Registry:
    """Return where references in the schema are looked up: in it alone."""
    return jsonschema_rs.Registry([(BASE, document)])


def is_old(document: Node) -> bool:
    """Tell whether the schema is of a draft before 2019-09."""
    return _OLD.search(str(document.get("$schema", ""))) is not None


def _anchored(part: JsonValue, name: str, place: str) -> tuple[str, JsonValue] | None:
    """Return the place of the part with an anchor, and the part."""
    if isinstance(part, dict):
        if part.get("$anchor") == name:
            return place, part
        steps = [(escaped(step), part[step]) for step in part]
    elif isinstance(part, list):
        steps = [(str(at), inner) for at, inner in enumerate(part)]
    else:
        return None
    found = (_anchored(inner, name, f"{place}/{step}") for step, inner in steps)
    return next((one for one in found if one is not None), None)


def _within(value: JsonValue, step: str) -> JsonValue:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, Sequence) and not isinstance(value, str) and step.isdigit():
        return value[int(step)] if int(step) < len(value) else None
    return None
