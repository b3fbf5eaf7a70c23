"""Which JSON Schemas a provider takes for an answer: data only, its use is in `schemas`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from grok_vision.providers.evidence import Evidence

JsonForm = Literal["json_schema", "json_object"]
"""A kind of `response_format`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDialect:
    """What of JSON Schema may be sent to a provider; the rest is checked here only.

    `keywords` are those that it takes beside `type`, `properties`, `required`, `items`, `enum`,
    `anyOf`, `title`, `description` and `additionalProperties: false`, which all take. `formats` are
    the values of `format`, and `largest` is how large the value of a keyword may be.
    `strict` is sent as the schema's `strict`.
    `closed` means that every object with properties is sent with `additionalProperties: false`, and
    `all_required` that every property is sent as required: one that is not may then be null.
    `maps` is how an object with names that are not known may be said: by a schema of its values, by
    `true` alone, or not at all.
    `recursive` means that a part may refer to itself, by `#/$defs/name`.
    `pattern_escapes` means that a pattern may have classes, by a backslash.
    `lengths_alone` means that a text's length may not be bounded beside its pattern or format.
    `shown` means that the model reads the schema: it need not be repeated in words.
    `max_depth`, `max_properties`, `max_values` and `max_characters` bound the levels of nesting,
    the properties in all, the values of all `enum` together, and names and values by length. An
    `enum` of more values than the first of `long_enum` may have as many characters as the second.
    """

    keywords: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    largest: Mapping[str, int] = field(default_factory=dict)
    strict: bool = True
    closed: bool = True
    all_required: bool = False
    maps: Literal["schema", "true"] | None = None
    recursive: bool = True
    pattern_escapes: bool = True
    lengths_alone: bool = False
    shown: bool = False
    max_depth: int | None = None
    max_properties: int | None = None
    max_values: int | None = None
    max_characters: int | None = None
    long_enum: tuple[int, int] | None = None
    evidence: Evidence
