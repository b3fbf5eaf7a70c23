"""extract_json with answers that do: what is sent, what comes back, and what is refused before."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grok_vision.schemas import checked
from tests.fake_xai import FakeXAI
from tests.support import connected, error_text, extract, quadrants, saved, structured

pytestmark = pytest.mark.anyio

TOTAL = {
    "type": "object",
    "properties": {"total": {"type": "number", "description": "With tax."}},
    "required": ["total"],
    "additionalProperties": False,
}


def sent_format(xai: FakeXAI, request: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = xai.requests[request].body["response_format"]
    return found


def words_of(xai: FakeXAI, request: int = 0) -> str:
    return xai.requests[request].texts[1]


async def test_the_whole_answer_is_in_the_structured_result(xai: FakeXAI, folder: Path) -> None:
    xai.answer = '{"total": 6199.9}'
    path = saved(folder)
    result = await extract(xai, folder, [path], schema=TOTAL)
    answer = dict(structured(result))
    usage = answer.pop("usage")
    (picture,) = xai.requests[0].images
    assert answer == {
        "data": {"total": 6199.9},
        "valid": True,
        "errors": [],
        "attempts": 1,
        "truncated": False,
        "cached": False,
        "finish_reason": "stop",
        "model": "grok-4.3",
        "provider": "xai",
        "images": [
            {
                "source": path,
                "format": "PNG",
                "width": 64,
                "height": 48,
                "bytes": Path(path).stat().st_size,
                "sent_format": "PNG",
                "sent_width": 64,
                "sent_height": 48,
                "sent_bytes": len(picture.data),
                "changes": [],
            }
        ],
        "warnings": [],
    }
    assert usage["cost_source"] == "reported"
    assert list(answer)[:4] == ["data", "valid", "errors", "attempts"]
    assert result.content[0].text == '```json\n{\n  "total": 6199.9\n}\n```'


async def test_the_result_fits_the_published_output_schema_whatever_the_data(
    xai: FakeXAI, folder: Path
) -> None:
    async with connected(xai, folder) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        schema = tools["extract_json"].output_schema
        jsonschema.Draft202012Validator.check_schema(schema)
        for answer in ('{"a": null}', "[]", "3", '"text"', "null", "no JSON"):
            xai.answer = answer
            result = await client.call_tool("extract_json", {"images": saved(folder)})
            jsonschema.validate(structured(result), schema)
    assert "null" not in str(schema)


async def test_the_schema_is_sent_and_the_model_is_asked_for_json_and_nothing_else(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = '{"total": 1}'
    await extract(xai, folder, saved(folder), schema=TOTAL, prompt="Of the second page.")
    assert sent_format(xai) == {
        "type": "json_schema",
        "json_schema": {"name": "extraction", "strict": True, "schema": TOTAL},
    }
    system, words = xai.requests[0].texts
    assert "never an instruction" in system
    assert "JSON" in system
    assert "Markdown" not in system
    assert "no code fence" in words
    assert words.endswith("Of the second page.")
    # The provider shows the schema to the model.
    assert "With tax." not in words


async def test_several_pictures_are_one_document_and_numbered(xai: FakeXAI, folder: Path) -> None:
    xai.answer = '{"total": 1}'
    paths = [
        saved(folder, f"page{number}.png", quadrants(64 + number, 48)) for number in range(1, 4)
    ]
    answer = structured(await extract(xai, folder, paths, schema=TOTAL))
    assert [image["source"] for image in answer["images"]] == paths
    (request,) = xai.requests
    assert [image.width for image in request.images] == [65, 66, 67]
    assert request.texts[2:] == ("[Picture 1 of 3]", "[Picture 2 of 3]", "[Picture 3 of 3]")


async def test_a_split_picture_among_several_has_its_number_before_its_parts(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = '{"total": 1}'
    pages = [saved(folder), saved(folder, "long.png", quadrants(600, 6000))]
    await extract(xai, folder, pages, schema=TOTAL)
    labels = xai.requests[0].texts[2:]
    assert labels[0] == "[Picture 1 of 2]"
    assert labels[1].startswith("[Picture 2 of 2] [Part 1 of ")
    assert labels[2].startswith("[Part 2 of ")


async def test_every_problem_of_several_pictures_is_told_and_nothing_is_sent(
    xai: FakeXAI, folder: Path
) -> None:
    (folder / "text.png").write_text("not a picture")
    pages = [str(folder / "text.png"), saved(folder), str(folder / "missing.png")]
    told = error_text(await extract(xai, folder, pages, schema=TOTAL))
    assert "2 of 3 images" in told
    assert "[not_an_image]" in told
    assert "[not_found]" in told
    assert xai.requests == []


# Any JSON


async def test_without_a_schema_any_json_is_asked_for_and_taken(xai: FakeXAI, folder: Path) -> None:
    xai.answer = '{"seen": [1, null, "x"]}'
    answer = structured(await extract(xai, folder, saved(folder), prompt="What is there?"))
    assert (answer["data"], answer["valid"]) == ({"seen": [1, None, "x"]}, True)
    assert sent_format(xai) == {"type": "json_object"}
    assert "What is there?" in words_of(xai)
    assert "snake_case" in words_of(xai)


@pytest.mark.parametrize("text", ["null", "0", "false", '""', "[]", "{}"])
async def test_an_answer_that_is_nearly_nothing_is_data_too(
    xai: FakeXAI, folder: Path, text: str
) -> None:
    xai.answer = text
    answer = structured(await extract(xai, folder, saved(folder)))
    assert answer["data"] == json.loads(text)
    assert answer["valid"] is True


async def test_a_value_that_is_null_stays_in_the_data(xai: FakeXAI, folder: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": ["number", "null"]}}}
    xai.answer = '{"a": null}'
    assert structured(await extract(xai, folder, saved(folder), schema=schema))["data"] == {
        "a": None
    }


async def test_a_number_that_javascript_would_round_is_kept_and_told(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = '{"account": 12345678901234567890, "lines": [{"id": 9007199254740993, "n": 5}]}'
    answer = structured(await extract(xai, folder, saved(folder)))
    assert answer["data"]["account"] == 12345678901234567890
    (warning,) = answer["warnings"]
    assert "/account, /lines/0/id have more digits" in warning.replace("numbers at ", "")


async def test_an_error_in_a_name_with_a_slash_is_told_by_an_escaped_pointer(
    xai: FakeXAI, folder: Path
) -> None:
    schema = {"type": "object", "properties": {"a/b": {"properties": {"~": {"type": "null"}}}}}
    xai.answer = '{"a/b": {"~": 1}}'
    answer = structured(await extract(xai, folder, saved(folder), schema=schema))
    assert [error["path"] for error in answer["errors"]] == ["/a~1b/~0"]


# An answer that is not an object


ROWS = {
    "type": "array",
    "items": {"$ref": "#/$defs/row"},
    "$defs": {"row": {"type": "object", "properties": {"n": {"type": "integer"}}}},
}


@pytest.mark.parametrize("text", ['{"answer": [{"n": 1}]}', '[{"n": 1}]'])
async def test_a_list_is_asked_for_in_an_object_and_taken_out_of_it(
    xai: FakeXAI, folder: Path, text: str
) -> None:
    xai.answer = text
    answer = structured(await extract(xai, folder, saved(folder), schema=ROWS))
    assert (answer["data"], answer["valid"], answer["attempts"]) == ([{"n": 1}], True, 1)
    sent = sent_format(xai)["json_schema"]["schema"]
    assert sent["type"] == "object"
    assert sent["properties"]["answer"]["type"] == "array"


async def test_the_place_of_an_error_is_that_in_the_data_and_not_in_the_object_around_it(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = '{"answer": [{"n": "x"}]}'
    answer = structured(await extract(xai, folder, saved(folder), schema=ROWS))
    assert answer["data"] == [{"n": "x"}]
    assert [error["path"] for error in answer["errors"]] == ["/0/n"]
    # The model is told the place in what it wrote.
    assert "at /answer/0/n: " in xai.requests[1].texts[-1]


async def test_an_object_that_has_a_property_called_answer_is_not_taken_apart(
    xai: FakeXAI, folder: Path
) -> None:
    named = {"type": "object", "properties": {"answer": {"type": "string"}}}
    schema = {"anyOf": [named, {"type": "null"}]}
    xai.answer = '{"answer": "42"}'
    answer = structured(await extract(xai, folder, saved(folder), schema=schema))
    assert (answer["data"], answer["valid"]) == ({"answer": "42"}, True)


# Schemas that cannot be used


BAD_SCHEMAS: list[tuple[str, dict[str, Any], str]] = [
    ("a type that is none", {"type": "strin"}, " at /type: the value is none of "),
    (
        "a mistake deep inside",
        {"properties": {"a": {"items": {"minLength": -1}}}},
        " at /properties/a/items/minLength: the value is less than the minimum of 0",
    ),
    ("a list of items, which 2020-12 has not", {"items": [{}]}, " at /items: "),
    (
        "a pattern that is no expression",
        {"pattern": "("},
        ' at /pattern: the value is not a "regex"',
    ),
    (
        "a pattern that would take all memory",
        {"pattern": "((a{100}){100}){100}"},
        " at /pattern: ",
    ),
    ("required that is no list", {"required": "a"}, " at /required: "),
    (
        "a reference to the network",
        {"properties": {"a": {"$ref": "https://example.com/a.json"}}},
        " at /properties/a/$ref: https://example.com/a.json is not in the schema, and nothing is",
    ),
    (
        "a reference to a file",
        {"$ref": "file:///etc/passwd"},
        " at /$ref: file:///etc/passwd is not",
    ),
    ("a reference to another document", {"$ref": "b.json"}, " at /$ref: b.json is not in"),
    ("a reference to nowhere", {"$ref": "#/$defs/a"}, " at /$ref: #/$defs/a leads nowhere"),
    ("an anchor that is not there", {"items": {"$ref": "#a"}}, " at /items/$ref: #a leads nowhere"),
    ("a dialect nobody knows", {"$schema": "https://example.com/s"}, " at /$schema: that dialect"),
    ("too large a schema", {"description": "x" * 100_001}, "100,0"),
]


@pytest.mark.parametrize(
    ("schema", "told"), [row[1:] for row in BAD_SCHEMAS], ids=[row[0] for row in BAD_SCHEMAS]
)
async def test_a_schema_that_cannot_be_used_is_refused_with_place_and_reason(
    xai: FakeXAI, folder: Path, schema: dict[str, Any], told: str
) -> None:
    text = error_text(await extract(xai, folder, saved(folder), schema=schema))
    assert text.startswith("[bad_schema] ")
    assert told in text
    assert len(text) < 400
    assert xai.requests == []


async def test_a_schema_nested_without_end_is_refused(xai: FakeXAI, folder: Path) -> None:
    schema: dict[str, Any] = {}
    for _ in range(60):
        schema = {"items": schema}
    text = error_text(await extract(xai, folder, saved(folder), schema=schema))
    assert text.startswith("[bad_schema] the schema cannot be used: it is nested deeper than 50")


@pytest.mark.parametrize("value", [float("nan"), float("inf")], ids=["not a number", "infinity"])
def test_a_schema_that_is_not_json_is_refused(value: float) -> None:
    with pytest.raises(Exception, match=r"bad_schema.*not JSON"):
        checked({"maximum": value})


async def test_a_schema_of_an_older_draft_is_taken_where_it_says_so(
    xai: FakeXAI, folder: Path
) -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"pair": {"items": [{"type": "string"}, {"type": "number"}]}},
        "definitions": {"unused": {}},
    }
    xai.answer = '{"pair": ["a", "b"]}'
    answer = structured(await extract(xai, folder, saved(folder), schema=schema))
    assert [error["path"] for error in answer["errors"]] == ["/pair/1"]


async def test_a_schema_and_a_preset_together_are_refused(xai: FakeXAI, folder: Path) -> None:
    call = {"schema": TOTAL, "preset": "invoice"}
    text = error_text(await extract(xai, folder, saved(folder), **call))
    assert text == "[bad_argument] give either schema or preset=invoice, not both."


async def test_a_schema_may_come_as_text_as_some_hosts_send_it(xai: FakeXAI, folder: Path) -> None:
    xai.answer = '{"total": 1}'
    answer = structured(await extract(xai, folder, saved(folder), schema=json.dumps(TOTAL)))
    assert answer["valid"] is True
    assert sent_format(xai)["type"] == "json_schema"


@pytest.mark.parametrize(
    "nothing", [{"schema": None}, {"schema": ""}, {"preset": None}, {"preset": ""}]
)
async def test_what_hosts_send_for_nothing_is_nothing(
    xai: FakeXAI, folder: Path, nothing: dict[str, object]
) -> None:
    xai.answer = "[1]"
    answer = structured(await extract(xai, folder, saved(folder), **nothing))
    assert (answer["data"], answer["valid"]) == ([1], True)
    assert sent_format(xai) == {"type": "json_object"}


async def test_the_name_of_a_preset_in_place_of_a_schema_is_told(
    xai: FakeXAI, folder: Path
) -> None:
    result = await extract(xai, folder, saved(folder), schema="table")
    assert "schema: it must be a JSON Schema, as an object; the name of a preset is preset" in (
        result.content[0].text
    )


async def test_no_published_list_of_values_has_an_empty_one(xai: FakeXAI, folder: Path) -> None:
    # Gemini refuses all tools of a host for it (anomalyco/opencode#46676).
    async with connected(xai, folder) as client:
        tools = (await client.list_tools()).tools
    values = [
        value
        for tool in tools
        for argument in tool.input_schema["properties"].values()
        for value in argument.get("enum", ())
    ]
    assert len(values) > 10
    assert all(values)


async def test_a_warning_is_told_beside_an_answer_that_fits_too(xai: FakeXAI, folder: Path) -> None:
    xai.answer = '{"account": 12345678901234567890}'
    result = await extract(xai, folder, saved(folder))
    assert "have more digits" in result.content[0].text


async def test_rows_that_are_longer_or_shorter_than_their_table_are_told(
    xai: FakeXAI, folder: Path
) -> None:
    rows = [["1"], ["1", "2"], ["1", "2", "3"]]
    xai.answer = json.dumps({"columns": ["a", "b"], "rows": rows})
    answer = structured(await extract(xai, folder, saved(folder), preset="table"))
    assert answer["data"]["rows"] == rows
    assert answer["warnings"] == ["there are 2 columns, and other numbers of cells in /rows/ 0, 2."]


@pytest.mark.parametrize("schema", [{"$schema": ""}, {"$schema": "#"}, {"$schema": "draft-07"}])
async def test_a_dialect_that_is_no_address_is_refused(
    xai: FakeXAI, folder: Path, schema: dict[str, Any]
) -> None:
    text = error_text(await extract(xai, folder, saved(folder), schema=schema))
    assert text.startswith("[bad_schema] the schema cannot be used at /$schema: ")


async def test_of_references_that_begin_alike_the_one_that_leads_nowhere_is_named(
    xai: FakeXAI, folder: Path
) -> None:
    schema = {
        "properties": {"a": {"$ref": "#/$defs/a"}, "b": {"$ref": "#/$defs/abc"}},
        "$defs": {"a": {"type": "string"}},
    }
    text = error_text(await extract(xai, folder, saved(folder), schema=schema))
    assert " at /properties/b/$ref: #/$defs/abc leads nowhere" in text


# What the validator finds


@pytest.mark.parametrize(
    ("schema", "value", "path", "message"),
    [
        ({"contains": {"const": 1}}, [2], "", 'of its items fit {"const": 1}'),
        ({"contains": {"const": 1}, "maxContains": 1}, [1, 1], "", "2 of its items fit"),
        ({"contains": {"const": 1}, "minContains": 2}, [1], "", "1 of its items fit"),
        ({"oneOf": [{"minimum": 1}, {"minimum": 2}]}, 3, "", "fits 2 alternatives"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "", 'type "string" or "null"'),
        ({"not": {"const": 1}}, 1, "", 'does not fit "not"'),
        ({"if": {"minimum": 5}, "then": {"multipleOf": 2}}, 7, "", "multiple of 2"),
        ({"if": {"minimum": 5}, "then": {}, "else": {"maximum": 1}}, 3, "", "maximum of 1"),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, "", '"b" is a required'),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "", '"b" is a required'),
        ({"patternProperties": {"^a": {"type": "null"}}}, {"ab": 1}, "/ab", 'type "null"'),
        ({"additionalProperties": {"type": "null"}}, {"ab": 1}, "/ab", 'type "null"'),
        ({"properties": {"a": False}}, {"a": 1}, "/a", "must not be there"),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "", 'does not fit "propertyNames"'),
        (
            {"prefixItems": [{"type": "null"}], "items": {"type": "string"}},
            [None, 1],
            "/1",
            "string",
        ),
        ({"prefixItems": [{"type": "null"}], "items": False}, [None, 1], "/1", "must not be there"),
        ({"unevaluatedProperties": False, "properties": {}}, {"a": 1}, "", "unevaluatedProperties"),
        ({"allOf": [{"minimum": 3}, {"maximum": 1}]}, 2, "", "less than the minimum of 3"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "null"}}}, 1, "", 'type "null"'),
        (
            {"$ref": "http://e.com/a", "$defs": {"a": {"$id": "http://e.com/a", "type": "null"}}},
            1,
            "",
            'does not fit "$ref"',
        ),
        (
            {
                "$ref": "#/$defs/a",
                "$defs": {
                    "a": {"$ref": "#/$defs/b", "type": "string"},
                    "b": {"$ref": "#/$defs/a"},
                },
            },
            1,
            "",
            'type "string"',
        ),
        ({"enum": [f"v{n}" for n in range(99)]}, 1, "", '"v0", "v1"'),
        ({"$ref": "#x", "$defs": {"a": {"$anchor": "x", "type": "null"}}}, 1, "", 'type "null"'),
        ({"$ref": "#/$defs/a%3Cb", "$defs": {"a<b": {"type": "null"}}}, 1, "", 'type "null"'),
        (
            {
                "$schema": "http://json-schema.org/draft-04/schema#",
                "properties": {"a": {"type": "string"}},
                "additionalProperties": False,
            },
            {"a": 1, "b": 2},
            "",
            "'b' was unexpected",
        ),
        (
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "properties": {"a": {"$ref": "#/definitions/n", "type": "string"}},
                "definitions": {"n": {"type": "number"}},
            },
            {"a": None},
            "/a",
            'type "number"',
        ),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_a_fault_is_told_by_its_place_and_what_is_wanted(
    schema: dict[str, Any], value: Any, path: str, message: str
) -> None:
    problems = checked(schema).problems(value)
    assert problems[0].path == path
    assert message in problems[0].message


@pytest.mark.parametrize("arguments", [{"preset": "menu"}, {"schema": 3}, {"schema": "{"}])
async def test_bad_arguments_are_named(
    xai: FakeXAI, folder: Path, arguments: dict[str, object]
) -> None:
    result = await extract(xai, folder, saved(folder), **arguments)
    text = result.content[0].text
    assert text.startswith(f"[bad_argument] {next(iter(arguments))}: ")


async def test_no_picture_at_all_is_refused(xai: FakeXAI, folder: Path) -> None:
    result = await extract(xai, folder, [], schema=TOTAL)
    assert result.content[0].text.startswith("[bad_argument] images: ")


async def test_a_refusal_of_the_answer_in_markdown_names_errors_and_the_raw_text(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = "``` no ```"
    result = await extract(xai, folder, saved(folder), schema=TOTAL)
    text = result.content[0].text
    assert "does **not** fit" in text
    assert "the whole: it is not JSON" in text
    assert "````text\n``` no ```\n````" in text


def test_what_is_wrong_deeper_than_can_be_followed_is_told_of_the_whole() -> None:
    chain: dict[str, Any] = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(300)}
    chain["d300"] = {"properties": {"a": {"$ref": "#/$defs/d0"}}, "type": "object"}
    value: Any = 1
    for _ in range(20):
        value = {"a": value}
    (problem,) = checked({"$ref": "#/$defs/d0", "$defs": chain}).problems(value)
    assert (problem.path, "too deep to tell where" in problem.message) == ("", True)
