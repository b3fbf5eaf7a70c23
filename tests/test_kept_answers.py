"""Answers that are kept: the same question about the same pictures costs nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client

from grok_vision.app import create_server
from tests.commands import run
from tests.fake_xai import FakeXAI, Response
from tests.support import (
    compare,
    connected,
    describe,
    error_text,
    extract,
    in_turn,
    quadrants,
    saved,
    settings_for,
    structured,
)

pytestmark = pytest.mark.anyio

FREE = {"cost_usd": 0.0, "cost_source": "computed"}
SCHEMA = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
Asked = Mapping[str, Any]


@pytest.fixture
def kept(tmp_path: Path) -> dict[str, str]:
    """The setting that keeps answers."""
    return {"setting_cache": str(tmp_path / "kept")}


async def test_a_question_that_was_asked_before_is_answered_without_asking(
    xai: FakeXAI, folder: Path, kept: Asked
) -> None:
    path = saved(folder)
    first = structured(await describe(xai, folder, path, **kept))
    second = structured(await describe(xai, folder, path, **kept))
    assert len(xai.requests) == 1
    assert first["cached"] is False
    assert second == {**first, "cached": True, "usage": FREE}


async def test_it_is_off_by_default(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder)
    for _ in range(2):
        assert structured(await describe(xai, folder, path))["cached"] is False
    assert len(xai.requests) == 2


async def test_the_content_of_a_picture_counts_and_not_its_name(
    xai: FakeXAI, folder: Path, kept: Asked
) -> None:
    structured(await describe(xai, folder, saved(folder, "a.png"), **kept))
    alike = structured(await describe(xai, folder, saved(folder, "b.png"), **kept))
    changed = quadrants()
    changed.putpixel((0, 0), (250, 0, 0))
    other = structured(await describe(xai, folder, saved(folder, "a.png", changed), **kept))
    assert (alike["cached"], other["cached"]) == (True, False)
    assert alike["images"][0]["source"].endswith("b.png")


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "What else?"},
        {"task": "alt_text"},
        {"detail": "low"},
        {"model": "grok-4.6"},
        {"max_tokens": 7},
        {"setting_base_url": "https://another.example/v1"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_whatever_the_model_would_see_or_do_otherwise_is_asked_anew(
    xai: FakeXAI, folder: Path, kept: Asked, change: Asked
) -> None:
    path = saved(folder)
    structured(await describe(xai, folder, path, **kept))
    assert structured(await describe(xai, folder, path, **{**kept, **change}))["cached"] is False
    assert len(xai.requests) == 2


UNFINISHED: dict[str, Any] = {
    "cut off": {"choices": [{"message": {"content": "One"}, "finish_reason": "length"}]},
    "broken off": {"choices": [{"message": {"content": "One"}, "finish_reason": "error"}]},
    "blind": {
        "choices": [{"message": {"content": "A cat."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 2, "prompt_tokens_details": {"image_tokens": 0}},
    },
    "empty": {"choices": [{"message": {"content": ""}, "finish_reason": "stop"}]},
    "refused": {"choices": [{"message": {"refusal": "No."}, "finish_reason": "stop"}]},
    "filtered": {"choices": [{"message": {"content": "x"}, "finish_reason": "content_filter"}]},
    "failed": Response(400, "no"),
}


@pytest.mark.parametrize("name", list(UNFINISHED))
async def test_what_is_no_whole_answer_is_not_kept(
    xai: FakeXAI, folder: Path, kept: Asked, name: str
) -> None:
    xai.answer = in_turn(lambda _: UNFINISHED[name], "The whole.")
    path = saved(folder)
    await describe(xai, folder, path, **kept)
    second = structured(await describe(xai, folder, path, **kept))
    assert (second["text"], second["cached"]) == ("The whole.", False)


async def test_an_answer_that_may_have_been_given_blindly_is_not_kept(
    folder: Path, kept: Asked
) -> None:
    given = {"provider": "openrouter", "openrouter_api_key": "test", "model": "acme/eyes"}
    settings = {"xai_api_key": None, "cache": kept["setting_cache"], **given}
    blind = {"prompt_tokens": 9, "prompt_tokens_details": {"image_tokens": 0}}
    said = {"choices": [{"message": {"content": "A cat."}, "finish_reason": "stop"}]}
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json={**said, "usage": blind}))
    server = create_server(settings_for(folder, **settings), transport=transport)
    async with Client(server) as client:
        for _ in range(2):
            told = structured(await client.call_tool("describe_image", {"image": saved(folder)}))
            assert (told["cached"], len(told["warnings"])) == (False, 1)


async def test_json_that_fits_is_kept_and_what_does_not_is_not(
    xai: FakeXAI, folder: Path, kept: Asked
) -> None:
    path = saved(folder)
    xai.answer = in_turn('{"b": 1}', '{"c": 1}', '{"a": "x"}')
    wrong = structured(await extract(xai, folder, path, schema=SCHEMA, **kept))
    right = structured(await extract(xai, folder, path, schema=SCHEMA, **kept))
    again = structured(await extract(xai, folder, path, schema=SCHEMA, **kept))
    assert (wrong["valid"], right["valid"]) == (False, True)
    assert again == {**right, "cached": True, "attempts": 0, "usage": FREE}


async def test_json_that_took_two_rounds_costs_nothing_the_next_time(
    xai: FakeXAI, folder: Path, kept: Asked
) -> None:
    path = saved(folder)
    xai.answer = in_turn('{"b": 1}', '{"a": "x"}')
    first = structured(await extract(xai, folder, path, schema=SCHEMA, **kept))
    again = structured(await extract(xai, folder, path, schema=SCHEMA, **kept))
    assert (first["attempts"], first["data"]) == (2, {"a": "x"})
    assert (again["attempts"], again["data"], again["cached"]) == (0, {"a": "x"}, True)


async def test_a_comparison_is_kept_too(xai: FakeXAI, folder: Path, kept: Asked) -> None:
    changed = quadrants()
    changed.paste("black", (3, 3, 20, 20))
    pictures = [saved(folder, "a.png"), saved(folder, "b.png", changed)]
    xai.answer = in_turn(
        json.dumps(
            {
                "summary": "A box.",
                "differences": [
                    {"description": "box", "severity": "major", "picture": 2, "region": 1}
                ],
            }
        )
    )
    first = structured(await compare(xai, folder, pictures, **kept))
    again = structured(await compare(xai, folder, pictures, **kept))
    assert (first["summary"], first["cached"]) == ("A box.", False)
    assert (again["summary"], again["cached"], again["usage"]) == ("A box.", True, FREE)


async def test_what_is_kept_passes_no_limit_on_spending(
    xai: FakeXAI, folder: Path, kept: Asked
) -> None:
    path = saved(folder)
    structured(await describe(xai, folder, path, **kept))
    limited = await describe(xai, folder, path, **kept, setting_max_usd=1e-9)
    assert structured(limited)["cached"] is True
    other = await describe(xai, folder, path, prompt="else", **kept, setting_max_usd=1e-9)
    assert error_text(other).startswith("[over_budget]")


async def test_a_picture_that_the_provider_fetches_is_asked_about_anew(
    xai: FakeXAI, folder: Path, kept: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://93.184.216.34/shot.png"
    given = {"cache": kept["setting_cache"], "url_mode": "pass"}
    async with connected(xai, folder, **given) as client:
        for _ in range(2):
            result = await client.call_tool("describe_image", {"image": url})
            assert structured(result)["cached"] is False
    assert len(xai.requests) == 2


async def test_a_folder_that_cannot_be_used_costs_no_answer(
    xai: FakeXAI, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    given = {"setting_cache": str(tmp_path / "file")}
    for _ in range(2):
        assert structured(await describe(xai, folder, saved(folder), **given))["cached"] is False


def test_a_repeated_command_costs_nothing_and_says_so(folder: Path, tmp_path: Path) -> None:
    xai, path = FakeXAI(), saved(folder)
    with xai.serve() as address:
        env = {
            "XAI_API_KEY": "test",
            "GROK_VISION_BASE_URL": address,
            "GROK_VISION_CACHE": f"{tmp_path / 'kept'}:2MiB",
            "GROK_VISION_STATE_DIR": str(tmp_path / "state"),
        }
        told = [json.loads(run("describe", path, "--json", env=env).stdout) for _ in range(2)]
    assert [one["cached"] for one in told] == [False, True]
    assert len(xai.requests) == 1
