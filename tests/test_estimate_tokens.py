"""What a call would use is told before it is made, and what calls used is kept."""

import base64
import json
from pathlib import Path
from typing import Any

import anyio
import httpx2
import jsonschema
import pytest
from mcp import Client
from PIL import Image

from grok_vision.app import create_server
from grok_vision.settings import Settings
from grok_vision.vision import State, Vision, build_vision
from tests.documents import pdf
from tests.fake_xai import FakeXAI
from tests.fake_xai.recorded import Recorded
from tests.loopback import Network
from tests.support import connected, describe, encoded, error_text, saved, settings_for, structured

pytestmark = pytest.mark.anyio


async def estimated(client: Client, *images: str, **arguments: Any) -> dict[str, Any]:
    """Return the structured result of one call."""
    result = await client.call_tool("estimate_tokens", {"images": list(images), **arguments})
    return dict(structured(result))


async def test_an_estimate_is_made_without_a_key_and_without_a_call(
    xai: FakeXAI, folder: Path
) -> None:
    path = saved(folder, image=Image.new("RGB", (1024, 1024)))
    async with connected(xai, folder, xai_api_key=None) as client:
        found = await estimated(client, path, model="grok-4.6")
    assert xai.requests == []
    assert found["images"] == [
        {
            "source": path,
            "format": "PNG",
            "width": 1024,
            "height": 1024,
            "bytes": Path(path).stat().st_size,
            "sent_width": 1024,
            "sent_height": 1024,
            "tokens": 1026,
            "tokens_min": 1026,
            "tokens_max": 1026,
        }
    ]
    assert found["image_tokens"] == 1026
    assert found["input_tokens"] == 1026 + found["text_tokens"]
    assert found["context_window"] == 500_000
    assert found["fits"] is True
    assert found["cost_usd"] == pytest.approx(found["input_tokens"] * 2e-6)
    assert found["cost_usd_max"] == pytest.approx(found["input_tokens_max"] * 2e-6)
    assert (found["model"], found["provider"], found["evidence"]) == ("grok-4.6", "xai", "recorded")
    assert found["source"]
    assert found["date"] == "2026-09-12"
    assert "null" not in json.dumps(found)


async def test_the_estimate_fits_the_published_output_schema(xai: FakeXAI, folder: Path) -> None:
    async with connected(xai, folder) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        found = await estimated(client, saved(folder), max_output_tokens=100)
    schema = tools["estimate_tokens"].output_schema
    assert schema is not None
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)


async def test_nobody_outside_is_reached_by_an_estimate(xai: FakeXAI, folder: Path) -> None:
    async with connected(xai, folder) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    hints = tools["estimate_tokens"].annotations
    assert hints is not None
    assert hints.open_world_hint is False


async def test_the_answer_reports_what_was_estimated(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder, image=Image.new("RGB", (1920, 1080)))
    async with connected(xai, folder) as client:
        found = await estimated(client, path, model="grok-4.6", prompt="What is it?")
        answer = await client.call_tool(
            "describe_image", {"image": path, "model": "grok-4.6", "prompt": "What is it?"}
        )
    used = structured(answer)["usage"]
    assert used["image_tokens"] == found["image_tokens"]
    assert found["input_tokens_min"] <= used["input_tokens"] <= found["input_tokens_max"]


async def test_a_long_page_counts_every_part_and_its_words(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder, image=Image.new("RGB", (1280, 9000), "white"))
    async with connected(xai, folder) as client:
        found = await estimated(client, path, model="grok-4.6")
        short = await estimated(client, f"{path}#xywh=0,0,1280,800", model="grok-4.6")
        answer = await client.call_tool("describe_image", {"image": path, "model": "grok-4.6"})
    (image,) = found["images"]
    assert image["parts"] == len(structured(answer)["images"][0]["regions"])
    reported = structured(answer)["usage"]["image_tokens"]
    # Edges move inward to calm rows, within what neighbours share.
    assert image["tokens"] * 0.95 <= reported <= image["tokens"]
    assert found["text_tokens"] > short["text_tokens"]


async def test_one_bare_string_is_a_list_of_one(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder)
    async with connected(xai, folder) as client:
        result = await client.call_tool("estimate_tokens", {"images": path})
        listed = await client.call_tool("estimate_tokens", {"images": [path]})
    assert structured(result) == structured(listed)


async def test_data_uris_and_pages_of_documents_are_estimated(xai: FakeXAI, folder: Path) -> None:
    packed = base64.b64encode(encoded(Image.new("RGB", (640, 480)), "PNG")).decode()
    (folder / "scan.pdf").write_bytes(pdf(pages=2, box="0 0 300 300"))
    async with connected(xai, folder) as client:
        found = await estimated(
            client,
            f"data:image/png;base64,{packed}",
            f"{folder}/scan.pdf#page=2",
            model="grok-4.6",
        )
    first, second = found["images"]
    assert first["source"].startswith("data:image/png")
    assert packed not in json.dumps(found)
    assert first["tokens"] == 20 * 15 + 2
    assert (second["format"], second["width"], second["height"]) == ("PDF", 300, 300)
    assert second["sent_width"] == second["sent_height"] > 300


async def test_every_problem_is_told_at_once(xai: FakeXAI, folder: Path) -> None:
    (folder / "notes.png").write_text("no picture")
    async with connected(xai, folder) as client:
        result = await client.call_tool(
            "estimate_tokens",
            {"images": [saved(folder), f"{folder}/absent.png", f"{folder}/notes.png"]},
        )
    text = error_text(result)
    assert text.startswith("[not_found] 2 of 3 images")
    assert "image 2" in text
    assert "[not_an_image] image 3" in text


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"images": []}, "images"),
        ({"images": ["a.png"], "max_output_tokens": -1}, "max_output_tokens"),
        ({"images": ["a.png"], "max_tokens": 5}, "max_tokens"),
    ],
)
async def test_bad_arguments_are_named(
    xai: FakeXAI, folder: Path, arguments: dict[str, Any], named: str
) -> None:
    async with connected(xai, folder) as client:
        text = error_text(await client.call_tool("estimate_tokens", arguments))
    assert text.startswith("[bad_argument]")
    assert named in text


async def test_more_pictures_than_the_provider_takes_are_refused_in_its_name(folder: Path) -> None:
    path = saved(folder)
    async with connected(None, folder, xai_api_key=None, groq_api_key="k") as client:
        three = await estimated(client, *[path] * 3)
        four = await client.call_tool("estimate_tokens", {"images": [path] * 4})
    assert three["image_tokens"] == 3 * 2048
    assert error_text(four) == (
        "[too_many_images] Groq takes at most 3 images in a request, and these are 4; send fewer, "
        "or several requests."
    )


async def test_the_answer_asked_for_is_part_of_the_cost(xai: FakeXAI, folder: Path) -> None:
    async with connected(xai, folder) as client:
        alone = await estimated(client, saved(folder))
        answered = await estimated(client, saved(folder), max_output_tokens=1000)
    assert "output_tokens" not in alone
    assert answered["output_tokens"] == 1000
    assert answered["cost_usd"] - alone["cost_usd"] == pytest.approx(1000 * 2.5e-6)


async def test_low_detail_is_named_with_its_figure_where_it_saves(
    xai: FakeXAI, folder: Path
) -> None:
    path = saved(folder, image=Image.new("RGB", (1920, 1080)))
    async with connected(xai, folder) as client:
        found = await estimated(client, path, model="grok-4.6")
        low = await estimated(client, path, model="grok-4.6", detail="low")
    assert "detail low" in found["cheaper"]["suggestion"]
    assert found["cheaper"]["input_tokens"] == low["input_tokens"]
    assert found["cheaper"]["cost_usd"] == low["cost_usd"]


async def test_a_dead_model_is_estimated_with_a_warning(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder, image=Image.new("RGB", (448, 448)))
    async with connected(xai, folder) as client:
        found = await estimated(client, path, model="grok-2-vision-latest")
    assert found["image_tokens"] == 512
    assert any("no longer answers" in warning for warning in found["warnings"])


async def test_another_providers_model_is_estimated_with_a_warning(
    xai: FakeXAI, folder: Path
) -> None:
    async with connected(xai, folder) as client:
        found = await estimated(client, saved(folder), model="gpt-4o")
    assert (found["provider"], found["image_tokens"]) == ("openai", 85 + 170)
    assert found["warnings"] == ["xAI is configured and does not serve gpt-4o."]


async def test_a_server_of_ones_own_costs_nothing_and_a_stranger_tells_no_price(
    folder: Path,
) -> None:
    async with connected(
        None, folder, xai_api_key=None, provider="ollama", model="qwen2.5vl"
    ) as client:
        own = await estimated(client, saved(folder))
    async with connected(
        None, folder, xai_api_key=None, base_url="https://relay.example/v1", model="m"
    ) as client:
        strange = await estimated(client, saved(folder))
    assert own["cost_usd"] == 0
    assert "cost_usd" not in strange
    assert any("price" in warning for warning in strange["warnings"])
    assert strange["evidence"] == "assumed"


# What answers report


async def test_an_assumed_rule_is_corrected_by_answers_and_says_so(
    xai: FakeXAI, folder: Path
) -> None:
    """grok-4.3 publishes no formula: here every picture has 256 tokens."""
    xai.answer = lambda request: {**(body := xai.completion(request, "A.")), "usage": flat(body)}
    shots = [
        saved(folder, f"{side}.png", Image.new("RGB", (side, side))) for side in (320, 640, 1024)
    ]
    async with connected(xai, folder) as client:
        before = await estimated(client, shots[2])
        for path in shots:
            structured(await client.call_tool("describe_image", {"image": path}))
        after = await estimated(client, shots[2])
    async with connected(xai, folder) as client:
        later = await estimated(client, shots[2])
    assert (before["evidence"], before["image_tokens"]) == ("assumed", 1026)
    assert after["evidence"] == "calibrated"
    assert after["calibrated_from"] == 3
    assert after["image_tokens"] == pytest.approx(256, abs=1)
    assert after["image_tokens_max"] < before["image_tokens_max"]
    assert later == after


def flat(body: dict[str, Any]) -> dict[str, Any]:
    """Return the usage with 256 tokens for the picture."""
    details = {**body["usage"]["prompt_tokens_details"], "image_tokens": 256}
    return {**body["usage"], "prompt_tokens_details": details}


async def test_answers_that_stray_from_a_recorded_rule_are_told_and_change_nothing(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = lambda request: {**(body := xai.completion(request, "A.")), "usage": flat(body)}
    path = saved(folder, image=Image.new("RGB", (1024, 1024)))
    async with connected(xai, folder, model="grok-4.6") as client:
        structured(await client.call_tool("describe_image", {"image": path}))
        found = await estimated(client, path)
    assert (found["evidence"], found["image_tokens"]) == ("recorded", 1026)
    assert any("no longer hold" in warning for warning in found["warnings"])


async def test_an_answer_of_another_model_teaches_about_that_model(
    xai: FakeXAI, folder: Path
) -> None:
    path = saved(folder)
    async with connected(xai, folder) as client:
        call = {"image": path, "model": "grok-4-fast-non-reasoning"}
        assert structured(await client.call_tool("describe_image", call))["model"] == "grok-4.3"
        taught = await estimated(client, path, model="grok-4.3")
        other = await estimated(client, path, model="grok-4.20-0309-reasoning")
    assert taught["calibrated_from"] == 1
    assert other["evidence"] == "assumed"


@pytest.mark.parametrize("asked", ["grok-4-0709", "grok-4.3"])
async def test_an_answer_of_a_model_that_nobody_knows_teaches_nothing(
    xai: FakeXAI, folder: Path, asked: str
) -> None:
    xai.answer = lambda request: xai.completion(request, "A.") | {"model": "somebody-else"}
    path = saved(folder)
    async with connected(xai, folder) as client:
        structured(await client.call_tool("describe_image", {"image": path, "model": asked}))
        found = [await estimated(client, path, model=model) for model in (asked, "grok-4.3")]
    assert all("calibrated_from" not in one for one in found)


async def test_a_picture_whose_size_is_not_known_teaches_nothing(
    xai: FakeXAI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider fetches it."""
    Network({"www.example": [["93.184.215.14"]]}, 0).install(monkeypatch)
    async with connected(xai, folder, url_mode="pass") as client:
        call = {"image": "https://www.example/shot.png"}
        answer = structured(await client.call_tool("describe_image", call))
        found = await estimated(client, saved(folder))
    assert answer["usage"]["image_tokens"] > 0
    assert "calibrated_from" not in found


# What a list tells of a model that the table does not hold


async def test_the_list_of_prices_tells_the_window_of_a_model_too(folder: Path) -> None:
    """gpt-4-vision-preview is in genai-prices alone."""
    given = {"xai_api_key": None, "openai_api_key": "k", "model": "gpt-4-vision-preview"}
    async with connected(None, folder, **given) as client:
        found = await estimated(client, saved(folder))
    assert found["context_window"] == 128_000
    assert found["cost_usd"] == pytest.approx(found["input_tokens"] * 10e-6)


async def test_a_list_of_prices_says_nothing_of_another_address(folder: Path) -> None:
    given = {"provider": "openai", "openai_api_key": "k", "base_url": "https://relay.example/v1"}
    given |= {"model": "gpt-4-vision-preview", "max_usd": 1.0}
    async with connected(None, folder, **given) as client:
        found = await estimated(client, saved(folder))
    assert not {"cost_usd", "reserved_usd", "context_window"} & found.keys()
    assert any("No price is known" in warning for warning in found["warnings"])


# What was used, and the limit on it


async def usage_of(client: Client) -> dict[str, Any]:
    (content,) = (await client.read_resource("vision://usage")).contents
    assert content.mime_type == "application/json"
    return dict(json.loads(content.text))


async def test_the_resource_tells_what_was_used_by_model(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder)
    async with connected(xai, folder) as client:
        assert await usage_of(client) == {"models": [], "calls": 0, "cost_usd": 0.0}
        used = [
            structured(await client.call_tool("describe_image", {"image": path, "model": model}))
            for model in ("grok-4.3", "grok-4.3", "grok-4.6")
        ]
        told = await usage_of(client)
    assert told["calls"] == 3
    assert told["cost_usd"] == pytest.approx(sum(one["usage"]["cost_usd"] for one in used))
    rows = {row["model"]: row for row in told["models"]}
    assert rows["grok-4.3"]["calls"] == 2
    assert rows["grok-4.6"]["image_tokens"] == used[2]["usage"]["image_tokens"]


async def test_all_sessions_of_a_server_share_one_account(xai: FakeXAI, folder: Path) -> None:
    server = create_server(settings_for(folder), transport=xai.transport())
    async with Client(server) as first:
        structured(await first.call_tool("describe_image", {"image": saved(folder)}))
    async with Client(server) as second:
        assert (await usage_of(second))["calls"] == 1


async def test_first_calls_of_several_sessions_open_one_ledger(xai: FakeXAI, folder: Path) -> None:
    state = State(settings_for(folder))
    visions = [
        build_vision(settings_for(folder), transport=xai.transport(), state=state) for _ in range(4)
    ]
    path = saved(folder)

    async def ask(vision: Vision) -> None:
        async with vision:
            await (await vision.journey()).describe_image(path)

    async with anyio.create_task_group() as group:
        for vision in visions:
            group.start_soon(ask, vision)
    assert state.books.ledger.spending().calls == 4


def blind(xai: FakeXAI, request: Recorded) -> dict[str, Any]:
    body = xai.completion(request, "A picture.")
    body["usage"]["prompt_tokens_details"]["image_tokens"] = 0
    return body


async def test_a_blind_answer_is_refused_and_its_cost_is_kept(xai: FakeXAI, folder: Path) -> None:
    xai.answer = lambda request: blind(xai, request)
    async with connected(xai, folder) as client:
        result = await client.call_tool("describe_image", {"image": saved(folder)})
        told = await usage_of(client)
    assert error_text(result).startswith("[blind_answer]")
    assert told["calls"] == 1
    assert told["cost_usd"] > 0


async def test_where_a_provider_is_not_known_to_count_pictures_none_counted_is_a_warning(
    folder: Path,
) -> None:
    document = {
        "choices": [{"message": {"content": "A cat."}}],
        "usage": {"prompt_tokens": 20, "prompt_tokens_details": {"image_tokens": 0}},
    }
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=document))
    settings = settings_for(
        folder, xai_api_key=None, openrouter_api_key="k", model="google/gemini-3-flash"
    )
    async with Client(create_server(settings, transport=transport)) as client:
        call = {"image": saved(folder)}
        answer = structured(await client.call_tool("describe_image", call))
    assert answer["text"] == "A cat."
    assert answer["warnings"] == [
        "OpenRouter counted 0 image tokens: the model may have answered without having seen the "
        "picture."
    ]


async def test_the_limit_refuses_the_call_that_would_pass_it(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder, image=Image.new("RGB", (1024, 1024)))
    async with connected(xai, folder, max_usd=0.05, model="grok-4.6") as client:
        results = [
            await client.call_tool("describe_image", {"image": path, "max_tokens": 1500})
            for _ in range(12)
        ]
        told = await usage_of(client)
    refused = [result for result in results if result.is_error]
    assert 1 <= len(refused) < 12
    assert len(xai.requests) == 12 - len(refused)
    assert error_text(refused[0]).startswith("[over_budget]")
    assert "GROK_VISION_MAX_USD" in error_text(refused[0])
    assert told["cost_usd"] <= 0.05
    assert told["left_usd"] == pytest.approx(0.05 - told["cost_usd"])


async def test_a_call_that_was_given_up_counts_as_paid(folder: Path) -> None:
    xai = FakeXAI(delay=30)
    async with connected(xai, folder, deadline=0.3, max_usd=1.0) as client:
        result = await client.call_tool("describe_image", {"image": saved(folder)})
        told = await usage_of(client)
    assert error_text(result).startswith("[timeout]")
    assert (told["calls"], told["models"][0]["calls_without_cost"]) == (1, 1)
    assert told["expected_usd"] > 0
    assert told["left_usd"] == pytest.approx(1.0 - told["expected_usd"])


async def test_a_call_that_was_refused_costs_nothing(xai: FakeXAI, folder: Path) -> None:
    xai.fail(429, {"code": "rate", "error": "Too many requests"})
    async with connected(xai, folder, max_usd=1.0, retries=0) as client:
        result = await client.call_tool("describe_image", {"image": saved(folder)})
        told = await usage_of(client)
    assert error_text(result).startswith("[rate_limited]")
    assert (told["calls"], told["left_usd"]) == (0, 1.0)


async def test_an_estimate_is_never_over_budget(xai: FakeXAI, folder: Path) -> None:
    async with connected(xai, folder, max_usd=1e-9) as client:
        found = await estimated(client, saved(folder))
        refused = await client.call_tool("describe_image", {"image": saved(folder)})
    assert found["cost_usd"] > 1e-9
    assert error_text(refused).startswith("[over_budget]")


async def test_a_limit_cannot_be_kept_where_no_price_is_known(xai: FakeXAI, folder: Path) -> None:
    text = error_text(
        await describe(xai, folder, saved(folder), model="grok-unheard-of", setting_max_usd=1.0)
    )
    assert text.startswith("[over_budget]")
    assert "price" in text
    assert xai.requests == []


async def test_the_offline_engine_is_free_under_any_limit(folder: Path) -> None:
    async with Client(
        create_server(Settings(provider="local", roots=(folder,), max_usd=1e-9))
    ) as client:
        structured(await client.call_tool("describe_image", {"image": saved(folder)}))


async def test_a_request_that_no_context_can_hold_is_not_sent(xai: FakeXAI, folder: Path) -> None:
    result = await describe(xai, folder, saved(folder), model="grok-4.6", prompt="word " * 800_000)
    assert error_text(result).startswith("[context_exceeded]")
    assert "500,000" in error_text(result)
    assert xai.requests == []


@pytest.mark.parametrize("tool", ["describe_image", "estimate_tokens"])
async def test_a_picture_that_is_too_small_is_refused_in_the_providers_name(
    xai: FakeXAI, folder: Path, tool: str
) -> None:
    path = saved(folder, image=Image.new("RGB", (15, 17)))
    async with connected(xai, folder) as client:
        named = {"image": path} if tool == "describe_image" else {"images": [path]}
        text = error_text(await client.call_tool(tool, named))
    assert text.startswith("[too_small]")
    assert "xAI takes no picture under 8 pixels a side and 512 pixels in all" in text
