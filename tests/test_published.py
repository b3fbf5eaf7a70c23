"""What clients see is the public interface: it changes only on purpose."""

import json
from pathlib import Path

import pytest

from tests.fake_xai import FakeXAI
from tests.support import connected

pytestmark = pytest.mark.anyio

SNAPSHOTS = Path(__file__).parent / "snapshots"
LONGEST_TEXT = 2048  # Claude Code cuts descriptions and instructions there


async def test_every_published_tool_is_as_accepted(
    xai: FakeXAI, folder: Path, request: pytest.FixtureRequest
) -> None:
    async with connected(xai, folder) as client:
        tools = (await client.list_tools()).tools
    for tool in tools:
        published = tool.model_dump(mode="json", by_alias=True, exclude_none=True)
        text = json.dumps(published, indent=2, ensure_ascii=False) + "\n"
        file = SNAPSHOTS / f"{tool.name}.json"
        if request.config.getoption("--update-snapshots"):
            file.write_text(text, encoding="utf-8")
        assert file.exists(), "accept the tool with pytest --update-snapshots"
        assert text == file.read_text(encoding="utf-8"), (
            "the published tool changed; accept it with pytest --update-snapshots"
        )
    assert {file.stem for file in SNAPSHOTS.glob("*.json")} == {tool.name for tool in tools}


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
