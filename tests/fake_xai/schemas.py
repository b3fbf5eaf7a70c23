"""Which JSON Schemas xAI takes for structured outputs.

Source: docs.x.ai structured-outputs.md, 2026. The forms that the page lists as rejected are
answered 400. Of what it accepts and does not enforce, the stand-in refuses what silently says
less than it seems to: sizes beyond the caps, other formats, and patterns of other kinds. It also
refuses keywords that the page does not name, references that lead nowhere or in a circle
(recorded of grok-4.6: get-bb/bb#1613), booleans as schemas, and a root that is no object.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.fake_xai.response import invalid_argument
from tests.fake_xai.subschemas import Node, circular, dangling, fault, is_fancy, walk, words

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # openai's rule

KEYWORDS = words("""
    $schema $ref $defs definitions title description type enum const anyOf oneOf allOf not if then
    else properties required additionalProperties minProperties maxProperties items prefixItems
    minItems maxItems minLength maxLength pattern format minimum maximum exclusiveMinimum
    exclusiveMaximum
    """)
FORMATS = words("date time date-time email uuid ipv4 ipv6 uri")
CAPS = {
    "minLength": 2048,
    "maxLength": 2048,
    "minItems": 256,
    "maxItems": 256,
    "minProperties": 64,
    "maxProperties": 64,
}


def check_schema(body: dict[str, Any]) -> None:
    """Refuse a response format whose schema xAI does not take."""
    match body.get("response_format"):
        case {"type": "json_schema", "json_schema": {"name": str(name), "schema": dict(schema)}}:
            _check(name, schema)
        case {"type": "json_schema"}:
            raise invalid_argument("stand-in: a response format without its schema")


def _check(name: str, schema: dict[str, Any]) -> None:
    if not _NAME.fullmatch(name):
        raise invalid_argument("Invalid response_format: name")
    for problem in _rejected(schema):
        raise invalid_argument(f"Invalid response_format: {problem}")
    for problem in _unwise(schema):
        raise invalid_argument(f"stand-in: {problem}")


def _rejected(schema: dict[str, Any]) -> Iterator[str]:
    for node in walk(schema):
        for keyword in ("enum", "anyOf"):
            if node.keywords.get(keyword) == []:
                yield f"empty {keyword} at {node.place}"
        for keyword in ("minContains", "maxContains"):
            if keyword in node.keywords:
                yield f"{keyword} at {node.place}"
        if isinstance(node.keywords.get("items"), list):
            yield f"array-form items at {node.place}"
        if isinstance(node.schema, bool) and node.path[-2:-1] == ("properties",):
            yield f"boolean schema at {node.place}"


def _unwise(schema: dict[str, Any]) -> Iterator[str]:
    if problem := fault(schema):
        yield f"this is no JSON Schema: {problem}"
    for node in walk(schema):
        yield from _unwise_node(node)
    if lost := dangling(schema):
        yield f"{lost[0]} leads nowhere"
    elif circular(schema):
        yield "a reference leads in a circle"
    if schema.get("type") != "object":
        yield "the root is no object"


def _unwise_node(node: Node) -> Iterator[str]:
    if isinstance(node.schema, bool):
        yield f"boolean schema at {node.place}"
    for keyword, value in node.keywords.items():
        if keyword not in KEYWORDS:
            yield f"nobody documents {keyword} at {node.place}"
        if keyword in CAPS and value > CAPS[keyword]:
            yield f"{keyword} is not kept above {CAPS[keyword]} at {node.place}"
    if node.keywords.get("format", "date") not in FORMATS:
        yield f"format {node.keywords['format']} is not kept at {node.place}"
    if is_fancy(node.keywords.get("pattern", "")):
        yield f"the pattern is not kept at {node.place}"
