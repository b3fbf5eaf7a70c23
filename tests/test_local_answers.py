"""The offline engine asked for an answer that fits a schema: what it fills, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image

from examples.make_examples import BEFORE, Sheet, dashboard, invoice, page
from grok_vision.local import LocalTransport
from grok_vision.vocabulary import PRESETS as NAMES
from tests.test_local_engine import data_uri, post, request_body

ROOT = Path(__file__).parent.parent
PRESETS = ROOT / "server" / "grok_vision" / "schemas" / "presets"

pytestmark = pytest.mark.anyio

Message = dict[str, Any]
Schema = dict[str, Any]


@pytest.fixture(scope="module")
def transport() -> LocalTransport:
    """One for all tests: loading its models takes a second."""
    return LocalTransport()


def preset(name: str) -> Schema:
    return json.loads((PRESETS / f"{name}.json").read_text("utf-8"))


def checklist(*expectations: str) -> Schema:
    """The preset as it is narrowed for a call."""
    schema = preset("checklist")
    checks = schema["properties"]["checks"]
    checks["minItems"] = checks["maxItems"] = len(expectations)
    checks["items"]["properties"]["expectation"]["enum"] = list(expectations)
    return schema


async def message(
    transport: LocalTransport, name: str, schema: object, *images: Image.Image
) -> Message:
    wanted = {"name": name, "strict": True, "schema": schema}
    body = request_body(
        *map(data_uri, images), response_format={"type": "json_schema", "json_schema": wanted}
    )
    response = await post(transport, body)
    assert response.status_code == 200, response.text
    assert "usage" not in response.json()
    return response.json()["choices"][0]["message"]


async def filled(transport: LocalTransport, name: str, schema: Schema, *images: Image.Image) -> Any:
    """The answer, which fits the schema."""
    answered = await message(transport, name, schema, *images)
    assert answered["refusal"] is None
    answer = json.loads(answered["content"])
    jsonschema.validate(answer, schema, jsonschema.Draft202012Validator)
    return answer


def example(name: str) -> Image.Image:
    with Image.open(ROOT / "examples" / name) as image:
        return image.convert("RGB")


ORDERS = {
    "title": "Recent orders",
    "columns": ["Order", "Customer", "Status", "Amount"],
    "rows": [
        ["#10428", "Maria Keller", "Paid", "$1,280.00"],
        ["#10427", "Northwind Ltd", "Pending", "$642.50"],
        ["#10426", "Daniel Okafor", "Paid", "$89.90"],
        ["#10425", "Blue Harbor Inc", "Refunded", "$310.00"],
    ],
}
ITEMS = {
    "columns": ["Description", "Quantity", "Unit price", "Amount"],
    "rows": [
        ["Interface design, dashboard", "32", "95.00", "3,040.00"],
        ["Usability test with 6 people", "1", "1,250.00", "1,250.00"],
        ["Icon set, 48 icons", "48", "12.50", "600.00"],
        ["Design review meetings", "4", "80.00", "320.00"],
    ],
}
PARCELS = {
    "title": "Parcels delivered in 2025",
    "columns": ["Region", "Q1", "Q2", "Q3", "Q4", "Year"],
    "rows": [
        ["Northern", "1,204", "1,318", "1,295", "1,562", "5,379"],
        ["Eastern", "986", "1,041", "1,007", "1,233", "4,267"],
        ["Midlands", "1,530", "1,587", "1,611", "1,894", "6,622"],
        ["Wales", "402", "438", "455", "519", "1,814"],
        ["Southern", "1,148", "1,216", "1,190", "1,405", "4,959"],
        ["Western", "873", "921", "898", "1,067", "3,759"],
        ["Highlands", "", "154", "171", "226", "551"],
        ["Total", "6,143", "6,675", "6,627", "7,906", "27,351"],
    ],
    "notes": "In thousands. The Highlands depot opened in April.",
}


@pytest.mark.parametrize(
    ("name", "table"),
    [("dashboard.png", ORDERS), ("invoice.png", ITEMS), ("table.png", PARCELS)],
)
async def test_the_table_of_an_example_is_read_cell_by_cell(
    transport: LocalTransport, name: str, table: Any
) -> None:
    assert await filled(transport, "table", preset("table"), example(name)) == table


async def test_of_several_pictures_the_largest_table_is_read(transport: LocalTransport) -> None:
    images = (example("invoice.png"), example("table.png"), example("page-before.png"))
    assert await filled(transport, "table", preset("table"), *images) == PARCELS


async def test_a_picture_without_a_table_is_refused_with_what_was_read(
    transport: LocalTransport,
) -> None:
    answered = await message(transport, "table", preset("table"), page(BEFORE).image)
    content = json.loads(answered["content"])
    [image] = content.pop("images")
    assert answered["refusal"] == (
        "The offline engine cannot fill the preset table: no table was found."
    )
    assert content == {"supported": False, "reason": "no table was found"}
    assert "Dawn desk lamp" in image["text"]


async def test_a_checklist_is_decided_where_text_alone_decides_it(
    transport: LocalTransport,
) -> None:
    schema = checklist(
        '"Add to cart"', "“Sold out” is shown", "shows '$119.00'", "The lamp is green"
    )
    assert await filled(transport, "checklist", schema, example("page-before.png")) == {
        "checks": [
            {
                "expectation": '"Add to cart"',
                "evidence": "“Add to cart” was read at 758,501,105,27.",
                "result": "pass",
            },
            {
                "expectation": "“Sold out” is shown",
                "evidence": "“Sold out” was not read, nor anything like it.",
                "result": "fail",
            },
            {
                "expectation": "shows '$119.00'",
                "evidence": "“$129.00” was read at 695,214,127,38, which is another number.",
                "result": "fail",
            },
            {
                "expectation": "The lamp is green",
                "evidence": "It takes a vision model: it is not just about a text in quotes "
                "that is shown.",
                "result": "unclear",
            },
        ]
    }


async def test_with_several_pictures_the_evidence_names_the_one_that_decides(
    transport: LocalTransport,
) -> None:
    schema = checklist('"Northwind Ltd"', '"Overdue"')
    images = (invoice().image, dashboard().image)
    [found, missing] = (await filled(transport, "checklist", schema, *images))["checks"]
    assert (found["result"], found["image"]) == ("pass", 2)
    assert found["evidence"].startswith("“Northwind Ltd” was read in image 2 at ")
    assert missing == {
        "expectation": '"Overdue"',
        "evidence": "“Overdue” was not read in any of the 2 pictures, nor anything like it.",
        "result": "fail",
    }


async def test_letters_that_the_reader_does_not_know_are_not_called_missing(
    transport: LocalTransport,
) -> None:
    schema = checklist("“Оплатить”", '"→"')
    answer = await filled(transport, "checklist", schema, Sheet(300, 100).image)
    assert [check["result"] for check in answer["checks"]] == ["unclear", "unclear"]
    assert "does not know “Оплатиь”" in answer["checks"][0]["evidence"]


CHANGED = checklist("x")
CHANGED["properties"]["checks"]["items"]["required"].append("confidence")


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        pytest.param("invoice", preset("invoice"), id="a preset that takes a model"),
        pytest.param("extraction", preset("table"), id="a table under another name"),
        pytest.param("checklist", preset("checklist"), id="a checklist without expectations"),
        pytest.param("checklist", preset("table"), id="a checklist that is a table"),
        pytest.param("checklist", CHANGED, id="a checklist with a field of its own"),
        pytest.param("checklist", {"properties": {"checks": 5}}, id="a checklist of another shape"),
        pytest.param("checklist", True, id="a checklist that allows anything"),
        pytest.param("table", {}, id="a table without columns"),
        pytest.param("table", None, id="a table without a schema"),
    ],
)
async def test_a_schema_that_takes_a_model_is_refused_with_what_was_read(
    transport: LocalTransport, name: str, schema: Any
) -> None:
    sheet = Sheet(300, 100)
    sheet.text((30, 60), "Total 42", 24)
    answered = await message(transport, name, schema, sheet.image)
    content = json.loads(answered["content"])
    [image] = content.pop("images")
    called = f"the preset {name}" if name in NAMES else "a schema of your own"
    assert answered["refusal"] == (
        f"The offline engine cannot fill {called}: that takes a vision model."
    )
    assert content == {"supported": False, "reason": "needs a vision model"}
    assert image["text"] == "Total 42"


@pytest.mark.parametrize("schema", [{}, {"json_schema": 5}, {"json_schema": {"name": 7}}])
async def test_a_schema_without_a_name_is_refused_without_one(
    transport: LocalTransport, schema: dict[str, Any]
) -> None:
    body = request_body(
        data_uri(Sheet(20, 20).image), response_format={"type": "json_schema", **schema}
    )
    answered = (await post(transport, body)).json()["choices"][0]["message"]
    assert answered["refusal"] == (
        "The offline engine cannot fill a schema of your own: that takes a vision model."
    )
