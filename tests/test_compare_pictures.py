"""The pictures that a comparison leaves: what changed, drawn; and those that a page shows."""

import base64
import json
import os
import time
from collections.abc import Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import CallToolResult, Implementation
from PIL import Image, ImageChops, ImageStat

from grok_vision.app import create_server
from grok_vision.apps import COMPARE_PAGE, COMPARE_URI, PICTURES
from tests.fake_xai import FakeXAI
from tests.support import compare, connected, noise, quadrants, saved, settings_for, structured
from tests.test_compare_images import entry, page, pair, told

pytestmark = pytest.mark.anyio

NAME = "diff-20261121-101010-0123456789abcdef.png"
INDIC = NAME.replace("2026", "२०२६")


@asynccontextmanager
async def pixels_only(folder: Path, **given: Any) -> Any:
    """Give a function that compares pixels with a client that stays connected."""
    async with connected(FakeXAI(), folder, **given) as client:

        async def call(*images: str, **arguments: Any) -> CallToolResult:
            asked = {"images": list(images), "mode": "pixels", **arguments}
            return await client.call_tool("compare_images", asked)

        yield client, call


async def content_of(client: Client, uri: str) -> tuple[str, Image.Image]:
    """Return the media type of a resource, and the picture that it is."""
    (content,) = (await client.read_resource(uri)).contents
    image = Image.open(BytesIO(base64.b64decode(content.model_dump()["blob"])))
    image.load()
    return str(content.mime_type), image


def pictures_of(result: CallToolResult) -> list[dict[str, Any]]:
    assert result.meta is not None
    found: list[dict[str, Any]] = result.meta[PICTURES]
    return found


def links_of(result: CallToolResult) -> list[Any]:
    return [block for block in result.content if block.type == "resource_link"]


def drawn(folder: Path) -> list[str]:
    found = folder.parent / "drawn"
    return sorted(os.listdir(found)) if found.exists() else []


def apart(one: Image.Image, other: Image.Image) -> float:
    """Return how far the levels of two pictures of one size are apart, on the average."""
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return max(ImageStat.Stat(difference).mean)


def reds(image: Image.Image) -> int:
    """Return how many pixels are red, in any of its shades."""
    pixels = image.convert("RGB").get_flattened_data()
    return sum(red > 120 and red > 2 * max(green, blue) for red, green, blue in pixels)


# What changed, drawn


async def test_what_changed_is_drawn_into_a_file_and_linked_as_a_resource(folder: Path) -> None:
    before, after = pair(folder, page(button="green"))
    async with pixels_only(folder) as (client, call):
        result = await call(before, after)
        path = Path(structured(result)["pixels"][0]["diff_path"])
        text, link = result.content
        kind, image = await content_of(client, link.uri)
    assert path.parent == folder.parent / "drawn"
    assert (text.type, link.type, link.mime_type) == ("text", "resource_link", "image/png")
    assert (link.name, link.size) == (path.name, path.stat().st_size)
    assert (kind, image.format, image.size) == ("image/png", "PNG", (320, 240))
    assert image.convert("RGB").tobytes() == Image.open(path).convert("RGB").tobytes()
    assert reds(image.crop((20, 60, 120, 90))) == reds(image) == 3000
    # What did not change is faded, and there: nothing is as dark as it was.
    heading = image.convert("L").crop((20, 16, 160, 36)).getextrema()
    assert 100 < heading[0] < 250


async def test_of_pictures_of_two_sizes_the_drawing_holds_both(folder: Path) -> None:
    images = pair(folder, page(size=(320, 300)))
    async with pixels_only(folder) as (_, call):
        (one,) = structured(await call(*images))["pixels"]
    drawing = Image.open(one["diff_path"]).convert("RGB")
    assert drawing.size == (320, 300)
    assert reds(drawing.crop((0, 0, 320, 240))) == 0
    # But for what its box hides.
    assert reds(drawing.crop((0, 240, 320, 300))) > 15_000


@pytest.mark.parametrize("after", [page(), page(button=(3, 3, 131))])
async def test_where_nothing_changed_visibly_nothing_is_drawn_and_no_folder_made(
    folder: Path, after: Image.Image
) -> None:
    async with pixels_only(folder) as (_, call):
        result = await call(*pair(folder, after))
    assert links_of(result) == []
    assert "diff_path" not in structured(result)["pixels"][0]
    assert not (folder.parent / "drawn").exists()


async def test_each_of_several_pictures_that_differ_has_its_own_drawing(folder: Path) -> None:
    images = [*pair(folder), saved(folder, "same.png", page()), saved(folder, "c.png", page("$1"))]
    async with pixels_only(folder) as (_, call):
        result = await call(*images)
    paths = [one.get("diff_path") for one in structured(result)["pixels"]]
    assert paths[1] is None
    assert [link.name for link in links_of(result)] == [Path(paths[0]).name, Path(paths[2]).name]
    assert len(set(paths)) == 3


async def test_others_cannot_read_what_was_drawn(folder: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no such modes")
    async with pixels_only(folder) as (_, call):
        (one,) = structured(await call(*pair(folder)))["pixels"]
    path = Path(one["diff_path"])
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def older(folder: Path, count: int, *, size: int = 1, since: float = 1_700_000_000) -> list[str]:
    """Put so many drawings into the folder; return their names, the oldest first."""
    folder.mkdir(exist_ok=True)
    names = [f"diff-20261120-{number:06}-{number:016x}.png" for number in range(count)]
    for number, name in enumerate(names):
        with (folder / name).open("wb") as file:
            file.truncate(size)
        os.utime(folder / name, (since + number,) * 2)
    return names


async def test_of_more_than_200_drawings_the_oldest_are_removed_and_nothing_else(
    folder: Path,
) -> None:
    names = older(folder.parent / "drawn", 205)
    foreign = ["notes.txt", "diff.png", "diff-2026.png", f"x{NAME}", f"{NAME}.bak"]
    for name in foreign:
        (folder.parent / "drawn" / name).write_text("mine")
    async with pixels_only(folder) as (_, call):
        (one,) = structured(await call(*pair(folder)))["pixels"]
    left = set(drawn(folder))
    assert set(foreign) < left
    assert left - set(foreign) == {Path(one["diff_path"]).name, *names[-199:]}


async def test_the_new_drawing_is_kept_though_others_claim_to_be_of_tomorrow(folder: Path) -> None:
    names = older(folder.parent / "drawn", 205, since=time.time() + 86_400)
    async with pixels_only(folder) as (_, call):
        (one,) = structured(await call(*pair(folder)))["pixels"]
    assert set(drawn(folder)) == {Path(one["diff_path"]).name, *names[-200:]}


async def test_drawings_of_more_than_256_mib_are_removed_too_but_never_the_new_one(
    folder: Path,
) -> None:
    names = older(folder.parent / "drawn", 4, size=100 * 1024 * 1024)
    async with pixels_only(folder) as (_, call):
        (one,) = structured(await call(*pair(folder)))["pixels"]
    assert set(drawn(folder)) == {Path(one["diff_path"]).name, *names[-2:]}


async def test_a_folder_that_cannot_be_written_is_a_warning_and_the_result_is_whole(
    xai: FakeXAI, folder: Path
) -> None:
    (folder.parent / "file").write_text("in the way")
    xai.answer = told(entry())
    images = [*pair(folder), saved(folder, "third.png", page("$1"))]
    result = await compare(xai, folder, images, setting_output_dir=folder.parent / "file" / "drawn")
    answer = structured(result)
    assert answer["verdict"] == "different"
    assert len(answer["differences"]) == 1
    assert [one.get("diff_path") for one in answer["pixels"]] == [None, None]
    told_of_it = [one for one in answer["warnings"] if "[bad_setting]" in one]
    assert len(told_of_it) == 1
    assert "GROK_VISION_OUTPUT_DIR" in told_of_it[0]
    assert links_of(result) == []


async def test_by_default_drawings_are_kept_in_the_users_cache(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "cache")
    async with pixels_only(folder, output_dir=None) as (_, call):
        (one,) = structured(await call(*pair(folder)))["pixels"]
    assert Path(one["diff_path"]).parent == tmp_path / "cache" / "diffs"


# Reading it


@pytest.mark.parametrize(
    "name",
    [
        NAME,
        "secret.png",
        "../secret.png",
        "..%2Fsecret.png",
        "%2e%2e%2fsecret.png",
        "../drawn/secret.png",
        "..\\secret.png",
        "/etc/passwd",
        "%2Fetc%2Fpasswd",
        f"{NAME}%00",
        f"{NAME}%0A",
        f"../{NAME}",
        f"..%2F{NAME}",
        NAME.upper(),
        INDIC,
        "",
        "*",
    ],
)
async def test_no_name_leads_to_another_file(folder: Path, name: str) -> None:
    kept = folder.parent / "drawn"
    kept.mkdir()
    secret = b"a secret that nobody is to read"
    names = (kept / "secret.png", kept / INDIC, folder.parent / "secret.png", folder.parent / NAME)
    for path in names:
        path.write_bytes(secret)
    async with pixels_only(folder) as (client, _):
        with pytest.raises(MCPError) as caught:
            await client.read_resource(f"vision://diffs/{name}")
    assert "secret that" not in str(caught.value)


async def test_a_drawing_that_was_removed_is_told_as_no_longer_kept(folder: Path) -> None:
    async with pixels_only(folder) as (client, call):
        result = await call(*pair(folder))
        Path(structured(result)["pixels"][0]["diff_path"]).unlink()
        (link,) = links_of(result)
        with pytest.raises(MCPError, match="no longer kept; compare the pictures again"):
            await client.read_resource(link.uri)


# As a block of the answer


async def blocks(folder: Path, client_name: str, *images: str) -> list[Any]:
    """Return the image blocks that a client of the name gets."""
    server = create_server(settings_for(folder), transport=FakeXAI().transport())
    who = Implementation(name=client_name, version="1")
    async with Client(server, client_info=who) as client:
        call = {"images": list(images), "mode": "pixels"}
        result = await client.call_tool("compare_images", call)
    assert len(links_of(result)) == len(images) - 1
    return [block for block in result.content if block.type == "image"]


async def test_only_hosts_that_show_images_get_the_drawing_as_a_block(folder: Path) -> None:
    images = pair(folder)
    (block,) = await blocks(folder, "claude-ai", *images)
    assert block.mime_type == "image/png"
    assert Image.open(BytesIO(base64.b64decode(block.data))).size == (320, 240)
    for name in ("claude-code", "Claude-AI", "inspector", ""):
        assert await blocks(folder, name, *images) == []


async def test_a_host_that_shows_images_gets_all_of_them_or_none_and_less_than_a_megabyte(
    folder: Path,
) -> None:
    speckled = noise(900, 700)
    one = saved(folder, "a.png", speckled)
    other = saved(folder, "b.png", ImageChops.invert(speckled))
    size = sum(len(block.data) for block in await blocks(folder, "claude-ai", one, other))
    most = 1_000_000 // size
    few = await blocks(folder, "claude-ai", one, *[other] * (most // 2))
    assert len(few) == most // 2 >= 2
    assert await blocks(folder, "claude-ai", one, *[other] * (most + 1)) == []


# What the page shows


async def test_the_page_is_told_where_to_read_each_picture_and_its_size(folder: Path) -> None:
    images = [*pair(folder), saved(folder, "taller.png", page(size=(320, 300)))]
    async with pixels_only(folder) as (client, call):
        found = pictures_of(await call(*images))
        assert [set(one) for one in found] == [{"uri", "width", "height"}] * 3
        assert [(one["width"], one["height"]) for one in found] == [(320, 240)] * 2 + [(320, 300)]
        for one, path in zip(found, images, strict=True):
            kind, image = await content_of(client, one["uri"])
            assert image.format in {"PNG", "JPEG"}
            assert kind in {"application/octet-stream", f"image/{image.format.lower()}"}
            assert apart(image, Image.open(path)) < 2


async def test_where_a_page_finds_pictures_is_no_part_of_what_a_model_reads(folder: Path) -> None:
    async with pixels_only(folder) as (_, call):
        result = await call(*pair(folder))
    for one in pictures_of(result):
        assert one["uri"] not in json.dumps(result.structured_content)
        assert all(one["uri"] not in block.model_dump_json() for block in result.content)


@pytest.mark.parametrize(
    "form", ["large PNG", "photograph", "turned JPEG", "GIF", "part", "transparent"]
)
async def test_a_page_gets_a_picture_of_less_than_a_megabyte_whatever_was_compared(
    folder: Path, form: str
) -> None:
    source, expected = prepared(folder, form)
    async with pixels_only(folder) as (client, call):
        first, _ = pictures_of(await call(source, saved(folder, "other.png", page())))
        (content,) = (await client.read_resource(first["uri"])).contents
        _, image = await content_of(client, first["uri"])
    assert len(content.model_dump()["blob"]) < 1_000_000
    assert (first["width"], first["height"]) == expected.size
    assert image.width / image.height == pytest.approx(expected.width / expected.height, rel=0.01)
    assert apart(image, expected.resize(image.size, Image.Resampling.LANCZOS)) < 12


def prepared(folder: Path, form: str) -> tuple[str, Image.Image]:
    """Return a source of the form, and the picture that a person sees."""
    four = quadrants(640, 480)
    mandelbrot = Image.effect_mandelbrot((3000, 2000), (-2, -1.5, 1, 1.5), 80).convert("RGB")
    if form == "large PNG":
        large = four.resize((2400, 1800))
        large.paste(noise(800, 800), (0, 0))
        return saved(folder, "large.png", large), large
    if form == "photograph":
        return saved(folder, "photo.jpg", mandelbrot, quality=95), mandelbrot
    if form == "turned JPEG":
        exif = Image.Exif()
        exif[0x0112] = 6
        stored = four.transpose(Image.Transpose.ROTATE_90)
        return saved(folder, "turned.jpg", stored, exif=exif.tobytes(), quality=95), four
    if form == "GIF":
        return saved(folder, "x.gif", four), four
    if form == "part":
        path = saved(folder, "whole.png", four)
        return f"{path}#xywh=300,200,100,80", four.crop((300, 200, 400, 280))
    clear = four.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(four.size))
    paper = Image.new("RGBA", four.size, "white")
    return saved(folder, "clear.png", clear), Image.alpha_composite(paper, clear).convert("RGB")


async def test_pictures_of_the_comparisons_before_can_still_be_read(folder: Path) -> None:
    before, after = pair(folder)
    async with pixels_only(folder) as (client, call):
        first = pictures_of(await call(before, after))
        second = pictures_of(await call(after, before))
        Path(before).unlink()
        found = [await content_of(client, one["uri"]) for one in (*first, *second)]
    shown = [image.convert("RGB").tobytes() for _, image in found]
    one, other = page().tobytes(), page("$168.40").tobytes()
    assert shown == [one, other, other, one]
    assert len({one["uri"] for one in (*first, *second)}) == 4


async def test_of_many_large_pictures_the_last_are_kept(folder: Path) -> None:
    path = saved(folder, "large.png", noise(3000, 2000), compress_level=0)
    before = saved(folder)
    async with pixels_only(folder) as (client, call):
        calls = [pictures_of(await call(path, path, before)) for _ in range(3)]
        await client.read_resource(calls[-1][2]["uri"])
        with pytest.raises(MCPError, match="no longer kept"):
            await client.read_resource(calls[0][2]["uri"])


@pytest.mark.parametrize(
    "end", ["0", "3", "-1", "01", "x", "1e0", "٢", "", "../1", "1?x=1", "99999999999999999999999"]
)
async def test_a_number_that_no_picture_has_is_refused(folder: Path, end: str) -> None:
    async with pixels_only(folder) as (client, call):
        (first, _) = pictures_of(await call(*pair(folder)))
        start = first["uri"].removesuffix("1")
        with pytest.raises(MCPError):
            await client.read_resource(start + end)
        await client.read_resource(f"{start}2")


@pytest.mark.parametrize("name", ["unknown", "", "*", "..%2F", "A" * 5000])
async def test_a_comparison_that_is_not_known_is_refused(folder: Path, name: str) -> None:
    async with pixels_only(folder) as (client, call):
        await call(*pair(folder))
        with pytest.raises(MCPError):
            await client.read_resource(f"vision://comparisons/{name}/1")


async def test_a_comparison_cannot_be_guessed(folder: Path) -> None:
    async with pixels_only(folder) as (_, call):
        names = {pictures_of(await call(*pair(folder)))[0]["uri"].split("/")[3] for _ in range(3)}
    assert len(names) == 3
    assert min(map(len, names)) >= 22


async def test_a_failed_call_leaves_no_pictures(folder: Path) -> None:
    async with pixels_only(folder) as (_, call):
        result = await call(saved(folder), str(folder / "missing.png"))
    assert result.is_error
    assert PICTURES not in (result.meta or {})


# The page itself


async def test_the_tool_names_the_page_and_a_host_can_read_it(xai: FakeXAI, folder: Path) -> None:
    async with connected(xai, folder) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        meta: Mapping[str, Any] = tools["compare_images"].meta or {}
        (content,) = (await client.read_resource(meta["ui"]["resourceUri"])).contents
        listed = {str(one.uri): one for one in (await client.list_resources()).resources}
    assert meta["ui"]["resourceUri"] == COMPARE_URI
    assert content.mime_type == "text/html;profile=mcp-app"
    assert content.model_dump()["text"] == COMPARE_PAGE.read_text("utf-8")
    assert listed[COMPARE_URI].mime_type == "text/html;profile=mcp-app"
    assert all("ui" not in (tool.meta or {}) for name, tool in tools.items() if name[:4] != "comp")


async def test_the_resources_that_results_link_to_are_templates(xai: FakeXAI, folder: Path) -> None:
    async with connected(xai, folder) as client:
        found = (await client.list_resource_templates()).resource_templates
    assert {one.uri_template for one in found} == {
        "vision://diffs/{name}",
        "vision://comparisons/{comparison}/{number}",
    }
