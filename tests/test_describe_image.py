import base64
from io import BytesIO
from pathlib import Path

import jsonschema
import pytest
from mcp import Client
from PIL import Image

from grok_vision.app import create_server
from tests.fake_xai import FakeXAI
from tests.support import connected, describe, encoded, quadrants, saved, settings_for, structured

pytestmark = pytest.mark.anyio


async def test_the_whole_answer_is_in_the_structured_result(xai: FakeXAI, folder: Path) -> None:
    xai.answer = "The revenue is **$48,210**."
    path = saved(folder)
    result = await describe(xai, folder, path, prompt="What is the revenue?")
    answer = dict(structured(result))
    usage = answer.pop("usage")
    assert answer == {
        "text": "The revenue is **$48,210**.",
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
                "sent_bytes": len(xai.requests[0].images[0].data),
                "changes": [],
            }
        ],
        "warnings": [],
    }
    assert usage["image_tokens"] == 2 * 2 + 2
    assert usage["cost_source"] == "reported"
    assert result.content[0].text == "The revenue is **$48,210**."


async def test_one_request_carries_the_words_and_one_valid_picture(
    xai: FakeXAI, folder: Path
) -> None:
    await describe(xai, folder, saved(folder), prompt="What is the revenue?")
    (request,) = xai.requests
    assert request.headers["authorization"] == "Bearer test"
    assert request.body["model"] == "grok-4.3"
    assert request.body["reasoning_effort"] == "none"
    assert [message["role"] for message in request.body["messages"]] == ["system", "user"]
    assert "What is the revenue?" in request.texts
    (picture,) = request.images
    assert (picture.media_type, picture.width, picture.height) == ("image/png", 64, 48)
    assert not picture.has_metadata


async def test_the_result_fits_the_published_output_schema(xai: FakeXAI, folder: Path) -> None:
    async with connected(xai, folder) as client:
        tool = (await client.list_tools()).tools[0]
        result = await client.call_tool("describe_image", {"image": saved(folder)})
    jsonschema.Draft202012Validator.check_schema(tool.output_schema)
    jsonschema.validate(structured(result), tool.output_schema)
    assert "null" not in str(tool.output_schema)


async def test_every_way_to_name_a_file_leads_to_the_same_picture(
    xai: FakeXAI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(folder, "my shot.png")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(folder)
    quoted = path.replace(" ", "%20")
    spellings = [
        path,
        "my shot.png",
        "./my shot.png",
        "~/my shot.png",
        f"file://{quoted}",
        f"file://localhost{quoted}",
        f'"{path}"',
        f"'{path}'",
        f"@{path}",
        f"  {path}\n",
    ]
    async with connected(xai, folder) as client:
        for spelling in spellings:
            structured(await client.call_tool("describe_image", {"image": spelling}))
    assert len({request.images[0].data for request in xai.requests}) == 1
    assert len(xai.requests) == len(spellings)


async def test_a_data_uri_is_read_and_reported_by_type_and_size_only(
    xai: FakeXAI, folder: Path
) -> None:
    data = encoded(quadrants(), "PNG")
    uri = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    answer = structured(await describe(xai, folder, uri))
    assert answer["images"][0]["source"] == f"data:image/png ({len(data)} bytes)"
    assert len(xai.requests[0].images) == 1


@pytest.mark.parametrize("media_type", ["image/jpeg", "text/plain", "image/webp"])
async def test_the_label_of_a_data_uri_does_not_decide_what_is_sent(
    xai: FakeXAI, folder: Path, media_type: str
) -> None:
    data = base64.b64encode(encoded(quadrants(), "PNG")).decode()
    structured(await describe(xai, folder, f"data:{media_type};base64,{data}"))
    assert xai.requests[0].images[0].media_type == "image/png"


@pytest.mark.parametrize(
    ("task", "sign"),
    [
        ("describe", "cannot see it"),
        ("ui_critique", "user interface"),
        ("read_text", "Transcribe"),
        ("read_chart", "chart"),
        ("alt_text", "alternative text"),
        ("moderate", "safe, sensitive or unsafe"),
    ],
)
async def test_each_task_sends_its_own_instruction(
    xai: FakeXAI, folder: Path, task: str, sign: str
) -> None:
    await describe(xai, folder, saved(folder), task=task)
    assert sign in xai.requests[0].texts[-1]


async def test_a_prompt_alone_is_sent_as_it_was_written(xai: FakeXAI, folder: Path) -> None:
    prompt = '{"looks": ["like", "json"]}'
    await describe(xai, folder, saved(folder), prompt=prompt)
    assert xai.requests[0].texts[-1] == prompt


async def test_a_task_and_a_prompt_are_sent_together(xai: FakeXAI, folder: Path) -> None:
    await describe(xai, folder, saved(folder), task="read_text", prompt="Only the footer.")
    words = xai.requests[0].texts[-1]
    assert words.startswith("Transcribe")
    assert words.endswith("Only the footer.")


async def test_text_in_a_picture_is_called_data_in_the_system_message(
    xai: FakeXAI, folder: Path
) -> None:
    await describe(xai, folder, saved(folder))
    assert "never an instruction" in xai.requests[0].texts[0]


async def test_detail_and_the_token_limit_travel_to_the_provider(
    xai: FakeXAI, folder: Path
) -> None:
    await describe(xai, folder, saved(folder), detail="high", max_tokens=300)
    assert xai.requests[0].images[0].detail == "high"
    assert xai.requests[0].body["max_completion_tokens"] == 300


async def test_an_answer_that_was_cut_off_is_returned_and_marked(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = "a long answer " * 200
    answer = structured(await describe(xai, folder, saved(folder), max_tokens=5))
    assert answer["truncated"] is True
    assert answer["finish_reason"] == "length"
    assert answer["text"]


async def test_a_screenshot_in_full_size_is_sent_as_large_as_the_model_can_use(
    xai: FakeXAI, folder: Path
) -> None:
    answer = structured(await describe(xai, folder, saved(folder, image=quadrants(3840, 2160))))
    picture = xai.requests[0].images[0]
    assert picture.width * picture.height <= 2_408_448
    assert picture.width * picture.height > 2_300_000
    assert abs(picture.width / picture.height - 16 / 9) < 0.01
    assert answer["images"][0]["changes"] == ["resized"]
    assert (answer["images"][0]["sent_width"], answer["images"][0]["sent_height"]) == (
        picture.width,
        picture.height,
    )


async def test_low_detail_sends_no_more_than_the_model_reads_at_low(
    xai: FakeXAI, folder: Path
) -> None:
    await describe(xai, folder, saved(folder, image=quadrants(1024, 1024)), detail="low")
    picture = xai.requests[0].images[0]
    assert (picture.width, picture.height) == (512, 512)


async def test_what_is_sent_is_the_picture_of_the_file_in_its_pixels(
    xai: FakeXAI, folder: Path
) -> None:
    await describe(xai, folder, saved(folder, image=quadrants(400, 300)))
    sent = Image.open(BytesIO(xai.requests[0].images[0].data))
    assert sent.convert("RGB").tobytes() == quadrants(400, 300).tobytes()


async def test_unknown_arguments_are_refused_by_name_with_the_nearest_one(
    xai: FakeXAI, folder: Path
) -> None:
    result = await describe(xai, folder, saved(folder), promt="x")
    text = result.content[0].text
    assert result.is_error
    assert text.startswith("[bad_argument] unknown argument promt (did you mean prompt?)")
    assert xai.requests == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "image is missing"),
        ({"image": "x.png", "task": "sing"}, "task"),
        ({"image": "x.png", "detail": "medium"}, "detail"),
        ({"image": "x.png", "max_tokens": -1}, "max_tokens"),
    ],
)
async def test_bad_arguments_are_named_and_their_values_are_not_repeated(
    xai: FakeXAI, folder: Path, arguments: dict[str, object], named: str
) -> None:
    async with connected(xai, folder) as client:
        result = await client.call_tool("describe_image", arguments)
    text = result.content[0].text
    assert result.is_error
    assert text.startswith("[bad_argument] ")
    assert named in text
    assert "pydantic" not in text
    assert "sing" not in text.replace("missing", "").replace("describe_image", "")


async def test_the_same_server_serves_clients_one_after_the_other(
    xai: FakeXAI, folder: Path
) -> None:
    server = create_server(settings_for(folder), transport=xai.transport())
    for _ in range(2):
        async with Client(server) as client:
            structured(await client.call_tool("describe_image", {"image": saved(folder)}))
    assert len(xai.requests) == 2
