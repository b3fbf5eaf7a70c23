"""Long pages are sent in parts that can be read, and a selected part is sent alone."""

from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest
from PIL import Image, ImageDraw

from grok_vision.errors import SourceError
from grok_vision.images import Images, Policy, SentPart, missing_formats
from grok_vision.providers import endpoint
from grok_vision.settings import Settings
from tests.fake_xai import FakeXAI
from tests.support import (
    connected,
    describe,
    encoded,
    error_text,
    noise,
    quadrants,
    saved,
    structured,
)

pytestmark = pytest.mark.anyio

USEFUL_PIXELS = 2352 * 32 * 32
# Rows of one colour, each told apart by it.
BAND = 100


def banded(width: int, height: int) -> Image.Image:
    """Return a page whose every pixel tells where it is: red by row, green by column."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for top in range(0, height, BAND):
        for left in range(0, width, BAND):
            colour = (top // BAND % 250, left // BAND % 250, 128)
            draw.rectangle((left, top, left + BAND - 1, top + BAND - 1), colour)
    return image


def place(colour: tuple[int, ...]) -> tuple[int, int]:
    """Return column and row of the band that has this colour."""
    return colour[1], colour[0]


async def sent_parts(
    folder: Path, image: str, **arguments: Any
) -> tuple[list[Image.Image], dict[str, Any]]:
    """Describe the image; return what was sent of it, decoded, and its account."""
    xai = FakeXAI()
    answer = structured(await describe(xai, folder, image, **arguments))
    (account,) = answer["images"]
    pictures = [Image.open(BytesIO(part.data)).convert("RGB") for part in xai.requests[0].images]
    return pictures, {
        **account,
        "warnings": answer["warnings"],
        "text": " ".join(xai.requests[0].texts),
    }


@pytest.mark.parametrize(
    ("size", "parts"),
    [
        ((1280, 9000), 5),
        ((9000, 1280), 5),
        ((1000, 3500), 2),
        ((2560, 6600), 2),
        ((1920, 4300), 4),
    ],
)
async def test_a_long_page_is_split_and_every_part_maps_back_to_the_source(
    tmp_path: Path, size: tuple[int, int], parts: int
) -> None:
    path = saved(tmp_path, "page.png", banded(*size))
    pictures, account = await sent_parts(tmp_path, path)
    assert len(pictures) == len(account["regions"]) == parts
    assert "split" in account["changes"]
    for picture, region in zip(pictures, account["regions"], strict=True):
        assert picture.width * picture.height <= USEFUL_PIXELS
        scale = region["scale"]
        assert picture.width == pytest.approx(region["width"] * scale, abs=1.5)
        assert picture.height == pytest.approx(region["height"] * scale, abs=1.5)
        for x in range(10, picture.width - 10, 97):
            for y in range(10, picture.height - 10, 89):
                source = region["x"] + x / scale, region["y"] + y / scale
                if all(15 < value % BAND < BAND - 15 for value in source):
                    found = place(picture.getpixel((x, y)))  # type: ignore[arg-type]
                    assert found == (int(source[0] // BAND), int(source[1] // BAND))


async def test_the_parts_cover_the_page_in_reading_order_and_share_their_edges(
    tmp_path: Path,
) -> None:
    _, account = await sent_parts(tmp_path, saved(tmp_path, "page.png", banded(1280, 9000)))
    regions = account["regions"]
    assert (regions[0]["x"], regions[0]["y"]) == (0, 0)
    assert regions[-1]["y"] + regions[-1]["height"] == 9000
    for upper, lower in pairwise(regions):
        assert upper["y"] < lower["y"] < upper["y"] + upper["height"]
        assert upper["width"] == lower["width"] == 1280


async def test_the_model_is_told_which_part_it_sees(tmp_path: Path) -> None:
    _, account = await sent_parts(tmp_path, saved(tmp_path, "page.png", banded(1000, 3500)))
    second = account["regions"][1]
    assert "[Part 1 of 2 of one picture: x 0 to 1000, y 0 to" in account["text"]
    assert f"[Part 2 of 2 of one picture: x 0 to 1000, y {second['y']} to 3500" in account["text"]


async def test_no_line_of_text_is_cut_through(tmp_path: Path) -> None:
    image = Image.new("RGB", (1000, 6000), "white")
    draw = ImageDraw.Draw(image)
    # Of each 23 rows, 14 hold letters: upright strokes.
    lines = range(7, 5980, 23)
    for top in lines:
        for left in range(50, 900, 5):
            draw.rectangle((left, top, left + 1, top + 13), "black")
    _, account = await sent_parts(tmp_path, saved(tmp_path, "page.png", image))
    inner = [region["y"] for region in account["regions"][1:]]
    inner += [region["y"] + region["height"] for region in account["regions"][:-1]]
    assert len(inner) >= 4
    assert not [edge for edge in inner for top in lines if top < edge < top + 14]


@pytest.mark.parametrize(
    "size", [(1920, 1080), (3840, 2160), (3024, 1964), (1170, 2532), (1440, 3120), (2480, 3508)]
)
async def test_a_screen_a_phone_and_a_sheet_are_sent_whole(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    pictures, account = await sent_parts(tmp_path, saved(tmp_path, "page.png", quadrants(*size)))
    assert len(pictures) == 1
    assert "regions" not in account


async def test_low_detail_never_splits(tmp_path: Path) -> None:
    path = saved(tmp_path, "page.png", banded(1280, 9000))
    pictures, account = await sent_parts(tmp_path, path, detail="low")
    assert [max(picture.size) for picture in pictures] == [512]
    assert account["changes"] == ["resized"]


async def test_a_page_that_would_take_too_many_parts_is_scaled_down_and_says_so(
    tmp_path: Path,
) -> None:
    path = saved(tmp_path, "page.png", Image.new("RGB", (800, 50_000), "white"))
    pictures, account = await sent_parts(tmp_path, path)
    assert len(pictures) == 8
    (warning,) = account["warnings"]
    assert "#xywh=" in warning
    more, account = await sent_parts(tmp_path, path, detail="high")
    assert len(more) > 8
    assert account["warnings"] == []


async def test_a_photo_is_turned_before_it_is_split_or_cut(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = banded(1000, 3500).transpose(Image.Transpose.ROTATE_90)
    path = saved(tmp_path, "page.jpg", stored, exif=exif, quality=95)
    pictures, account = await sent_parts(tmp_path, path)
    assert len({picture.width for picture in pictures}) == 1
    assert len(pictures) == 2
    assert {"rotated", "split"} <= set(account["changes"])
    cut, account = await sent_parts(tmp_path, f"{path}#xywh=800,3300,100,100")
    assert cut[0].size == (100, 100)
    red, green, _ = cut[0].getpixel((50, 50))  # type: ignore[misc]
    assert (round(green), round(red)) == pytest.approx((8, 33), abs=3)


@pytest.mark.parametrize(
    ("fragment", "region"),
    [
        ("xywh=110,220,330,140", {"x": 110, "y": 220, "width": 330, "height": 140, "scale": 1.0}),
        ("xywh=pixel:900,700,500,500", {"x": 900, "y": 700, "width": 100, "height": 100}),
        ("xywh=percent:25,50,50,25", {"x": 250, "y": 400, "width": 500, "height": 200}),
    ],
)
async def test_a_fragment_selects_a_part(
    tmp_path: Path, fragment: str, region: dict[str, float]
) -> None:
    path = saved(tmp_path, "page.png", banded(1000, 800))
    (picture,), account = await sent_parts(tmp_path, f"{path}#{fragment}")
    assert account["changes"] == ["cropped"]
    assert region.items() <= account["regions"][0].items()
    assert picture.size == (region["width"], region["height"])
    assert (
        picture.tobytes()
        == banded(1000, 800)
        .crop(
            (
                int(region["x"]),
                int(region["y"]),
                int(region["x"] + region["width"]),
                int(region["y"] + region["height"]),
            )
        )
        .tobytes()
    )


async def test_a_part_is_cut_before_anything_is_scaled(tmp_path: Path) -> None:
    path = saved(tmp_path, "page.png", banded(5000, 4000))
    (picture,), account = await sent_parts(tmp_path, f"{path}#xywh=4000,3000,600,400")
    assert picture.size == (600, 400)
    assert account["regions"][0]["scale"] == 1.0
    assert place(picture.getpixel((50, 50))) == (40, 30)  # type: ignore[arg-type]


async def test_a_long_part_is_split_in_the_pixels_of_the_source(tmp_path: Path) -> None:
    path = saved(tmp_path, "page.png", banded(1600, 5000))
    _, account = await sent_parts(tmp_path, f"{path}#xywh=300,500,1000,4000")
    assert account["changes"] == ["cropped", "split"]
    first, *_, last = account["regions"]
    assert (first["x"], first["y"], first["width"]) == (300, 500, 1000)
    assert last["y"] + last["height"] == 4500


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        ("xywh=5000,0,10,10", "bad_region"),
        ("xywh=0,0,0,10", "bad_region"),
        ("xywh=percent:0,0,120,10", "bad_region"),
        ("xywh=1,2,3", "bad_region"),
        ("page=2", "bad_region"),
        ("xywh=0,0,4,4", "too_small"),
    ],
)
async def test_a_part_that_is_not_there_is_refused(
    tmp_path: Path, fragment: str, code: str
) -> None:
    path = saved(tmp_path, "page.png", quadrants(640, 480))
    text = error_text(await describe(FakeXAI(), tmp_path, f"{path}#{fragment}"))
    assert text.startswith(f"[{code}] image 1 (")


async def test_a_picture_that_changed_under_its_name_is_sent_anew(
    tmp_path: Path,
) -> None:
    xai = FakeXAI()
    path = Path(saved(tmp_path, "page.png", quadrants()))
    async with connected(xai, tmp_path) as client:
        for mode in ("RGB", "L"):
            path.write_bytes(encoded(quadrants(mode=mode), "PNG"))
            await client.call_tool("describe_image", {"image": str(path)})
        await client.call_tool("describe_image", {"image": f"{path}#xywh=0,0,30,30"})
    sizes = [Image.open(BytesIO(request.images[0].data)) for request in xai.requests]
    assert [(image.mode, image.size) for image in sizes] == [
        ("RGB", (64, 48)),
        ("L", (64, 48)),
        ("L", (30, 30)),
    ]


async def test_a_picture_seen_before_is_named_as_it_is_written_now(tmp_path: Path) -> None:
    path = saved(tmp_path, "page.png")
    copy = saved(tmp_path, "copy.png")
    async with connected(FakeXAI(), tmp_path) as client:
        for written in (path, copy):
            answer = structured(await client.call_tool("describe_image", {"image": written}))
            assert answer["images"][0]["source"] == written


async def test_other_calls_answer_while_large_pictures_are_prepared(tmp_path: Path) -> None:
    larges = [
        saved(tmp_path, f"large{number}.jpg", quadrants(8000, 6000 + number)) for number in range(4)
    ]
    small = saved(tmp_path, "small.png")
    done: list[str] = []
    async with connected(FakeXAI(), tmp_path) as client:

        async def call(image: str) -> None:
            structured(await client.call_tool("describe_image", {"image": image}))
            done.append(image)

        async with anyio.create_task_group() as group:
            for path in (*larges, small):
                group.start_soon(call, path)
    assert done[0] == small
    assert set(done[1:]) == set(larges)


def images(folder: Path) -> Images:
    """Return the room with its one folder open."""
    return Images(Policy(roots=(folder,), max_bytes=30_000_000, max_pixels=10**8, fetch_deadline=1))


async def test_parts_keep_to_the_number_and_bytes_that_a_provider_takes(tmp_path: Path) -> None:
    limits = endpoint(Settings(provider="groq", groq_api_key="test")).choose().images
    assert limits.max_images == 3
    assert limits.max_total_bytes
    text = banded(1280, 3000)
    text.paste(noise(1280, 5000), (0, 3000))
    page = Image.new("RGB", (1280, 14_000), "white")
    page.paste(text)
    path = saved(tmp_path, "page.png", page)
    alone = await images(tmp_path).prepare([path], limits=limits, detail="high")
    both = await images(tmp_path).prepare([path, path], limits=limits, detail="high")
    assert [len(picture.parts) for picture in alone] == [3]
    assert [len(picture.parts) for picture in both] == [1, 1]
    for pictures in (alone, both):
        parts = [part for picture in pictures for part in picture.parts]
        sizes = [len(part.data) for part in parts if isinstance(part, SentPart)]
        assert len(sizes) == len(parts)
        assert sum(sizes) <= limits.max_total_bytes
    formats = {part.media_type for part in alone[0].parts if isinstance(part, SentPart)}
    assert formats == {f"image/{(alone[0].report.sent_format or '').lower()}"}


async def test_a_picture_that_is_too_large_in_every_quality_is_made_smaller(tmp_path: Path) -> None:
    limits = endpoint(Settings(provider="groq", groq_api_key="test")).choose().images
    small = replace(limits, max_bytes=200_000)
    path = saved(tmp_path, "photo.png", noise(1500, 1000))
    (picture,) = await images(tmp_path).prepare([path], limits=small, detail="auto")
    assert "resized" in picture.report.changes
    assert (picture.report.sent_bytes or 0) <= 200_000
    (part,) = picture.parts
    assert isinstance(part, SentPart)
    assert Image.open(BytesIO(part.data)).size == (
        picture.report.sent_width,
        picture.report.sent_height,
    )


async def test_parts_that_had_to_be_made_smaller_are_told_as_they_were_sent(tmp_path: Path) -> None:
    limits = endpoint(Settings(provider="groq", groq_api_key="test")).choose().images
    page = Image.new("RGB", (1280, 9000), "white")
    page.paste(noise(1280, 4000), (0, 5000))
    path = saved(tmp_path, "page.png", page)
    (picture,) = await images(tmp_path).prepare([path], limits=limits, detail="auto")
    assert picture.report.changes == ["resized", "converted", "split"]
    assert any("small text may be lost" in warning for warning in picture.warnings)
    regions = picture.report.regions or []
    assert min(region.scale for region in regions) < 0.8
    for part, region in zip(picture.parts, regions, strict=True):
        assert isinstance(part, SentPart)
        size = Image.open(BytesIO(part.data)).size
        assert size[1] == pytest.approx(region.height * region.scale, abs=1)
        assert size[0] == pytest.approx(region.width * region.scale, abs=1)


async def test_where_there_is_no_room_at_all_it_is_too_large(tmp_path: Path) -> None:
    limits = endpoint(Settings(provider="groq", groq_api_key="test")).choose().images
    path = saved(tmp_path, "photo.png", noise(100, 100))
    with pytest.raises(SourceError, match="there is no room for it in the 300 bytes") as caught:
        await images(tmp_path).prepare([path], limits=replace(limits, max_bytes=300), detail="auto")
    assert caught.value.code == "too_large"


async def test_the_last_pictures_are_kept_and_no_more_than_so_many_bytes(tmp_path: Path) -> None:
    limits = endpoint(Settings(xai_api_key="test")).choose().images
    room = images(tmp_path)

    async def parts(path: str) -> tuple[object, ...]:
        (picture,) = await room.prepare([path], limits=limits, detail="auto")
        return picture.parts

    first = saved(tmp_path, "first.png", noise(1550, 1550))
    kept = await parts(first)
    assert await parts(first) is kept
    for number in range(10):
        image = noise(1550, 1550)
        image.putpixel((0, 0), (number, 0, 0))
        await parts(saved(tmp_path, "other.png", image))
    assert await parts(first) is not kept


@pytest.mark.parametrize("size", [(120, 90_000), (400, 30_000), (30_000, 400), (5000, 9)])
@pytest.mark.parametrize("detail", ["auto", "low"])
async def test_a_thin_picture_is_sent_in_no_size_that_the_provider_refuses(
    tmp_path: Path, size: tuple[int, int], detail: str
) -> None:
    path = saved(tmp_path, "thin.png", Image.new("RGB", size, "white"))
    pictures, _ = await sent_parts(tmp_path, path, detail=detail)
    assert min(min(picture.size) for picture in pictures) >= 8


async def test_a_part_of_a_huge_photo_is_sent_at_full_size(tmp_path: Path) -> None:
    path = saved(tmp_path, "huge.jpg", quadrants(9000, 9000, mode="L"))
    (picture,), account = await sent_parts(tmp_path, f"{path}#xywh=4400,4400,600,400")
    assert picture.size == (600, 400)
    assert account["regions"][0]["scale"] == 1.0


@pytest.mark.skipif(missing_formats() != (), reason="needs [formats]")
async def test_a_long_page_of_a_document_is_split_and_drawn_large_enough_to_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "page.pdf"
    banded(595, 4000).save(path, "PDF", resolution=72)
    pictures, account = await sent_parts(tmp_path, str(path))
    assert len(pictures) == 3
    assert account["warnings"] == []
    for picture, region in zip(pictures, account["regions"], strict=True):
        assert region["scale"] >= 1.6
        x, y = 250, 150 + (-region["y"]) % BAND
        found = place(picture.getpixel((int(x * region["scale"]), int(y * region["scale"]))))  # type: ignore[arg-type]
        expected = 2, (region["y"] + y) // BAND
        assert all(abs(a - b) <= 1 for a, b in zip(found, expected, strict=True))
