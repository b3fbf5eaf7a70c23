"""The page with what the real server says and gives: its result, and its pictures as resources."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.from_thread
import pytest
from PIL import Image, ImageDraw

from grok_vision.apps import PICTURES
from tests.fake_xai import FakeXAI
from tests.support import connected, saved
from tests.test_compare_images import entry, told

pytest.importorskip("playwright", reason="the page is driven by the package playwright")

from playwright.sync_api import expect

from tests.page_host.driver import Hosted

BANNER, RED = (255, 165, 0), (220, 20, 20)


def listing(word: str | tuple[int, int, int], *, banner: bool) -> Image.Image:
    """Return a page of rows that no shift but the right one fits, with a mark in one of them."""
    rows = Image.new("RGB", (480, 400), "white")
    draw = ImageDraw.Draw(rows)
    for number in range(18):
        draw.text((20, 10 + 20 * number), f"Row {number}: {number * 7919 % 1000} pieces", "black")
    draw.rectangle((300, 210, 359, 225), fill=word)
    if not banner:
        return rows
    image = Image.new("RGB", (480, 440), BANNER)
    image.paste(rows.crop((0, 0, 480, 100)), (0, 0))
    image.paste(rows.crop((0, 100, 480, 400)), (0, 140))
    return image


async def served(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the result of a call as a host hands it on, and each resource that it names."""
    xai = FakeXAI()
    xai.answer = told(
        entry(1, description="A banner came in."), entry(2, description="The mark is red.")
    )
    images = [
        saved(folder, "before.png", listing("navy", banner=False)),
        saved(folder, "after.png", listing(RED, banner=True)),
    ]
    async with connected(xai, folder) as client:
        called = await client.call_tool("compare_images", {"images": images})
        result = called.model_dump(by_alias=True, exclude_none=True, mode="json")
        resources = {}
        for picture in result["_meta"][PICTURES]:
            (content,) = (await client.read_resource(picture["uri"])).contents
            resources[picture["uri"]] = content.model_dump(
                by_alias=True, exclude_none=True, mode="json", exclude={"uri"}
            )
    return result, resources


@pytest.fixture
def portal() -> Iterator[anyio.from_thread.BlockingPortal]:
    """A thread for the server: the browser has the event loop of this one."""
    with anyio.from_thread.start_blocking_portal() as started:
        yield started


def test_what_the_server_says_and_gives_is_shown(
    hosted: Hosted, portal: anyio.from_thread.BlockingPortal, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    result, resources = portal.call(served, folder)
    hosted.open_with(resources, theme="light").tell("result", result)
    page = hosted.with_pictures()
    expect(page.get_by_role("heading", level=1)).to_have_text("Different")
    expect(page.locator("#notes")).to_contain_text("40 rows came in at row 100; apart from that")
    expect(page.get_by_role("button", name="Region 1: Major A banner came in.")).to_contain_text(
        re.compile("480 . 40 at 0, 100 . came in")
    )
    expect(page.get_by_role("button", name="Region 2: Major The mark is red.")).to_contain_text(
        re.compile("60 . 16 at 300, 210 . 960 pixels changed")
    )
    expect(page.locator("#list li")).to_have_count(2)
    assert hosted.known("read") == list(resources)
    page.get_by_role("slider").press("Home")
    assert hosted.colour_at(240, 120) == BANNER
    assert hosted.colour_at(330, 258) == RED
    page.get_by_role("slider").press("End")
    assert hosted.colour_at(330, 258) == (0, 0, 128)
