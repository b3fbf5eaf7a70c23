"""Which JSON Schemas llama.cpp takes, and Ollama and LM Studio, which make grammars with it.

Source: ggml-org/llama.cpp, common/json-schema-to-grammar.cpp, 2026. It ignores what it does not
know; the stand-in refuses those keywords that would have constrained the answer. A pattern that
becomes no grammar is ignored too, with 200 (#19051): the stand-in refuses it.
"""

import re
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
)
from tests.fake_provider.schema_rules import SchemaRules
from tests.fake_xai import Response
from tests.fake_xai.subschemas import Node, dangling, looks_around, walk, words

KEYWORDS = ANNOTATIONS | words("""
    $ref $defs definitions type enum const anyOf oneOf allOf properties required
    additionalProperties items prefixItems minItems maxItems minLength maxLength pattern format
    minimum maximum exclusiveMinimum exclusiveMaximum
    """)
FORMATS = words("date time date-time uuid")

# What may follow a backslash: what is escaped in patterns, and what GBNF knows itself.
_STRANGE_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\[^\\^$.\[\]()|{}*+?\"trnxuU]")


@every
def _references(node: Node) -> Iterator[str]:
    reference = node.keywords.get("$ref")
    if reference is None:
        return
    if not reference.startswith(("#/", "https://")):
        yield f"Unsupported ref: {reference}"
    if lost := node.keywords.keys() - {"$ref", *ANNOTATIONS}:
        yield f"stand-in: {min(lost)} beside $ref is ignored at {node.place}"


def _lost_references(schema: dict[str, Any]) -> Iterator[str]:
    for reference in dangling(schema):
        if reference.startswith("https://"):
            yield f"stand-in: {reference} is not fetched"
        yield f"Error resolving ref {reference}"  # and what is missing where


@every
def _patterns(node: Node) -> Iterator[str]:
    pattern = node.keywords.get("pattern")
    if pattern is None:
        return
    if not (pattern.startswith("^") and pattern.endswith("$")):
        yield "Pattern must start with '^' and end with '$'"
    elif looks_around(pattern) or _STRANGE_ESCAPE.search(pattern):
        yield f"stand-in: the pattern {pattern} becomes no grammar"


@every
def _tuples(node: Node) -> Iterator[str]:
    if {"items", "prefixItems"} <= node.keywords.keys():
        yield f"stand-in: prefixItems beside items is ignored at {node.place}"


@every
def _one_type(node: Node) -> Iterator[str]:
    # outlines, which LM Studio uses with MLX (lmstudio-bug-tracker#909)
    if isinstance(node.keywords.get("type"), list):
        yield "'type' must be a string"


@every
def _no_patterns(node: Node) -> Iterator[str]:
    # ollama/ollama#8185
    if "pattern" in node.keywords:
        yield "stand-in: Ollama takes no pattern"


def _some(schema: dict[str, Any]) -> Iterator[str]:
    if not any(node.keywords.keys() - ANNOTATIONS for node in walk(schema)):
        yield "there is nothing in it"


def _refused(name: str, problem: str) -> Response:
    told = f"JSON schema conversion failed:\n{problem}"
    return body(400, {"error": {"code": 400, "message": told, "type": "invalid_request_error"}})


LLAMACPP_SCHEMAS = SchemaRules(
    checks=(
        _patterns,
        _references,
        _lost_references,
        keywords(KEYWORDS, frozenset(), lambda node, keyword: keyword),
        no_booleans,
        _tuples,
        formats(FORMATS),
    ),
    bad_schema=_refused,
)

OLLAMA_SCHEMAS = replace(
    LLAMACPP_SCHEMAS,
    checks=(_some, *LLAMACPP_SCHEMAS.checks, _no_patterns),
    # ollama's llm/server.go; it does not tell what is wrong.
    bad_schema=lambda name, problem: nested(500, "invalid JSON schema in format", "api_error"),
)

LMSTUDIO_SCHEMAS = replace(
    LLAMACPP_SCHEMAS,
    types=frozenset({"json_schema"}),
    # LoadShine/tada#16, 2026-01; LM Studio 0.4.20 still
    bad_type=body(400, {"error": "'response_format.type' must be 'json_schema' or 'text'"}),
    checks=(_one_type, *LLAMACPP_SCHEMAS.checks),
    bad_schema=lambda name, problem: body(400, {"error": problem}),
)
