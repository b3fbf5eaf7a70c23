"""What clients see is the public interface: it changes only on purpose."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pytest
from mcp import Client
from mcp.server.caching import CACHEABLE_METHODS
from mcp.types import Prompt, Tool
from PIL import Image

from grok_vision.app import CACHE_HINTS, create_server
from grok_vision.settings import Settings
from tests.fake_xai import FakeXAI
from tests.support import EXAMPLES, connected

pytestmark = pytest.mark.anyio

SNAPSHOTS = Path(__file__).parent / "snapshots"
LONGEST_TEXT = 2048  # Claude Code cuts descriptions and instructions there


async def test_every_published_tool_is_as_accepted(
    xai: FakeXAI, folder: Path, request: pytest.FixtureRequest
) -> None:
    async with connected(xai, folder) as client:
        tools = (await client.list_tools()).tools
    check_accepted(SNAPSHOTS, {tool.name: tool for tool in tools}, request)


async def test_every_published_prompt_is_as_accepted(
    xai: FakeXAI, folder: Path, request: pytest.FixtureRequest
) -> None:
    async with connected(xai, folder) as client:
        prompts = (await client.list_prompts()).prompts
    check_accepted(SNAPSHOTS / "prompts", {prompt.name: prompt for prompt in prompts}, request)


def check_accepted(
    folder: Path, published: Mapping[str, Tool | Prompt], request: pytest.FixtureRequest
) -> None:
    for name, one in published.items():
        told = one.model_dump(mode="json", by_alias=True, exclude_none=True)
        text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
        file = folder / f"{name}.json"
        if request.config.getoption("--update-snapshots"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.exists(), "accept it with pytest --update-snapshots"
        assert text == file.read_text(encoding="utf-8"), (
            f"{name} is published otherwise; accept it with pytest --update-snapshots"
        )
    assert {file.stem for file in folder.glob("*.json")} == set(published)


async def test_descriptions_and_instructions_are_not_longer_than_hosts_show(
    xai: FakeXAI, folder: Path
) -> None:
    async with connected(xai, folder) as client:
        tools = (await client.list_tools()).tools
        instructions = client.instructions
    assert instructions is not None
    assert len(instructions.encode()) <= LONGEST_TEXT
    assert all(len((tool.description or "").encode()) <= LONGEST_TEXT for tool in tools)


async def test_every_tool_says_that_it_only_reads(xai: FakeXAI, folder: Path) -> None:
    async with connected(xai, folder) as client:
        for tool in (await client.list_tools()).tools:
            hints = tool.annotations
            assert hints is not None
            assert hints.read_only_hint is True
            assert hints.destructive_hint is False
            assert hints.idempotent_hint is True
            assert hints.title == tool.title


async def test_every_argument_is_described_and_only_the_pictures_are_required(
    xai: FakeXAI, folder: Path
) -> None:
    async with connected(xai, folder) as client:
        tools = (await client.list_tools()).tools
    for tool in tools:
        properties = tool.input_schema["properties"]
        assert tool.input_schema["required"] in (["image"], ["images"])
        assert tool.input_schema["additionalProperties"] is False
        assert all(argument["description"] for argument in properties.values())
        assert "title" not in str(tool.input_schema)


async def test_every_prompt_and_each_of_its_arguments_is_described(
    xai: FakeXAI, folder: Path
) -> None:
    async with connected(xai, folder) as client:
        prompts = (await client.list_prompts()).prompts
    for prompt in prompts:
        assert prompt.title
        assert prompt.description
        assert all(argument.description for argument in prompt.arguments or ())
        required = {argument.name for argument in prompt.arguments or () if argument.required}
        assert required <= {"image", "images", "expectations"}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_server_shows_an_icon_by_its_address_and_where_it_is_from(
    mode: Literal["auto", "legacy"],
) -> None:
    async with Client(create_server(Settings()), mode=mode) as client:
        shown = client.server_info
    repository = json.loads((EXAMPLES.parent / "manifest.json").read_text("utf-8"))["repository"]
    assert shown is not None
    assert shown.website_url == repository["url"].removesuffix(".git")
    (icon,) = shown.icons or ()
    place = shown.website_url.removeprefix("https://github.com/")
    assert icon.src == f"https://raw.githubusercontent.com/{place}/main/icon.png"
    with Image.open(EXAMPLES.parent / "icon.png") as picture:
        width, height = picture.size
    assert (icon.mime_type, icon.sizes) == ("image/png", [f"{width}x{height}"])


async def test_lists_may_be_kept_for_an_hour_and_what_is_read_may_not() -> None:
    assert set(CACHE_HINTS) == set(CACHEABLE_METHODS) - {"resources/read"}
    async with Client(create_server(Settings())) as client:
        lists = [
            await client.list_tools(),
            await client.list_prompts(),
            await client.list_resources(),
            await client.list_resource_templates(),
        ]
        read = await client.read_resource("vision://usage")
    assert {(one.ttl_ms, one.cache_scope) for one in lists} == {(3_600_000, "public")}
    assert (read.ttl_ms, read.cache_scope) == (0, "private")
