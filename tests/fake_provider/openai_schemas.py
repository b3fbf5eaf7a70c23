"""Which JSON Schemas OpenAI takes.

Source: developers.openai.com, guide on structured outputs, 2026; the words are those of refusals
that were published in 2025 and 2026. Strict mode is a list of what is allowed: all else is
answered 400. `minLength`, `maxLength` and `default` were refused to some and taken from others,
so they are refused.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.fake_provider.quirks import nested
from tests.fake_provider.schema_checks import every, keywords, references
from tests.fake_provider.schema_rules import SchemaRules
from tests.fake_xai import Response
from tests.fake_xai.subschemas import Node, inner_schemas, looks_around, walk, words

ALLOWED = words("""
    $ref $defs definitions title description type enum const anyOf properties required
    additionalProperties items minItems maxItems pattern format multipleOf minimum maximum
    exclusiveMinimum exclusiveMaximum
    """)
NOT_PERMITTED = words("""
    oneOf allOf not if then else dependentRequired dependentSchemas default minLength maxLength
    uniqueItems prefixItems contains minContains maxContains unevaluatedItems patternProperties
    propertyNames minProperties maxProperties unevaluatedProperties
    """)
FORMATS = words("date-time time date duration email hostname ipv4 ipv6 uuid")
_DEFINITION = re.compile(r"#|#/(\$defs|definitions)/[^/]+")

# The guide's limits. The API counts the schema and each of its definitions on their own
# (pydantic-ai 2.68, measured 2026-10).
MAX_DEPTH = 10
MAX_PROPERTIES = 5000
MAX_CHARACTERS = 120_000
MAX_ENUM = 1000
MAX_LONG_ENUM = (250, 15_000)


def _context(node: Node) -> str:
    return f"In context={tuple(map(str, node.path))}"


def _not_permitted(node: Node, keyword: str) -> str:
    return f"{_context(node)}, '{keyword}' is not permitted."


def _root(schema: dict[str, Any]) -> Iterator[str]:
    kind = schema.get("type")
    if kind != "object":
        yield f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    if schema.keys() & {"oneOf", "anyOf", "allOf", "enum", "not"}:
        yield (
            "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at "
            "the top level."
        )


@every
def _typed(node: Node) -> Iterator[str]:
    if isinstance(node.schema, bool):
        yield f"{node.schema} is not of type 'object'"
    elif "$ref" in node.keywords:
        yield from _reference(node)
    elif not node.keywords.keys() & {"type", "anyOf"}:
        yield f"{_context(node)}, schema must have a 'type' key."


def _reference(node: Node) -> Iterator[str]:
    beside = node.keywords.keys() - {"$ref"}
    if beside:
        listed = ", ".join(f"'{keyword}'" for keyword in sorted(beside))
        yield f"{_context(node)}, $ref cannot have keywords {{{listed}}}."
    if not _DEFINITION.fullmatch(node.keywords["$ref"]):
        yield f"stand-in: {node.keywords['$ref']} is no definition"


@every
def _closed(node: Node) -> Iterator[str]:
    if "object" not in node.types and "properties" not in node.keywords:
        return
    if node.keywords.get("additionalProperties") is not False:
        yield (
            f"{_context(node)}, 'additionalProperties' is required to be supplied and to be false."
        )
    properties, required = node.keywords.get("properties", {}), node.keywords.get("required", [])
    told = (
        f"{_context(node)}, 'required' is required to be supplied and to be an array including "
        "every key in properties."
    )
    for name in properties:
        if name not in required:
            yield f"{told} Missing '{name}'."
    for name in required:
        if name not in properties:
            yield f"{told} Extra required key '{name}' supplied."


@every
def _constrained(node: Node) -> Iterator[str]:
    if "array" in node.types and "items" not in node.keywords:
        yield f"{_context(node)}, array schema missing items."
    found = node.keywords.get("format", "date")
    if found not in FORMATS:
        yield f"{_context(node)}, '{found}' is not a valid format."
    if looks_around(node.keywords.get("pattern", "")):
        yield f"stand-in: the pattern looks around at {node.place}"


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    definitions = {**schema.get("$defs", {}), **schema.get("definitions", {})}
    root = {key: inner for key, inner in schema.items() if key not in ("$defs", "definitions")}
    for part in (root, *definitions.values()):
        depth, count = _depth(part), sum(len(names) for names in _names(part))
        if depth > MAX_DEPTH:
            yield f"{depth} levels of nesting exceeds limit of {MAX_DEPTH}."
        if count > MAX_PROPERTIES:
            yield f"{count} parameters exceeds limit of {MAX_PROPERTIES}."
    yield from _sizes(schema, list(definitions))


def _depth(schema: Any) -> int:
    if isinstance(schema, bool):
        return 0
    deepest = max((_depth(inner) for _, inner in inner_schemas(schema)), default=0)
    return deepest + ("properties" in schema)


def _names(schema: Any) -> Iterator[list[str]]:
    for node in walk(schema):
        yield list(node.keywords.get("properties", {}))


def _sizes(schema: dict[str, Any], definitions: list[str]) -> Iterator[str]:
    enums = [node.keywords["enum"] for node in walk(schema) if "enum" in node.keywords]
    consts = [node.keywords["const"] for node in walk(schema) if "const" in node.keywords]
    values = [value for enum in enums for value in enum]
    if len(values) > MAX_ENUM:
        yield (
            f"Expected at most {MAX_ENUM} enum values in total within a single schema when using "
            f"structured outputs, but received {len(values)}."
        )
    many, long = MAX_LONG_ENUM
    if any(len(enum) > many and len("".join(map(str, enum))) > long for enum in enums):
        yield f"stand-in: an enum of more than {many} values is longer than {long} characters"
    names = [name for found in _names(schema) for name in found]
    if len("".join(map(str, [*names, *definitions, *values, *consts]))) > MAX_CHARACTERS:
        yield f"stand-in: names and values are longer than {MAX_CHARACTERS} characters"


def _bad_schema(name: str, problem: str) -> Response:
    told = f"Invalid schema for response_format '{name}': {problem}"
    return nested(400, told, param="response_format")


OPENAI_SCHEMAS = SchemaRules(
    no_word=nested(
        400,
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type "
        "'json_object'.",
        param="messages",
    ),
    strict_checks=(
        _root,
        keywords(ALLOWED, NOT_PERMITTED, _not_permitted),
        _typed,
        _closed,
        _constrained,
        references,
        _limits,
    ),
    checks=(_root,),
    bad_schema=_bad_schema,
)
