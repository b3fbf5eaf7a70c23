"""The stand-ins take and refuse response formats as their providers do, in their words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from tests.fake_provider import (
    CUSTOM,
    GROQ,
    HOSTED,
    LLAMACPP,
    LMSTUDIO,
    OLLAMA,
    OPENAI,
    OPENROUTER,
    SELF_HOSTED,
    TOGETHER,
    VLLM,
    FakeProvider,
    Quirks,
)
from tests.fake_xai import FakeXAI, Response

pytestmark = pytest.mark.anyio

Schema = dict[str, Any]

ALL = (*HOSTED, *SELF_HOSTED)
TAKEN = (200, "")


def named(quirks: Quirks) -> str:
    return quirks.name


each = pytest.mark.parametrize("quirks", ALL, ids=named)


def closed(**properties: Any) -> Schema:
    """An object as the strictest want it: with all of its properties, and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def schema_format(schema: Any, name: str = "extraction", **more: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema, **more}}


def say(*messages: str) -> list[dict[str, str]]:
    roles = ("system", *("user", "assistant") * len(messages))
    return [{"role": role, "content": words} for role, words in zip(roles, messages, strict=False)]


async def post(fake: FakeProvider, **body: Any) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=fake.transport()) as client:
        return await client.post(
            f"{fake.quirks.address}/chat/completions",
            headers={"Authorization": f"Bearer {fake.key}"},
            json={
                "model": fake.quirks.models[0],
                "messages": say("Answer in JSON.", "What is it?"),
                **body,
            },
        )


def words_of(document: Mapping[str, Any]) -> str:
    match document:
        case {"error": {"metadata": {"raw": str(words)}}} | {"error": {"message": str(words)}}:
            return words
        case {"error": str(words)} | {"message": str(words)}:
            return words
    raise AssertionError(document)


def outcome(response: httpx2.Response) -> tuple[int, str]:
    if response.status_code == 200:
        return TAKEN
    return response.status_code, words_of(response.json())


async def verdict(quirks: Quirks, schema: Any, **more: Any) -> tuple[int, str]:
    """What the provider says of a schema."""
    return outcome(await post(FakeProvider(quirks), response_format=schema_format(schema, **more)))


async def verdict_of_xai(schema: Any, name: str = "extraction") -> tuple[int, str]:
    async with httpx2.AsyncClient(transport=FakeXAI().transport()) as client:
        response = await client.post(
            "https://api.x.ai/v1/chat/completions",
            headers={"Authorization": "Bearer test"},
            json={
                "model": "grok-4.3",
                "messages": say("Be short.", "What is it?"),
                "response_format": schema_format(schema, name),
            },
        )
    return TAKEN if response.status_code == 200 else (400, response.json()["error"])


def nested_objects(levels: int) -> Schema:
    schema = closed(leaf={"type": "string"})
    for _ in range(levels - 1):
        schema = closed(inner=schema)
    return schema


# --- types, names and words


@each
async def test_a_closed_object_is_taken_by_all(quirks: Quirks) -> None:
    schema = closed(total={"type": "number", "description": "All of it."})
    assert await verdict(quirks, schema, strict=False) == TAKEN
    assert await verdict_of_xai(schema) == TAKEN


@each
async def test_free_json_is_taken_by_all_but_lm_studio(quirks: Quirks) -> None:
    response = await post(FakeProvider(quirks), response_format={"type": "json_object"})
    if quirks is LMSTUDIO:
        assert response.status_code == 400
        assert response.json() == {
            "error": "'response_format.type' must be 'json_schema' or 'text'"
        }
    else:
        assert outcome(response) == TAKEN


async def test_a_type_that_is_not_taken_is_refused_though_its_words_are_unknown() -> None:
    deaf = replace(CUSTOM, schemas=replace(CUSTOM.schemas, types=frozenset()))
    assert await verdict(deaf, closed()) == (400, "stand-in: no json_schema here")


@pytest.mark.parametrize(
    ("quirks", "status"),
    [(quirks, 400 if quirks in (OPENAI, GROQ, OPENROUTER) else 200) for quirks in ALL],
    ids=[quirks.name for quirks in ALL],
)
async def test_free_json_needs_the_word_where_the_provider_looks_for_it(
    quirks: Quirks, status: int
) -> None:
    asked = {"response_format": {"type": "json_object"}}
    if quirks is LMSTUDIO:
        asked = {"response_format": {"type": "text"}}
    silent = await post(FakeProvider(quirks), messages=say("Be short.", "What is it?"), **asked)
    assert silent.status_code == status
    if status == 400:
        assert "must contain the word 'json' in some form" in outcome(silent)[1]
    said = await post(FakeProvider(quirks), messages=say("Be short.", "What json?"), **asked)
    assert said.status_code == 200


@each
@pytest.mark.parametrize("name", ["", "two words", "a" * 65, "größe"])
async def test_names_of_schemas_are_plain_and_short(quirks: Quirks, name: str) -> None:
    assert await verdict(quirks, closed(), name=name) == (
        400,
        f"stand-in: {name!r} is no name of a schema",
    )
    assert await verdict_of_xai(closed(), name) == (400, "Invalid response_format: name")


@each
async def test_a_schema_that_is_left_out_is_missed(quirks: Quirks) -> None:
    bare = {"type": "json_schema", "json_schema": {"name": "extraction"}}
    response = await post(FakeProvider(quirks), response_format=bare)
    assert outcome(response) == (400, "stand-in: a response format without its schema")


@each
async def test_what_is_no_json_schema_is_refused(quirks: Quirks) -> None:
    status, words = await verdict(quirks, {"type": "thing"})
    assert (status, words[:34]) == (400, "stand-in: this is no JSON Schema: ")


@pytest.mark.parametrize(
    ("quirks", "answer"),
    [
        (OPENAI, (400, "stand-in: #/$defs/lost leads nowhere")),
        (TOGETHER, (400, "stand-in: #/$defs/lost leads nowhere")),
        (OPENROUTER, (400, "stand-in: #/$defs/lost leads nowhere")),
        (GROQ, (400, "stand-in: #/$defs/lost leads nowhere")),
        (VLLM, (400, "stand-in: #/$defs/lost leads nowhere")),
        (LLAMACPP, (400, "JSON schema conversion failed:\nError resolving ref #/$defs/lost")),
        (LMSTUDIO, (400, "Error resolving ref #/$defs/lost")),
        (OLLAMA, (500, "invalid JSON schema in format")),
    ],
    ids=lambda value: value.name if isinstance(value, Quirks) else "",
)
async def test_references_lead_somewhere(quirks: Quirks, answer: tuple[int, str]) -> None:
    schema = closed(a={"$ref": "#/$defs/lost"})
    assert await verdict(quirks, schema, strict=quirks is OPENAI) == answer


# --- OpenAI


def at(*path: str) -> str:
    return f"Invalid schema for response_format 'extraction': In context={path}"


PLAIN = {"type": "string"}
REQUIRED = "'required' is required to be supplied and to be an array including every key"


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(closed(a={"type": ["string", "null"]}), id="a type that may be null"),
        pytest.param(closed(a={"anyOf": [PLAIN, {"type": "null"}]}), id="a union below the root"),
        pytest.param(closed(a={"type": "string", "const": "x"}), id="a constant with its type"),
        pytest.param(
            closed(a={"type": "array", "items": PLAIN, "minItems": 1, "maxItems": 3}),
            id="an array of few",
        ),
        pytest.param(
            closed(a={"type": "string", "pattern": "^[A-Z]{3}$"}, b={**PLAIN, "format": "date"}),
            id="pattern and format",
        ),
        pytest.param(
            closed(a={"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.1}),
            id="a number's bounds",
        ),
        pytest.param({**closed(a={"$ref": "#"}), "title": "Tree"}, id="recursion to the root"),
        pytest.param(
            {**closed(a={"$ref": "#/$defs/b"}), "$defs": {"b": closed(c={"$ref": "#/$defs/b"})}},
            id="recursion of a definition",
        ),
        pytest.param(nested_objects(10), id="ten levels"),
    ],
)
async def test_openai_takes_in_strict_mode(schema: Schema) -> None:
    assert await verdict(OPENAI, schema, strict=True) == TAKEN


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        pytest.param(
            closed(a={"oneOf": [PLAIN]}),
            f"{at('properties', 'a')}, 'oneOf' is not permitted.",
            id="oneOf",
        ),
        pytest.param(
            closed(a={**PLAIN, "minLength": 1}),
            f"{at('properties', 'a')}, 'minLength' is not permitted.",
            id="the length of a string",
        ),
        pytest.param(
            closed(a={"type": "array", "items": PLAIN, "uniqueItems": True}),
            f"{at('properties', 'a')}, 'uniqueItems' is not permitted.",
            id="uniqueItems",
        ),
        pytest.param(
            closed(a={**PLAIN, "default": "x"}),
            f"{at('properties', 'a')}, 'default' is not permitted.",
            id="a default",
        ),
        pytest.param(
            {**closed(), "$schema": "https://json-schema.org/draft/2020-12/schema"},
            "stand-in: nobody documents $schema at schema",
            id="the draft's name, which nobody documents",
        ),
        pytest.param(
            {**closed(a={"$ref": "#/$defs/b", "description": "x"}), "$defs": {"b": PLAIN}},
            "Invalid schema for response_format 'extraction': In context=('properties', 'a'), "
            "$ref cannot have keywords {'description'}.",
            id="words beside a reference",
        ),
        pytest.param(
            closed(a=PLAIN, b={"$ref": "#/properties/a"}),
            "stand-in: #/properties/a is no definition",
            id="a reference to something other than a definition",
        ),
        pytest.param(
            closed(a={"const": "x"}),
            f"{at('properties', 'a')}, schema must have a 'type' key.",
            id="a constant without its type",
        ),
        pytest.param(
            closed(a={}),
            f"{at('properties', 'a')}, schema must have a 'type' key.",
            id="anything",
        ),
        pytest.param(
            closed(a=True),
            "Invalid schema for response_format 'extraction': True is not of type 'object'",
            id="a boolean",
        ),
        pytest.param(
            {**closed(), "additionalProperties": True},
            "Invalid schema for response_format 'extraction': In context=(), "
            "'additionalProperties' is required to be supplied and to be false.",
            id="an open object",
        ),
        pytest.param(
            {**closed(a=PLAIN, b=PLAIN), "required": ["a"]},
            "Invalid schema for response_format 'extraction': In context=(), "
            f"{REQUIRED} in properties. Missing 'b'.",
            id="an optional property",
        ),
        pytest.param(
            {**closed(a=PLAIN), "required": ["a", "b"]},
            "Invalid schema for response_format 'extraction': In context=(), "
            f"{REQUIRED} in properties. Extra required key 'b' supplied.",
            id="a required property that is not described",
        ),
        pytest.param(
            closed(a={"type": "array", "items": {"type": "object"}}),
            f"{at('properties', 'a', 'items')}, 'additionalProperties' is required to be supplied "
            "and to be false.",
            id="an open object within an array",
        ),
        pytest.param(
            closed(a={"type": "array"}),
            f"{at('properties', 'a')}, array schema missing items.",
            id="an array of anything",
        ),
        pytest.param(
            closed(a={**PLAIN, "format": "uri"}),
            f"{at('properties', 'a')}, 'uri' is not a valid format.",
            id="a format that is not on its list",
        ),
        pytest.param(
            closed(a={**PLAIN, "pattern": "^(?!x).*$"}),
            "stand-in: the pattern looks around at schema.properties.a",
            id="a pattern that looks around",
        ),
        pytest.param(
            {"type": "array", "items": PLAIN},
            "Invalid schema for response_format 'extraction': schema must be a JSON Schema of "
            "'type: \"object\"', got 'type: \"array\"'.",
            id="a root that is no object",
        ),
        pytest.param(
            {**closed(), "anyOf": [PLAIN]},
            "Invalid schema for response_format 'extraction': schema must have type 'object' and "
            "not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
            id="a union at the root",
        ),
        pytest.param(
            nested_objects(11),
            "Invalid schema for response_format 'extraction': 11 levels of nesting exceeds limit "
            "of 10.",
            id="eleven levels",
        ),
        pytest.param(
            closed(**{f"p{number}": PLAIN for number in range(5001)}),
            "Invalid schema for response_format 'extraction': 5001 parameters exceeds limit of "
            "5000.",
            id="more than 5000 properties",
        ),
        pytest.param(
            closed(a={**PLAIN, "enum": [str(number) for number in range(1001)]}),
            "Invalid schema for response_format 'extraction': Expected at most 1000 enum values in "
            "total within a single schema when using structured outputs, but received 1001.",
            id="more than 1000 values",
        ),
        pytest.param(
            closed(a={**PLAIN, "enum": [f"{number:0>60}" for number in range(251)]}),
            "stand-in: an enum of more than 250 values is longer than 15000 characters",
            id="many long values",
        ),
        pytest.param(
            closed(a={**PLAIN, "const": "x" * 120_000}),
            "stand-in: names and values are longer than 120000 characters",
            id="too much text",
        ),
    ],
)
async def test_openai_refuses_in_strict_mode(schema: Schema, told: str) -> None:
    assert await verdict(OPENAI, schema, strict=True) == (400, told)


@pytest.mark.parametrize(
    "keyword",
    ["allOf", "not", "if", "dependentSchemas", "prefixItems", "contains", "propertyNames"],
)
async def test_openai_permits_no_composition_in_strict_mode(keyword: str) -> None:
    values = {"allOf": [PLAIN], "prefixItems": [PLAIN], "dependentSchemas": {"b": PLAIN}}
    schema = closed(a={**PLAIN, keyword: values.get(keyword, PLAIN)})
    _, words = await verdict(OPENAI, schema, strict=True)
    assert words == f"{at('properties', 'a')}, '{keyword}' is not permitted."


async def test_openai_takes_any_object_without_strict() -> None:
    schema = {"type": "object", "properties": {"a": {"oneOf": [PLAIN, {"const": 1}]}}}
    assert await verdict(OPENAI, schema, strict=False) == TAKEN
    assert await verdict(OPENAI, schema) == TAKEN
    assert (await verdict(OPENAI, schema, strict=True))[0] == 400


async def test_openai_tells_which_parameter_it_refuses() -> None:
    response = await post(FakeProvider(OPENAI), response_format=schema_format({"type": "string"}))
    assert response.json()["error"]["param"] == "response_format"


# --- Groq


async def test_groqs_model_that_sees_takes_no_strict_schema() -> None:
    assert await verdict(GROQ, closed(a=PLAIN), strict=True) == (
        400,
        "stand-in: qwen/qwen3.8-27b takes no strict schema",
    )


GROQ_SAYS = "invalid JSON schema for response_format: 'extraction': "


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        pytest.param(
            closed(a={"type": "array", "items": PLAIN, "minItems": 2}),
            f"{GROQ_SAYS}/properties/a: minItems is not supported",
            id="the size of an array",
        ),
        pytest.param(
            closed(a={**PLAIN, "pattern": "^x$"}),
            "stand-in: nobody documents pattern at schema.properties.a",
            id="a pattern, which nobody documents",
        ),
        pytest.param(
            closed(a=False), "stand-in: boolean schema at schema.properties.a", id="a boolean"
        ),
    ],
)
async def test_groq_refuses(schema: Schema, told: str) -> None:
    assert await verdict(GROQ, schema) == (400, told)


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "object", "properties": {"a": PLAIN}}, id="optional properties"),
        pytest.param(closed(a={"$ref": "#"}), id="recursion"),
        pytest.param(closed(a={"anyOf": [PLAIN, {"type": "null"}]}), id="a union"),
        pytest.param(
            {**closed(a={"$ref": "#/$defs/b", "description": "x"}), "$defs": {"b": PLAIN}},
            id="a reference",
        ),
    ],
)
async def test_groq_takes(schema: Schema) -> None:
    assert await verdict(GROQ, schema, strict=False) == TAKEN


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        pytest.param(
            {"type": "object", "properties": {"a": PLAIN}, "required": ["a"]},
            ": 'additionalProperties:false' must be set on every object",
            id="an open object",
        ),
        pytest.param(
            {"type": "object", "properties": {"a": PLAIN}, "additionalProperties": False},
            "/required: `required` is required to be supplied and to be an array including every "
            "key in properties",
            id="nothing required",
        ),
        pytest.param(
            closed(a={**closed(b=PLAIN, c=PLAIN), "required": ["b"]}),
            "/properties/a/required: The following properties must be listed in `required`: c",
            id="an optional property",
        ),
    ],
)
async def test_groq_is_strict_with_models_that_take_it(schema: Schema, told: str) -> None:
    strict = replace(GROQ, models=("openai/gpt-oss-20b",))
    assert await verdict(strict, closed(a=PLAIN), strict=True) == TAKEN
    assert await verdict(strict, schema, strict=False) == TAKEN
    assert await verdict(strict, schema, strict=True) == (400, f"{GROQ_SAYS}{told}")


# --- llama.cpp, and those that turn schemas to grammars with it

CONVERSION = "JSON schema conversion failed:\n"


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        pytest.param(
            closed(a={**PLAIN, "pattern": "[A-Z]{3}"}),
            f"{CONVERSION}Pattern must start with '^' and end with '$'",
            id="a pattern without anchors",
        ),
        pytest.param(
            closed(a={**PLAIN, "pattern": r"^\d+$"}),
            r"stand-in: the pattern ^\d+$ becomes no grammar",
            id="a class of characters by letter",
        ),
        pytest.param(
            closed(a={**PLAIN, "pattern": "^(?=x).$"}),
            "stand-in: the pattern ^(?=x).$ becomes no grammar",
            id="a pattern that looks around",
        ),
        pytest.param(
            closed(a={"$ref": "#"}), f"{CONVERSION}Unsupported ref: #", id="recursion to the root"
        ),
        pytest.param(
            closed(a={"$ref": "https://a.example/schema"}),
            "stand-in: https://a.example/schema is not fetched",
            id="a reference elsewhere",
        ),
        pytest.param(
            {**closed(a={"$ref": "#/$defs/b", "minLength": 3}), "$defs": {"b": PLAIN}},
            "stand-in: minLength beside $ref is ignored at schema.properties.a",
            id="a constraint beside a reference",
        ),
        pytest.param(
            closed(a=True), "stand-in: boolean schema at schema.properties.a", id="a boolean"
        ),
        pytest.param(
            closed(a={**PLAIN, "format": "uri"}),
            "stand-in: format uri is not kept at schema.properties.a",
            id="a format that it does not know",
        ),
        pytest.param(
            closed(a={"type": "array", "items": PLAIN, "uniqueItems": True}),
            "stand-in: nobody documents uniqueItems at schema.properties.a",
            id="a keyword that it ignores",
        ),
        pytest.param(
            closed(a={"type": "array", "items": PLAIN, "prefixItems": [PLAIN]}),
            "stand-in: prefixItems beside items is ignored at schema.properties.a",
            id="a tuple with more behind it",
        ),
    ],
)
async def test_llamacpp_refuses(schema: Schema, told: str) -> None:
    assert await verdict(LLAMACPP, schema) == (400, told)


GRAMMATICAL = [
    pytest.param(closed(a={"oneOf": [PLAIN, {"const": 1}]}), id="a union"),
    pytest.param(closed(a={**PLAIN, "format": "date-time"}), id="a format"),
    pytest.param({**closed(a=PLAIN), "$schema": "x", "title": "T"}, id="words for people"),
    pytest.param(
        {**closed(a={"$ref": "#/$defs/b", "description": "x"}), "$defs": {"b": closed()}},
        id="words beside a reference",
    ),
    pytest.param({"type": "array", "items": PLAIN, "maxItems": 3}, id="a root that is no object"),
]


@pytest.mark.parametrize("quirks", [LLAMACPP, OLLAMA, LMSTUDIO], ids=named)
@pytest.mark.parametrize("schema", GRAMMATICAL)
async def test_what_becomes_a_grammar_is_taken(quirks: Quirks, schema: Schema) -> None:
    assert await verdict(quirks, schema) == TAKEN


async def test_llamacpp_takes_patterns_that_become_a_grammar() -> None:
    for pattern in ("^[A-Z]{3}$", r"^a\.b\\$", "^(?:x|y)+$"):
        assert await verdict(LLAMACPP, closed(a={**PLAIN, "pattern": pattern})) == TAKEN


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        pytest.param(
            closed(a={**PLAIN, "pattern": "x"}),
            (500, "invalid JSON schema in format"),
            id="a pattern without anchors",
        ),
        pytest.param(
            closed(a={**PLAIN, "pattern": "^x$"}),
            (400, "stand-in: Ollama takes no pattern"),
            id="any pattern",
        ),
        pytest.param({}, (500, "invalid JSON schema in format"), id="an empty schema"),
        pytest.param(
            {"$schema": "x"}, (500, "invalid JSON schema in format"), id="a draft's name alone"
        ),
        pytest.param(
            closed(a=True),
            (400, "stand-in: boolean schema at schema.properties.a"),
            id="a boolean",
        ),
    ],
)
async def test_ollama_refuses_without_saying_why(schema: Schema, answer: tuple[int, str]) -> None:
    assert await verdict(OLLAMA, schema) == answer


async def test_lm_studio_refuses_lists_of_types() -> None:
    schema = closed(a={"type": ["string", "null"]})
    assert await verdict(LMSTUDIO, schema) == (400, "'type' must be a string")
    assert await verdict(LLAMACPP, schema) == TAKEN


# --- vLLM, and those who pass schemas on


@pytest.mark.parametrize("keyword", ["uniqueItems", "contains", "maxContains"])
async def test_vllm_names_the_keyword_that_no_grammar_implements(keyword: str) -> None:
    value = {"contains": PLAIN, "maxContains": 1}.get(keyword, True)
    schema = closed(a={"type": "array", "items": PLAIN, keyword: value})
    assert await verdict(VLLM, schema) == (
        400,
        f'Grammar error: Unimplemented keys: ["{keyword}"]',
    )


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        pytest.param(
            closed(a={"not": PLAIN}),
            "nobody documents not at schema.properties.a",
            id="a negation, which it ignores",
        ),
        pytest.param(
            closed(a={"allOf": [PLAIN, {"minLength": 1}]}),
            "several in allOf are ignored at schema.properties.a",
            id="several schemas at once",
        ),
        pytest.param(
            closed(a={**PLAIN, "format": "iri"}),
            "format iri is not kept at schema.properties.a",
            id="a format that it does not know",
        ),
        pytest.param(closed(a=True), "boolean schema at schema.properties.a", id="a boolean"),
        pytest.param(
            closed(a={**PLAIN, "pattern": r"^(a)\1$"}),
            "the pattern needs more than an automaton at schema.properties.a",
            id="a pattern that remembers",
        ),
    ],
)
async def test_vllm_would_not_keep(schema: Schema, told: str) -> None:
    assert await verdict(VLLM, schema) == (400, f"stand-in: {told}")


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(closed(a={"type": "number", "multipleOf": 0.5}), id="multiples"),
        pytest.param(
            closed(a={**PLAIN, "pattern": r"^\d+$", "maxLength": 3}), id="pattern, length"
        ),
        pytest.param(closed(a={"$ref": "#"}), id="recursion"),
        pytest.param({"type": "array", "items": PLAIN}, id="a root that is no object"),
    ],
)
async def test_vllm_takes(schema: Schema) -> None:
    assert await verdict(VLLM, schema) == TAKEN


async def test_together_wants_properties_at_the_root() -> None:
    status, words = await verdict(TOGETHER, {"type": "array", "items": PLAIN})
    assert (status, words.rpartition(": ")[2]) == (400, "Grammar must have a 'properties' field")
    assert await verdict(TOGETHER, closed(a={"type": "array", "items": PLAIN})) == TAKEN


async def test_openrouter_passes_on_what_the_model_said() -> None:
    schema = closed(a={"type": "array", "items": PLAIN, "uniqueItems": True})
    response = await post(FakeProvider(OPENROUTER), response_format=schema_format(schema))
    assert response.json()["error"]["message"] == "Provider returned error"
    assert outcome(response)[1] == 'Grammar error: Unimplemented keys: ["uniqueItems"]'
    assert await verdict(OPENROUTER, closed(a={"$ref": "#"})) == (
        400,
        "stand-in: a reference leads in a circle",
    )


async def test_openrouter_leads_to_models_that_keep_fewer_formats() -> None:
    schema = closed(a={**PLAIN, "format": "hostname"})
    assert await verdict(VLLM, schema) == TAKEN
    assert await verdict(OPENROUTER, schema) == (
        400,
        "stand-in: format hostname is not kept at schema.properties.a",
    )


@pytest.mark.parametrize(
    ("quirks", "provider", "status"),
    [
        pytest.param(OPENROUTER, {"require_parameters": True}, 200, id="openrouter takes it"),
        pytest.param(OPENROUTER, {"require_parameters": 1, "only": []}, 400, id="soundly set"),
        pytest.param(TOGETHER, {"require_parameters": True}, 400, id="openrouter alone"),
    ],
)
async def test_only_endpoints_that_know_schemas_may_be_asked_for(
    quirks: Quirks, provider: dict[str, Any], status: int
) -> None:
    fake = FakeProvider(quirks)
    response = await post(fake, provider=provider, response_format=schema_format(closed()))
    assert response.status_code == status


async def test_a_gateway_refuses_in_its_own_shape() -> None:
    schema = closed(a={"type": "array", "items": PLAIN, "uniqueItems": True})
    response = await post(FakeProvider(CUSTOM), response_format=schema_format(schema))
    assert response.json() == {"message": 'Grammar error: Unimplemented keys: ["uniqueItems"]'}


# --- xAI


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "object", "properties": {"a": PLAIN}}, id="optional properties"),
        pytest.param({"type": "object", "additionalProperties": True}, id="an open object"),
        pytest.param(closed(a={"type": ["string", "null"]}), id="a type that may be null"),
        pytest.param(closed(a={"oneOf": [PLAIN, {"const": 1}]}), id="oneOf and const"),
        pytest.param(closed(a={"type": "array", "prefixItems": [PLAIN]}), id="a tuple"),
        pytest.param(closed(a={"not": {"const": 1}, "if": PLAIN, "then": {}}), id="best effort"),
        pytest.param(closed(a={**PLAIN, "minLength": 2048}), id="lengths up to the cap"),
        pytest.param(closed(a={"type": "array", "items": PLAIN, "maxItems": 256}), id="256 items"),
        pytest.param(closed(a={**PLAIN, "format": "uri"}), id="a format of its list"),
        pytest.param(closed(a={**PLAIN, "pattern": r"(?:\d|\\b)+"}), id="a plain pattern"),
        pytest.param(
            {
                **closed(a={"$ref": "#/$defs/b~1c"}, d={"$ref": "#/$defs/b~1c"}),
                "$defs": {"b/c": PLAIN},
            },
            id="a definition that is used twice",
        ),
    ],
)
async def test_xai_takes(schema: Schema) -> None:
    assert await verdict_of_xai(schema) == TAKEN


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        pytest.param(closed(a={"enum": []}), "empty enum at schema.properties.a", id="no values"),
        pytest.param(closed(a={"anyOf": []}), "empty anyOf at schema.properties.a", id="no kinds"),
        pytest.param(
            closed(a={"type": "array", "minContains": 1}),
            "minContains at schema.properties.a",
            id="minContains",
        ),
        pytest.param(
            closed(a={"type": "array", "items": [PLAIN]}),
            "array-form items at schema.properties.a",
            id="a tuple of the older drafts",
        ),
        pytest.param(closed(a=True), "boolean schema at schema.properties.a", id="a boolean"),
        pytest.param(
            {**closed(), "$defs": {"a": closed(b=False)}},
            "boolean schema at schema.$defs.a.properties.b",
            id="a boolean in a definition",
        ),
    ],
)
async def test_xai_refuses_what_its_page_lists(schema: Schema, told: str) -> None:
    assert await verdict_of_xai(schema) == (400, f"Invalid response_format: {told}")


A = "at schema.properties.a"


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        pytest.param(
            closed(a={"type": "array", "items": True}),
            "boolean schema at schema.properties.a.items",
            id="a boolean anywhere",
        ),
        pytest.param(
            closed(a={**PLAIN, "maxLength": 2049}),
            f"maxLength is not kept above 2048 {A}",
            id="long strings",
        ),
        pytest.param(
            closed(a={"type": "array", "minItems": 257}),
            f"minItems is not kept above 256 {A}",
            id="many items",
        ),
        pytest.param(
            closed(a={"type": "object", "maxProperties": 65}),
            f"maxProperties is not kept above 64 {A}",
            id="many properties",
        ),
        pytest.param(
            closed(a={**PLAIN, "format": "hostname"}),
            f"format hostname is not kept {A}",
            id="another format",
        ),
        pytest.param(
            closed(a={**PLAIN, "pattern": r"\bx"}), f"the pattern is not kept {A}", id="\\b"
        ),
        pytest.param(
            closed(a={"type": "array", "uniqueItems": True}),
            f"nobody documents uniqueItems {A}",
            id="a keyword that nobody documents",
        ),
        pytest.param(closed(a={"$ref": "#"}), "a reference leads in a circle", id="a circle"),
        pytest.param(
            {
                **closed(a={"$ref": "#/$defs/b"}),
                "$defs": {"b": {"anyOf": [{"$ref": "#/$defs/c"}]}, "c": {"$ref": "#/$defs/b"}},
            },
            "a reference leads in a circle",
            id="a circle of two",
        ),
        pytest.param(
            closed(a={"$ref": "other.json"}), "other.json leads nowhere", id="another document"
        ),
        pytest.param({"type": "array", "items": PLAIN}, "the root is no object", id="an array"),
        pytest.param(
            closed(a={"type": "thing"}),
            "this is no JSON Schema: 'thing' is not valid under any of the given schemas",
            id="what is no JSON Schema",
        ),
    ],
)
async def test_xai_would_not_keep(schema: Schema, told: str) -> None:
    assert await verdict_of_xai(schema) == (400, f"stand-in: {told}")


# --- answers


@each
async def test_an_answer_may_depend_on_the_request(quirks: Quirks) -> None:
    fake = FakeProvider(quirks, answer=lambda request: request.texts[-1].upper())
    message = (await post(fake)).json()["choices"][0]["message"]
    words = message["content"] if quirks.content == "text" else message["content"][0]["text"]
    assert words == "WHAT IS IT?"


async def test_answers_are_given_in_turn_whatever_they_are() -> None:
    turns = iter(["{}", None, {"choices": []}, Response(418, "no")])
    fake = FakeProvider(LLAMACPP, answer=lambda _: next(turns))
    spoken, silent, whole, raw = [await post(fake) for _ in range(4)]
    assert spoken.json()["choices"][0]["message"]["content"] == "{}"
    assert silent.json()["choices"][0]["finish_reason"] == "length"
    assert whole.json() == {"choices": []}
    assert (raw.status_code, raw.text) == (418, "no")


@each
async def test_a_conversation_may_go_on(quirks: Quirks) -> None:
    messages = say("Answer in JSON.", "What is it?", "A cat.", "As JSON, please.")
    assert outcome(await post(FakeProvider(quirks), messages=messages)) == TAKEN


@each
@pytest.mark.parametrize(
    "roles", [("system", "user", "assistant"), ("system", "user", "system"), ("user", "assistant")]
)
async def test_a_conversation_ends_with_a_question(quirks: Quirks, roles: tuple[str, ...]) -> None:
    messages = [{"role": role, "content": "x"} for role in roles]
    assert outcome(await post(FakeProvider(quirks), messages=messages)) == (
        400,
        f"stand-in: messages from {list(roles)}",
    )
