"""Each preset with its example: the true reading fits, is asked for, and comes back.

`data/presets` has what a person reads in the picture of `examples/`, written by hand.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grok_vision.vocabulary import PRESETS
from tests.fake_provider import HOSTED, SELF_HOSTED, FakeProvider, Quirks
from tests.fake_xai import FakeXAI
from tests.support import EXAMPLES, connected, error_text, extract, in_turn, saved, structured
from tests.test_provider_quirks import asking, named

pytestmark = pytest.mark.anyio

READINGS = Path(__file__).parent / "data" / "presets"
CHECKS = "- The price is $119.00.\n\n2. The cart is empty.\n[ ] It is blue.\n* It is blue.\n"


def reading_of(preset: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((READINGS / f"{preset}.json").read_text("utf-8"))
    return found


async def schema_of(preset: str, xai: FakeXAI, folder: Path) -> dict[str, Any]:
    async with connected(xai, folder) as client:
        (content,) = (await client.read_resource(f"vision://schemas/{preset}")).contents
    found: dict[str, Any] = json.loads(content.text)
    return found


async def read(xai: FakeXAI, reading: Mapping[str, Any], **call: Any) -> Mapping[str, Any]:
    image = str(EXAMPLES.parent / reading["image"])
    call = {"prompt": reading["prompt"], **call}
    return structured(await extract(xai, EXAMPLES, image, **call))


def test_every_preset_has_a_reading_of_an_example_that_is_there() -> None:
    assert {file.stem for file in READINGS.glob("*.json")} == set(PRESETS)
    assert all((EXAMPLES.parent / reading_of(name)["image"]).exists() for name in PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
async def test_a_preset_is_a_resource_with_a_description_and_the_true_reading_fits_it(
    xai: FakeXAI, folder: Path, preset: str
) -> None:
    schema = await schema_of(preset, xai, folder)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"]
    assert len(schema["description"]) > 40
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.validate(reading_of(preset)["data"], schema, format_checker=checker)


@pytest.mark.parametrize("preset", PRESETS)
async def test_nothing_that_is_not_in_the_preset_fits_it(
    xai: FakeXAI, folder: Path, preset: str
) -> None:
    reading = reading_of(preset)
    xai.answer = json.dumps({**reading["data"], "mood": "good"})
    answer = await read(xai, reading, preset=preset)
    assert answer["valid"] is False
    assert "'mood' was unexpected" in answer["errors"][0]["message"]


async def test_the_presets_are_listed_as_resources(xai: FakeXAI, folder: Path) -> None:
    async with connected(xai, folder) as client:
        found = (await client.list_resources()).resources
    listed = {str(one.uri): one for one in found}
    for preset in PRESETS:
        resource = listed[f"vision://schemas/{preset}"]
        assert resource.mime_type == "application/schema+json"
        assert f"preset={preset}" in (resource.description or "")


@pytest.mark.parametrize("preset", PRESETS)
async def test_xai_is_asked_for_a_preset_by_its_schema_and_what_it_reads_comes_back(
    xai: FakeXAI, preset: str
) -> None:
    reading = reading_of(preset)
    xai.answer = json.dumps(reading["data"])
    answer = await read(xai, reading, preset=preset)
    assert (answer["data"], answer["valid"]) == (reading["data"], True)
    assert (answer["attempts"], answer["warnings"]) == (1, [])
    form = xai.requests[0].body["response_format"]
    assert (form["type"], form["json_schema"]["name"]) == ("json_schema", preset)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("quirks", [*HOSTED, *SELF_HOSTED], ids=named)
async def test_every_provider_takes_every_preset(quirks: Quirks, preset: str) -> None:
    reading = reading_of(preset)
    fake = FakeProvider(quirks, answer=json.dumps(reading["data"]))
    image = str(EXAMPLES.parent / reading["image"])
    async with asking(fake, EXAMPLES) as client:
        call = {"images": image, "preset": preset, "prompt": reading["prompt"]}
        answer = structured(await client.call_tool("extract_json", call))
    assert (answer["data"], answer["valid"], answer["attempts"]) == (reading["data"], True, 1)
    sent = fake.requests[0].body.get("response_format", {"type": "text"})
    assert sent["type"] == ("text" if quirks.name == "custom" else "json_schema")


# The checklist


def check(expectation: str, result: str = "pass") -> dict[str, str]:
    return {"expectation": expectation, "evidence": "seen", "result": result}


LINES = ("The price is $119.00.", "The cart is empty.", "It is blue.")


async def test_a_checklist_asks_for_each_line_of_the_prompt_once_without_its_bullet(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = json.dumps({"checks": [check(line) for line in LINES]})
    call = {"preset": "checklist", "prompt": CHECKS}
    answer = structured(await extract(xai, folder, saved(folder), **call))
    assert [one["expectation"] for one in answer["data"]["checks"]] == list(LINES)
    assert answer["valid"] is True
    sent = xai.requests[0].body["response_format"]["json_schema"]["schema"]
    checks = sent["properties"]["checks"]
    assert (checks["minItems"], checks["maxItems"]) == (3, 3)
    assert checks["items"]["properties"]["expectation"]["enum"] == list(LINES)
    assert "- The cart is empty.\n- It is blue." in xai.requests[0].texts[1]


@pytest.mark.parametrize(
    "answered",
    [
        [check(line) for line in LINES[:2]],
        [check(line) for line in (*LINES[:2], LINES[1])],
        [check(line) for line in (*LINES[:2], "It is green.")],
        [check(line) for line in (*LINES, LINES[0])],
        [check(line, "maybe") for line in LINES],
    ],
    ids=["one left out", "one twice", "another one", "one too many", "another result"],
)
async def test_a_checklist_that_does_not_answer_each_expectation_once_is_asked_again(
    xai: FakeXAI, folder: Path, answered: list[dict[str, str]]
) -> None:
    right = {"checks": [check(line, "fail") for line in LINES]}
    xai.answer = in_turn(json.dumps({"checks": answered}), json.dumps(right))
    call = {"preset": "checklist", "prompt": CHECKS}
    answer = structured(await extract(xai, folder, saved(folder), **call))
    assert (answer["data"], answer["valid"], answer["attempts"]) == (right, True, 2)


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("", "one per line, and there is none"),
        (" \n - \n", "one per line, and there is none"),
        ("\n".join(f"It has {n} rows." for n in range(101)), "101 expectations"),
    ],
    ids=["no prompt", "nothing but bullets", "too many"],
)
async def test_a_checklist_without_expectations_or_with_too_many_is_refused(
    xai: FakeXAI, folder: Path, prompt: str, told: str
) -> None:
    call = {"preset": "checklist", "prompt": prompt}
    text = error_text(await extract(xai, folder, saved(folder), **call))
    assert text.startswith("[bad_argument] ")
    assert told in text
    assert xai.requests == []
