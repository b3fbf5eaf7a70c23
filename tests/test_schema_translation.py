"""What is sent of a schema to each provider, and what is taken out and told.

The stand-ins judge it: they know what each provider takes from its own documents, and not from
our tables.
"""

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from grok_vision.errors import RequestError
from grok_vision.providers import PROVIDERS, Provider
from grok_vision.schemas import Translation, checked, translated
from tests.fake_provider import HOSTED, SELF_HOSTED, FakeProvider, Quirks
from tests.fake_xai import FakeXAI, Recorded
from tests.support import connected, extract, in_turn, saved, structured
from tests.test_provider_quirks import asking, named

BY_NAME: dict[str, Provider] = {provider.name: provider for provider in PROVIDERS}
SUITE = json.loads(Path(__file__).with_name("data").joinpath("json_schema_suite.json").read_text())
CASES = [case for case in SUITE["cases"] if isinstance(case[2], dict)]
PEOPLE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "boss": {"$ref": "#"}},
    "required": ["name"],
}


def sent(provider: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that is sent of one."""
    translation = translation_of(provider, schema)
    assert translation.response_format is not None
    assert translation.response_format["type"] == "json_schema", translation.warnings
    found: Any = translation.response_format["json_schema"]
    schema_sent: dict[str, Any] = found["schema"]
    return schema_sent


def translation_of(provider: str, schema: dict[str, Any]) -> Translation:
    return translated(checked(schema), BY_NAME[provider])


def of_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


# The official test suite


@functools.cache
def usable() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for _, description, schema, _ in CASES:
        try:
            checked(schema)
        except RequestError:
            continue
        found.append((description, schema))
    return found


def test_schemas_of_the_official_suite_are_taken_unless_they_lead_elsewhere() -> None:
    refused = []
    for _, _, schema, _ in CASES:
        try:
            checked(schema)
        except RequestError as error:
            refused.append(str(error))
    assert len(CASES) > 400
    assert len(refused) == 25
    assert all(told.startswith("[bad_schema] ") for told in refused)
    assert all("nothing is fetched" in told or "dialect is not known" in told for told in refused)


def test_values_of_the_official_suite_are_told_apart_as_it_says_formats_asserted() -> None:
    differing = []
    for file, description, schema, tests in CASES:
        try:
            known = checked(schema)
        except RequestError:
            continue
        differing += [
            (file, description, data)
            for data, valid in tests
            if valid == bool(known.problems(data))
        ]
    # By default a format only annotates; we assert it.
    assert {file for file, _, _ in differing} == {"format"}


def distinct(provider: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the schemas of the suite without those of which another is sent the same."""
    found = {
        str(translation_of(provider, schema).response_format): (description, schema)
        for description, schema in usable()
    }
    return list(found.values())


def declined(request: Recorded) -> dict[str, Any]:
    """Return an answer after which nothing more is asked."""
    message = {"role": "assistant", "content": "null", "refusal": "No."}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


@pytest.mark.anyio
@pytest.mark.parametrize("quirks", [*HOSTED, *SELF_HOSTED], ids=named)
async def test_every_schema_of_the_official_suite_is_sent_so_that_the_provider_takes_it(
    folder: Path, quirks: Quirks
) -> None:
    fake = FakeProvider(quirks, answer=declined)
    picture = saved(folder)
    schemas = distinct(quirks.name)
    async with asking(fake, folder) as client:
        for description, schema in schemas:
            call = {"images": picture, "schema": schema}
            result = await client.call_tool("extract_json", call)
            assert not result.is_error, (description, schema, result.content)
    assert len(fake.requests) == len(schemas)


@pytest.mark.anyio
async def test_every_schema_of_the_official_suite_is_sent_so_that_xai_takes_it(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = declined
    picture = saved(folder)
    async with connected(xai, folder) as client:
        for description, schema in distinct("xai"):
            call = {"images": picture, "schema": schema}
            result = await client.call_tool("extract_json", call)
            assert not result.is_error, (description, schema, result.content)
    assert len(xai.requests) > 100


# One by one


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"const": "a"}, {"type": "string", "enum": ["a"]}),
        ({"enum": ["a", 1, None]}, None),
        ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (
            {"type": "string", "enum": ["a", "bbb"], "maxLength": 1},
            {"type": "string", "enum": ["a"]},
        ),
        ({"minLength": 2}, {"type": "string", "minLength": 2}),
        (
            {"allOf": [{"type": "integer", "minimum": 1}, {"minimum": 3, "maximum": 9}]},
            {"type": "integer", "minimum": 3, "maximum": 9},
        ),
        (
            {"$ref": "#/$defs/amount", "description": "Net.", "$defs": {"amount": {"minimum": 0}}},
            {"type": "number", "minimum": 0, "description": "Net."},
        ),
        ({"type": "string", "default": "x", "examples": ["y"], "x-y": 1}, {"type": "string"}),
        ({"type": "string", "format": "email"}, {"type": "string", "format": "email"}),
        ({"type": "string", "format": "idn-email"}, {"type": "string"}),
        ({"type": "string", "pattern": "^[A-Z]{3}$"}, {"type": "string", "pattern": "^[A-Z]{3}$"}),
        ({"type": "string", "pattern": "[A-Z]"}, {"type": "string"}),
        ({"type": "string", "pattern": "^a|b$"}, {"type": "string"}),
        ({"type": "string", "pattern": "^(a|b)$"}, {"type": "string", "pattern": "^(a|b)$"}),
        ({"type": "string", "pattern": "^(?=a)a$"}, {"type": "string"}),
        ({"type": "string", "pattern": r"^\p{L}+$"}, {"type": "string"}),
        ({"type": "string", "pattern": r"^\bx$"}, {"type": "string"}),
        ({"type": "string", "maxLength": 5000}, {"type": "string"}),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "exclusiveMinimum": 0}),
        ({"type": "number", "multipleOf": 0.01}, {"type": "number"}),
        ({"type": "string", "not": {"const": "x"}}, {"type": "string"}),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_a_property_is_sent_to_xai_as_it_takes_it(
    schema: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    defined = {"$defs": schema.pop("$defs")} if "$defs" in schema else {}
    expected = expected or {
        "anyOf": [
            {"type": "string", "enum": ["a"]},
            {"type": "integer", "enum": [1]},
            {"type": "null", "enum": [None]},
        ]
    }
    found = sent("xai", {**of_object(a=schema), **defined})
    assert found["properties"]["a"] == expected


@pytest.mark.parametrize(
    ("keyword", "schema"),
    [
        ("minContains", {"type": "array", "items": {"type": "string"}, "minContains": 2}),
        ("maxContains", {"type": "array", "items": {"type": "string"}, "maxContains": 2}),
        ("contains", {"type": "array", "items": {"type": "string"}, "contains": {"const": "a"}}),
        ("uniqueItems", {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
        ("prefixItems", {"type": "array", "prefixItems": [{"type": "string"}]}),
        ("what allows anything", True),
        ("what allows anything", {"description": "Whatever."}),
        ("what is forbidden (false)", False),
        ("enum", {"type": "string", "enum": []}),
        ("not", {"type": "string", "not": {"minLength": 3}}),
        ("if", {"type": "string", "if": {"minLength": 3}, "then": {"maxLength": 9}}),
        ("format", {"type": "string", "format": "hostname"}),
        ("pattern", {"type": "string", "pattern": "a"}),
        ("minItems", {"type": "array", "items": {"type": "string"}, "minItems": 300}),
        ("patternProperties", {"type": "object", "patternProperties": {"^a": {"minimum": 1}}}),
        ("propertyNames", {"type": "object", "propertyNames": {"maxLength": 3}}),
        (
            "dependentRequired",
            {
                **of_object(a={"type": "null"}, b={"type": "null"}),
                "dependentRequired": {"a": ["b"]},
            },
        ),
    ],
)
def test_what_xai_does_not_take_is_taken_out_and_told_with_its_place(
    keyword: str, schema: Any
) -> None:
    translation = translation_of("xai", of_object(x=schema, y={"type": "null"}))
    (told,) = translation.warnings
    assert told.startswith("xAI does not take all of the schema; ")
    assert f"{keyword} at /properties/x" in told
    # What is not sent as a schema is told in words.
    assert json.dumps(schema, separators=(",", ":")) in translation.words


@pytest.mark.anyio
async def test_what_is_taken_out_is_checked_here_all_the_same_and_told(
    xai: FakeXAI, folder: Path
) -> None:
    schema = of_object(tags={"type": "array", "items": {"type": "string"}, "uniqueItems": True})
    xai.answer = in_turn('{"tags": ["a", "a"]}', '{"tags": ["a"]}')
    answer = structured(await extract(xai, folder, saved(folder), schema=schema))
    assert "uniqueItems" not in json.dumps(xai.requests[0].body["response_format"])
    assert "non-unique" in xai.requests[1].texts[-1]
    assert (answer["data"], answer["attempts"]) == ({"tags": ["a"]}, 2)
    assert "uniqueItems at /properties/tags" in answer["warnings"][0]


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "object"}, "the names of its properties are open"),
        (of_object(a={"type": "object", "additionalProperties": {"type": "number"}}), "open"),
        (
            {**of_object(a={"type": "null"}), "dependentSchemas": {"a": of_object(b=True)}},
            "its property b depends on a condition",
        ),
        (of_object(a={"enum": [{"x": 1}]}), "not a text, a number, true or false"),
        (of_object(a={"$dynamicRef": "#a"}, b={"$dynamicAnchor": "a"}), "dynamic reference"),
        (
            of_object(a={"$ref": "https://json-schema.org/draft/2020-12/schema"}),
            "dynamic reference",
        ),
        (
            of_object(a={"allOf": [{"type": "null"}, {"type": "string"}]}),
            "two of its parts speak of the same",
        ),
        (
            of_object(**{f"p{n}": {"type": "string", "enum": list("abc")} for n in range(400)}),
            "1,200 values of enum, of which 1,000",
        ),
    ],
)
def test_a_schema_that_openai_cannot_be_sent_is_asked_for_in_words(
    schema: dict[str, Any], reason: str
) -> None:
    translation = translation_of("openai", schema)
    assert translation.response_format == {"type": "json_object"}
    assert json.dumps(schema, separators=(",", ":")) in translation.words
    (told,) = translation.warnings
    assert "so it was asked for in words, and is checked here" in told
    assert reason in told


def test_openai_gets_every_property_as_required_and_optional_ones_as_null() -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "description": "First."},
            "b": {"type": ["number", "null"]},
            "c": {"type": "object", "properties": {"d": {"const": 1}}},
        },
        "required": ["a"],
    }
    assert sent("openai", schema) == {
        "type": "object",
        "properties": {
            "a": {"type": "string", "description": "First."},
            "b": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "c": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {
                            "d": {"anyOf": [{"type": "integer", "enum": [1]}, {"type": "null"}]}
                        },
                        "required": ["d"],
                        "additionalProperties": False,
                    },
                    {"type": "null"},
                ]
            },
        },
        "required": ["a", "b", "c"],
        "additionalProperties": False,
    }
    (told,) = translation_of("openai", schema).warnings
    assert "further properties (additionalProperties) at /properties/c, its root" in told


@pytest.mark.anyio
async def test_null_in_place_of_what_may_be_left_out_is_left_out_again(folder: Path) -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string"},
            "b": {"type": ["number", "null"]},
            "lines": {"type": "array", "items": of_object(c={"type": "string"})},
            "choice": {"anyOf": [of_object(k={"const": 1}, n={"type": "string"}), {"const": 2}]},
        },
        "additionalProperties": False,
    }
    openai = next(quirks for quirks in HOSTED if quirks.name == "openai")
    said = {
        "a": None,
        "b": None,
        "lines": [{"c": None}, {"c": "x"}],
        "choice": {"k": 1, "n": None},
    }
    fake = FakeProvider(openai, answer=json.dumps(said))
    async with asking(fake, folder) as client:
        call = {"images": saved(folder), "schema": schema}
        answer = structured(await client.call_tool("extract_json", call))
    assert answer["data"] == {"b": None, "lines": [{}, {"c": "x"}], "choice": {"k": 1}}
    assert (answer["valid"], answer["attempts"]) == (True, 1)


def closed(*required: str, **properties: Any) -> dict[str, Any]:
    return {**of_object(**properties), "required": [*required]}


TEXT = {"type": "string"}
UNIONS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        "alternatives that nothing tells apart",
        {"anyOf": [closed("x", x=TEXT, y=TEXT), closed("x", x=TEXT, z=TEXT)]},
        {"x": "a", "z": None},
        {"x": "a"},
    ),
    (
        "alternatives with names of their own",
        {
            "anyOf": [
                closed("name", name=TEXT, iban=TEXT, bic=TEXT),
                closed("name", "card", name=TEXT, card=TEXT, exp=TEXT),
            ]
        },
        {"name": "a", "card": "1", "exp": None},
        {"name": "a", "card": "1"},
    ),
    (
        "a null that one alternative wants",
        {
            "anyOf": [
                closed("kind", "x", kind={"const": "a"}, x={"type": ["string", "null"]}, n=TEXT),
                closed("kind", "x", kind={"const": "b"}, x=TEXT, n=TEXT),
            ]
        },
        {"kind": "a", "x": None, "n": None},
        {"kind": "a", "x": None},
    ),
]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("union", "said", "meant"), [row[1:] for row in UNIONS], ids=[row[0] for row in UNIONS]
)
async def test_null_is_left_out_of_the_alternative_that_was_meant(
    folder: Path, union: dict[str, Any], said: dict[str, Any], meant: dict[str, Any]
) -> None:
    openai = next(quirks for quirks in HOSTED if quirks.name == "openai")
    schema = {**of_object(rows={"type": "array", "items": union}), "$id": "https://example.com/s"}
    fake = FakeProvider(openai, answer=json.dumps({"rows": [said] * 300}))
    async with asking(fake, folder) as client:
        call = {"images": saved(folder), "schema": schema}
        answer = structured(await client.call_tool("extract_json", call))
    assert (answer["data"], answer["valid"]) == ({"rows": [meant] * 300}, True)
    assert answer["attempts"] == 1


@pytest.mark.parametrize("provider", ["openai", "groq", "together", "vllm", "llamacpp", "ollama"])
def test_a_part_that_refers_to_itself_is_sent_as_a_definition(provider: str) -> None:
    found = sent(provider, PEOPLE)
    name = next(iter(found["$defs"]))
    boss = found["properties"]["boss"]
    assert {"$ref": f"#/$defs/{name}"} in (boss, *boss.get("anyOf", []))
    assert found["$defs"][name]["properties"]["name"] == {"type": "string"}


def test_a_part_that_refers_to_itself_is_asked_for_in_words_where_that_is_refused() -> None:
    translation = translation_of("xai", PEOPLE)
    assert translation.response_format == {"type": "json_object"}
    assert "it refers to itself)" in translation.warnings[0]


def test_references_that_double_at_each_step_end_in_words_and_not_in_memory() -> None:
    parts: dict[str, Any] = {
        f"d{n}": of_object(a={"$ref": f"#/$defs/d{n + 1}"}, b={"$ref": f"#/$defs/d{n + 1}"})
        for n in range(30)
    }
    schema = {"$ref": "#/$defs/d0", "$defs": {**parts, "d30": {"type": "string"}}}
    translation = translation_of("xai", schema)
    assert translation.response_format == {"type": "json_object"}
    assert "too large" in translation.warnings[0]


def test_what_stands_beside_a_choice_goes_into_each_alternative() -> None:
    schema = {
        **of_object(a={"type": "string"}, b={"type": "string"}),
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    }
    found = sent("xai", schema)["properties"]["answer"]
    both = of_object(a={"type": "string"}, b={"type": "string"})
    del both["additionalProperties"]
    assert found == {
        "anyOf": [
            {**both, "required": ["a"], "additionalProperties": False},
            {**both, "required": ["b"], "additionalProperties": False},
        ]
    }


@pytest.mark.parametrize(
    ("provider", "kind"),
    [
        ("xai", "json_schema"),
        ("openai", "json_schema"),
        ("lmstudio", "json_schema"),
        ("custom", None),
    ],
)
def test_the_form_is_the_strictest_that_the_provider_takes(provider: str, kind: str | None) -> None:
    translation = translation_of(provider, of_object(a={"type": "string"}))
    assert (translation.response_format or {}).get("type") == kind
    assert translation.warnings == ()
    # Only where the model does not read the schema that is sent.
    assert bool(translation.words) == (provider in {"lmstudio", "custom"})


@pytest.mark.parametrize(("provider", "kind"), [("xai", "json_object"), ("lmstudio", None)])
def test_any_json_is_asked_for_by_parameter_where_there_is_one(
    provider: str, kind: str | None
) -> None:
    translation = translation_of(provider, {})
    assert (translation.response_format or {}).get("type") == kind


def test_where_schemas_are_taken_it_is_known_which() -> None:
    for provider in PROVIDERS:
        assert ("json_schema" in provider.json_forms) == (provider.schema_dialect is not None)


# What a wanted answer needs


@pytest.mark.parametrize(
    ("schema", "answers"),
    [
        ({"type": ["string", "null"], "allOf": [{"maxLength": 5}]}, ["abc", None]),
        ({"type": ["number", "null"], "anyOf": [{"minimum": 1}, {"maximum": -1}]}, [3, None]),
        (
            {
                "type": ["object", "null"],
                "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
            },
            [{"a": "x"}, {"b": "x"}, None],
        ),
        (
            {"type": ["string", "null"], "$ref": "#/$defs/p", "$defs": {"p": {"pattern": "^x$"}}},
            ["x", None],
        ),
        ({"prefixItems": [{"type": "string"}], "items": {"type": "number"}}, [["a", 1, 2]]),
        (
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "items": [{"type": "string"}],
                "additionalItems": {"type": "number"},
            },
            [["a", 1]],
        ),
        (
            {
                "patternProperties": {"^[0-9]+$": {"type": "number"}},
                "additionalProperties": {"type": "string"},
            },
            [{"2020": 1, "b": "x"}],
        ),
        (
            {"patternProperties": {"^_": False}, "additionalProperties": {"type": "number"}},
            [{"a": 1}],
        ),
        (
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "$ref": "#/definitions/t",
                "allOf": [{"maxLength": 1}],
                "definitions": {"t": {"type": "string"}},
            },
            ["abc"],
        ),
        ({"additionalProperties": {"type": "number"}, "required": ["total"]}, [{"total": 1}]),
        ({"type": "object", "properties": {"x": True}}, [{"x": {"y": 1}}, {"x": [{"y": 1}]}]),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
@pytest.mark.parametrize("provider", ["xai", "vllm", "openai", "llamacpp"])
def test_what_is_sent_lets_every_wanted_answer_through(
    provider: str, schema: dict[str, Any], answers: list[Any]
) -> None:
    known = checked(schema)
    assert [answer for answer in answers if known.problems(answer)] == []
    translation = translation_of(provider, schema)
    if translation.response_format is None or "json_schema" not in translation.response_format:
        assert translation.words
        return
    form: Any = translation.response_format["json_schema"]
    taken = jsonschema_rs.validator_for(form["schema"])
    for answer in answers:
        if translation.nullable and isinstance(answer, dict):
            # What may be left out is asked for as null.
            answer = {**dict.fromkeys(schema.get("properties", ())), **answer}
        said = {"answer": answer} if translation.wrapped else answer
        assert taken.is_valid(said), form["schema"]


@pytest.mark.parametrize(
    "schema",
    [
        {
            **of_object(k={"type": "string"}),
            "if": {"properties": {"k": {"const": "a"}}},
            "then": {"$ref": "#/$defs/x"},
            "$defs": {"x": {"properties": {"b": {"type": "string"}}, "required": ["b"]}},
        },
        {
            **of_object(k={"type": "string"}, a={"type": "string"}),
            "allOf": [
                {"if": {"required": ["k"]}, "then": {"required": ["a"]}},
                {"if": {"required": ["a"]}, "then": {"properties": {"b": {"type": "string"}}}},
            ],
        },
        {**of_object(k={"type": "string"}), "dependentRequired": {"k": ["b"]}},
        {**of_object(k={"type": "string"}), "dependentSchemas": {"k": of_object(b=True)}},
    ],
    ids=["behind a reference", "in one of several", "required", "in a schema"],
)
def test_a_property_that_only_a_condition_tells_of_is_not_shut_out(schema: dict[str, Any]) -> None:
    (told,) = translation_of("vllm", schema).warnings
    assert "its property b depends on a condition" in told


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {
            "type": "object",
            "properties": {"x": schema},
            "anyOf": [{"required": ["x"]}, {"minProperties": 1}, {"maxProperties": 9}],
        }
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        nested(12),
        of_object(
            **{f"p{n}": {"$ref": "#/$defs/e"} for n in range(1000)},
        )
        | {"$defs": {"e": {"enum": [f"v{n}" for n in range(5000)]}}},
        of_object(**{f"p{n}": {"$ref": "#/$defs/e"} for n in range(900)})
        | {"$defs": {"e": {"type": "string", "description": "x" * 40_000}}},
        {
            "$ref": "#/$defs/d0",
            "$defs": {
                **{f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(300)},
                "d300": {"type": "string"},
            },
        },
    ],
    ids=["choices within choices", "a large enum", "a long description", "a long chain"],
)
@pytest.mark.parametrize("provider", ["xai", "openai", "vllm"])
def test_a_schema_that_would_be_huge_when_written_out_is_asked_for_in_words(
    provider: str, schema: dict[str, Any]
) -> None:
    translation = translation_of(provider, schema)
    assert translation.response_format == {"type": "json_object"}
    assert "too large" in translation.warnings[0] or "values of enum" in translation.warnings[0]


@pytest.mark.parametrize(
    "schema",
    [
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "properties": {"a": {"$ref": "#/$defs/x"}},
            "$defs": {"x": {"$id": "http://example.com/x", "type": "string"}},
        },
        {"$schema": "http://json-schema.org/draft-04/schema#", "id": "x", "type": "string"},
        {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "enum": [1, 2],
            "minimum": 0,
            "exclusiveMinimum": True,
        },
        {"$ref": "#"},
    ],
    ids=["an address beside", "an old address", "an old bound", "nothing but itself"],
)
def test_a_schema_that_is_hard_to_write_out_is_still_asked_for(schema: dict[str, Any]) -> None:
    for provider in PROVIDERS:
        translation = translated(checked(schema), provider)
        assert translation.response_format or translation.words


def test_what_stands_beside_a_reference_for_the_model_to_read_is_sent() -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **of_object(issued={"$ref": "#/definitions/day", "description": "Not the due date."}),
        "definitions": {"day": {"type": "string", "format": "date"}},
    }
    assert sent("xai", schema)["properties"]["issued"] == {
        "type": "string",
        "format": "date",
        "description": "Not the due date.",
    }
    boss = {"$ref": "#", "description": "Who leads."}
    tree = {**PEOPLE, "properties": {"name": {"type": "string"}, "boss": boss}}
    found = sent("vllm", tree)["properties"]["boss"]
    assert found["description"] == "Who leads."
    assert "$ref" not in found


def test_what_is_harmless_to_leave_out_is_told_and_not_repeated_in_words() -> None:
    schema = {"type": "object", "properties": {"a": {"oneOf": [{"type": "string"}, {"const": 1}]}}}
    translation = translation_of("openai", schema)
    assert "oneOf at /properties/a" in translation.warnings[0]
    assert translation.words == ""


def test_the_same_schema_is_sent_in_the_same_order_every_time() -> None:
    schema = of_object(a={"type": "string", "minLength": 1, "pattern": "^x$", "maxLength": 9})
    assert list(sent("xai", schema)["properties"]["a"]) == [
        "type",
        "minLength",
        "pattern",
        "maxLength",
    ]


def test_an_enum_that_openai_would_refuse_for_its_length_is_asked_for_in_words() -> None:
    values = [f"{'x' * 50}{n}" for n in range(300)]
    translation = translation_of("openai", of_object(a={"enum": values}))
    assert translation.response_format == {"type": "json_object"}


# Parts that must all hold


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([{"type": "integer"}, {"type": "number"}], {"type": "integer"}),
        ([{"type": ["string", "null"]}, {"type": ["null", "number"]}], {"type": "null"}),
        ([{"enum": ["a", "b"]}, {"enum": ["b", "c"]}], {"type": "string", "enum": ["b"]}),
        (
            [{"type": "string", "minLength": 2}, {"minLength": 5}],
            {"type": "string", "minLength": 5},
        ),
        ([{"type": "number", "maximum": 2}, {"maximum": 5}], {"type": "number", "maximum": 2}),
        (
            [
                {"type": "array", "items": {"minimum": 1}},
                {"items": {"type": "number", "maximum": 3}},
            ],
            {"type": "array", "items": {"type": "number", "minimum": 1, "maximum": 3}},
        ),
        ([{"type": "array", "items": {"type": "null"}}, {"items": True}], None),
        (
            [of_object(a={"type": "string"}), of_object(a={"maxLength": 3}, b={"type": "null"})],
            None,
        ),
        ([True, {"type": "null"}], {"type": "null"}),
        ([{"type": "array", "uniqueItems": True}, {"items": {"type": "null"}}], None),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
def test_parts_that_must_all_hold_are_sent_as_one(
    parts: list[Any], whole: dict[str, Any] | None
) -> None:
    found = sent("xai", {"type": "object", "properties": {"x": {"allOf": parts}}})
    assert "allOf" not in json.dumps(found)
    if whole is not None:
        assert found["properties"]["x"] == whole


def test_of_two_patterns_the_first_is_sent_and_the_other_checked_and_told() -> None:
    parts = [{"type": "string", "pattern": "^a$"}, {"pattern": "^b$"}]
    schema = of_object(x={"allOf": parts})
    assert sent("xai", schema)["properties"]["x"] == {"type": "string", "pattern": "^a$"}
    assert "pattern at /properties/x" in translation_of("xai", schema).warnings[0]


@pytest.mark.parametrize(
    "parts",
    [
        [{"anyOf": [{"minimum": 1}, {"maximum": 0}]}, {"anyOf": [{"minimum": 5}, {"maximum": 3}]}],
        [{"prefixItems": [{"type": "string"}]}, {"prefixItems": [{"type": "null"}]}],
        [False, {"type": "string"}],
        [{"type": "string"}, False],
        [{"properties": {"a": {"type": "null"}}}, {"properties": {"a": {"type": "string"}}}],
    ],
    ids=["choices", "tuples", "nothing first", "nothing last", "types within"],
)
def test_parts_that_cannot_be_one_are_asked_for_in_words(parts: list[Any]) -> None:
    schema = {"type": "object", "properties": {"x": {"allOf": parts}}, "required": ["x"]}
    translation = translation_of("xai", schema)
    in_words = translation.response_format == {"type": "json_object"}
    left_out = "what is forbidden (false) at /properties/x" in translation.warnings[0]
    assert in_words or left_out
    assert translation.words
