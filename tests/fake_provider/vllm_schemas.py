"""Which JSON Schemas vLLM takes, and those who serve its dialect or pass a request on.

Source: vllm-project/vllm, v1/structured_output, 2026: xgrammar is asked first, and guidance where
xgrammar does not do. What xgrammar ignores in silence (`not`, `if`, several in `allOf`) is refused
here. Together and OpenRouter document no keywords; they get what most of their models can keep.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.fake_provider.quirks import body, nested
from tests.fake_provider.schema_checks import (
    ANNOTATIONS,
    every,
    formats,
    keywords,
    no_booleans,
    no_circles,
    references,
)
from tests.fake_provider.schema_rules import SchemaRules
from tests.fake_xai import Response
from tests.fake_xai.subschemas import Node, is_fancy, words

CORE = words("""
    $ref $defs definitions title description type enum const anyOf oneOf properties required
    additionalProperties items prefixItems minItems maxItems minLength maxLength pattern format
    minimum maximum exclusiveMinimum exclusiveMaximum
    """)
UNIMPLEMENTED = words("uniqueItems contains minContains maxContains propertyNames")
FORMATS = words("""
    email date time date-time duration ipv4 ipv6 hostname uuid uri uri-reference uri-template
    json-pointer relative-json-pointer
    """)
# Those that both xAI and vLLM keep: OpenRouter leads to either.
COMMON_FORMATS = words("date time date-time email uuid ipv4 ipv6 uri")


def _unimplemented(node: Node, keyword: str) -> str:
    return f'Grammar error: Unimplemented keys: ["{keyword}"]'


@every
def _patterns(node: Node) -> Iterator[str]:
    if is_fancy(node.keywords.get("pattern", "")):
        yield f"stand-in: the pattern needs more than an automaton at {node.place}"


@every
def _single_all_of(node: Node) -> Iterator[str]:
    if len(node.keywords.get("allOf", [])) > 1:
        yield f"stand-in: several in allOf are ignored at {node.place}"


def _has_properties(schema: dict[str, Any]) -> Iterator[str]:
    # togethercomputer/together-typescript#173, 2025-04
    if "properties" not in schema:
        yield (
            "Input validation error: grammar is not valid: grammar is not valid: Grammar must have "
            "a 'properties' field"
        )


def _passed_on(problem: str) -> Response:
    raw = {"metadata": {"raw": problem, "provider_name": "Crucible"}}
    return body(400, {"error": {"message": "Provider returned error", "code": 400, **raw}})


_SHARED = (no_booleans, references, _patterns)

VLLM_SCHEMAS = SchemaRules(
    checks=(
        keywords(CORE | ANNOTATIONS | {"multipleOf", "allOf"}, UNIMPLEMENTED, _unimplemented),
        _single_all_of,
        formats(FORMATS),
        *_SHARED,
    ),
    bad_schema=lambda name, problem: nested(400, problem, "BadRequestError", 400),
)

TOGETHER_SCHEMAS = SchemaRules(
    checks=(
        _has_properties,
        keywords(CORE, frozenset(), _unimplemented),
        formats(FORMATS),
        *_SHARED,
    ),
    bad_schema=lambda name, problem: nested(400, problem),
)

OPENROUTER_SCHEMAS = SchemaRules(
    # Of models at Alibaba, and at OpenAI and Azure.
    no_word=_passed_on("'messages' must contain the word 'json' in some form"),
    checks=(
        keywords(CORE, UNIMPLEMENTED, _unimplemented),
        formats(COMMON_FORMATS),
        no_circles,
        *_SHARED,
    ),
    bad_schema=lambda name, problem: _passed_on(problem),
)

CUSTOM_SCHEMAS = replace(
    VLLM_SCHEMAS, bad_schema=lambda name, problem: body(400, {"message": problem})
)
