"""The model sees what a person sees: what is sent is decoded here again and looked at."""

import random
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

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

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


async def sent(
    xai: FakeXAI, folder: Path, path: str, **arguments: Any
) -> tuple[Image.Image, dict[str, Any]]:
    """Describe the picture; return what the provider got, decoded, and its account."""
    answer = structured(await describe(xai, folder, path, **arguments))
    picture = xai.requests[-1].images[0]
    assert not picture.has_metadata
    image = Image.open(BytesIO(picture.data)).convert("RGB")
    (account,) = answer["images"]
    assert (account["sent_width"], account["sent_height"]) == image.size
    assert account["sent_bytes"] == len(picture.data)
    assert account["sent_format"].lower() == picture.format
    return image, {**account, "warnings": answer["warnings"]}


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """Return the colours near the four corners: top left, top right, bottom left, bottom right."""
    width, height = image.size
    places = [(x, y) for y in (height // 8, height * 7 // 8) for x in (width // 8, width * 7 // 8)]
    return [tuple(image.getpixel(place)) for place in places]  # type: ignore[arg-type]


def near(found: list[tuple[int, ...]], expected: list[tuple[int, ...]]) -> bool:
    """Tell whether colours are equal but for what JPEG does to them."""
    return all(
        abs(a - b) <= 12
        for one, other in zip(found, expected, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def stored_for(orientation: int) -> Image.Image:
    """Return the pixels that a camera held so would store for the upright quadrants."""
    upright = quadrants(96, 64)
    turn = Image.Transpose
    inverse = {
        1: None,
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_90,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_270,
    }[orientation]
    return upright if inverse is None else upright.transpose(inverse)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif", "avif"])
async def test_every_exif_orientation_is_applied(
    xai: FakeXAI, folder: Path, orientation: int, kind: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(folder, f"turned.{kind}", stored_for(orientation), exif=exif)
    image, account = await sent(xai, folder, path)
    assert image.size == (96, 64)
    assert near(corners(image), [RED, GREEN, BLUE, WHITE])
    assert ("rotated" in account["changes"]) == (orientation != 1)


@pytest.mark.parametrize("orientation", [0, 9, 99])
async def test_an_orientation_that_does_not_exist_counts_as_upright(
    xai: FakeXAI, folder: Path, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(folder, "odd.jpg", quadrants(96, 64), exif=exif)
    image, account = await sent(xai, folder, path)
    assert near(corners(image), [RED, GREEN, BLUE, WHITE])
    assert "rotated" not in account["changes"]


@pytest.mark.parametrize("orientation", [6, 8])
async def test_a_large_photo_on_its_side_is_turned_and_fits_the_budget(
    xai: FakeXAI, folder: Path, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turn = Image.Transpose.ROTATE_90 if orientation == 6 else Image.Transpose.ROTATE_270
    stored = quadrants(3000, 4000).transpose(turn)
    path = saved(folder, "photo.jpg", stored, exif=exif, quality=95)
    image, account = await sent(xai, folder, path)
    assert (account["width"], account["height"]) == (4000, 3000)
    assert image.width < image.height
    assert 2_390_000 < image.width * image.height <= 2_408_448
    assert near(corners(image), [RED, GREEN, BLUE, WHITE])
    assert {"rotated", "resized"} <= set(account["changes"])


async def test_transparency_becomes_white_paper(xai: FakeXAI, folder: Path) -> None:
    image = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 32, 24))
    image.paste((0, 0, 0, 128), (32, 24, 64, 48))
    found, account = await sent(xai, folder, saved(folder, image=image))
    assert corners(found)[:3] == [RED, WHITE, WHITE]
    assert near(corners(found)[3:], [(127, 127, 127)])
    assert "flattened" in account["changes"]


async def test_a_transparent_colour_of_a_palette_becomes_white_paper(
    xai: FakeXAI, folder: Path
) -> None:
    image = quadrants().convert("P")
    black = image.getpixel((60, 40))
    path = saved(folder, "shot.gif", image, transparency=black)
    found, account = await sent(xai, folder, path)
    assert near(corners(found), [RED, GREEN, BLUE, WHITE])
    assert account["changes"] == ["flattened", "converted"]


@pytest.mark.parametrize(
    ("name", "mode", "wire"),
    [
        ("a.png", "RGB", "PNG"),
        ("a.png", "P", "PNG"),
        ("a.gif", "P", "PNG"),
        ("a.bmp", "RGB", "PNG"),
        ("a.tif", "RGB", "PNG"),
        ("a.tif", "CMYK", "PNG"),
        ("a.jpg", "RGB", "JPEG"),
        ("a.jpg", "CMYK", "JPEG"),
        ("a.webp", "RGB", "JPEG"),
        ("a.avif", "RGB", "JPEG"),
    ],
)
async def test_every_readable_format_is_sent_as_jpeg_or_png_in_its_colours(
    xai: FakeXAI, folder: Path, name: str, mode: str, wire: str
) -> None:
    image, account = await sent(xai, folder, saved(folder, name, quadrants(96, 64, mode)))
    expected = [RED, GREEN, BLUE, WHITE]
    if mode == "CMYK":
        expected = corners(quadrants(96, 64, "CMYK").convert("RGB"))
    assert near(corners(image), expected)
    assert account["sent_format"] == wire
    assert ("converted" in account["changes"]) == (account["format"] != wire)


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
async def test_grey_pictures_keep_their_greys(xai: FakeXAI, folder: Path, mode: str) -> None:
    grey = Image.new("L", (64, 48), 0)
    grey.paste(255, (32, 0, 64, 48))
    image, _ = await sent(xai, folder, saved(folder, image=grey.convert(mode)))
    assert corners(image) == [(0, 0, 0), WHITE, (0, 0, 0), WHITE]


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
async def test_sixteen_bits_of_grey_are_scaled_and_not_clipped(
    xai: FakeXAI, folder: Path, name: str
) -> None:
    rows = [(0, 65535)] * 24 + [(32768, 8192)] * 24
    pixels = b"".join(
        left.to_bytes(2, "little") * 32 + right.to_bytes(2, "little") * 32 for left, right in rows
    )
    image, _ = await sent(
        xai, folder, saved(folder, name, Image.frombytes("I;16", (64, 48), pixels))
    )
    assert near(corners(image), [(0, 0, 0), WHITE, (128, 128, 128), (32, 32, 32)])


async def test_metadata_and_trailing_bytes_do_not_leave_the_machine(
    xai: FakeXAI, folder: Path
) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    exif[0x010E] = "SECRET-DESCRIPTION"
    path = Path(saved(folder, "gps.jpg", quadrants(96, 64), exif=exif, comment=b"SECRET-COMMENT"))
    path.write_bytes(path.read_bytes() + b"SECRET-TRAILER")
    await sent(xai, folder, str(path))
    notes = PngInfo()
    notes.add_text("Author", "SECRET-AUTHOR")
    notes.add_itxt("XML:com.adobe.xmp", "SECRET-XMP")
    path = Path(saved(folder, "text.png", quadrants(), pnginfo=notes, exif=exif))
    path.write_bytes(path.read_bytes() + b"SECRET-TRAILER")
    _, account = await sent(xai, folder, str(path))
    assert "metadata_removed" in account["changes"]
    assert all(b"SECRET" not in request.images[0].data for request in xai.requests)


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
async def test_of_an_animation_the_first_frame_is_sent_and_a_warning_says_so(
    xai: FakeXAI, folder: Path, kind: str
) -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue", "green")]
    path = saved(folder, f"moving.{kind}", frames[0], save_all=True, append_images=frames[1:])
    image, account = await sent(xai, folder, path)
    assert near(corners(image), [RED] * 4)
    assert len(account["warnings"]) == 1
    assert "frames; only the first was used" in account["warnings"][0]


async def test_a_lossless_picture_that_is_too_large_as_png_is_sent_as_jpeg(
    xai: FakeXAI, folder: Path
) -> None:
    path = saved(folder, "noise.bmp", noise(2000, 1200))
    image, account = await sent(
        xai, folder, path, setting_provider="xai", setting_max_image_bytes=16_000_000
    )
    assert account["sent_format"] in {"PNG", "JPEG"}
    assert account["sent_bytes"] <= 10 * 1024 * 1024
    assert image.size == (2000, 1200)


async def test_a_file_is_read_by_its_content_whatever_its_name_says(
    xai: FakeXAI, folder: Path
) -> None:
    (folder / "really-a.png").write_bytes(encoded(quadrants(), "JPEG", quality=95))
    _, account = await sent(xai, folder, str(folder / "really-a.png"))
    assert account["format"] == "JPEG"


async def test_a_motion_photo_is_sent_without_its_film(xai: FakeXAI, folder: Path) -> None:
    path = Path(saved(folder, "motion.jpg", quadrants(96, 64), quality=95))
    path.write_bytes(path.read_bytes() + random.Random(1).randbytes(6_000_000))
    image, account = await sent(xai, folder, str(path))
    assert near(corners(image), [RED, GREEN, BLUE, WHITE])
    assert account["sent_bytes"] < 10_000
    assert account["changes"] == ["metadata_removed"]


@pytest.mark.parametrize("name", ["plain.png", "plain.jpg"])
async def test_a_picture_that_fits_keeps_its_very_bytes(
    xai: FakeXAI, folder: Path, name: str
) -> None:
    path = Path(saved(folder, name, quadrants(400, 300)))
    _, account = await sent(xai, folder, str(path))
    assert xai.requests[0].images[0].data == path.read_bytes()
    assert account["changes"] == []


@pytest.mark.parametrize("name", ["profiled.png", "profiled.jpg", "profiled.webp", "profiled.tif"])
async def test_a_colour_profile_is_applied_and_not_sent(
    xai: FakeXAI, folder: Path, name: str
) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # With red's and blue's primaries exchanged, what is stored as red is seen as blue.
    exchanged = srgb.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")
    path = saved(folder, name, quadrants(96, 64), icc_profile=exchanged)
    image, account = await sent(xai, folder, path)
    assert near(corners(image), [BLUE, GREEN, RED, WHITE])
    assert xai.requests[0].images[0].metadata == ()
    assert "metadata_removed" in account["changes"]


async def test_a_profile_that_cannot_be_read_changes_nothing(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder, "odd.png", quadrants(96, 64), icc_profile=b"no profile at all")
    image, _ = await sent(xai, folder, path)
    assert near(corners(image), [RED, GREEN, BLUE, WHITE])


async def test_sixteen_bits_of_colour_are_sent_as_eight(xai: FakeXAI, folder: Path) -> None:
    def part(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    rows = (b"\0" + b"\xff\xff\x00\x00\x80\x00" * 64) * 48
    header = part(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 16, 2, 0, 0, 0))
    deep = b"\x89PNG\r\n\x1a\n" + header + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")
    (folder / "deep.png").write_bytes(deep)
    image, _ = await sent(xai, folder, str(folder / "deep.png"))
    assert corners(image) == [(255, 0, 128)] * 4
    assert xai.requests[0].images[0].data[24] == 8


async def test_a_png_with_much_compressed_text_is_sent_without_it(
    xai: FakeXAI, folder: Path
) -> None:
    notes = PngInfo()
    notes.add_text("workflow", "x" * 3_000_000, zip=True)
    _, account = await sent(xai, folder, saved(folder, "generated.png", pnginfo=notes))
    assert account["changes"] == ["metadata_removed"]


async def test_the_notes_of_a_tiff_are_reported_as_removed(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder, "noted.tif", tiffinfo={270: "a description", 315: "an artist"})
    _, account = await sent(xai, folder, path)
    assert account["changes"] == ["converted", "metadata_removed"]


@pytest.mark.parametrize(
    "options",
    [{"progressive": True}, {"restart_marker_blocks": 1}, {"subsampling": "4:2:0"}, {}],
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
async def test_a_jpeg_of_any_common_kind_arrives_as_it_looks(
    xai: FakeXAI, folder: Path, mode: str, options: dict[str, Any]
) -> None:
    whole = saved(folder, "kind.jpg", quadrants(96, 64, mode), quality=95, **options)
    image, _ = await sent(xai, folder, whole)
    with Image.open(whole) as original:
        assert near(corners(image), corners(original.convert("RGB")))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.0, 1.0), (0, 255)),
        ((0.0, 255.0), (0, 255)),
        ((0.0, 65535.0), (0, 255)),
        ((-5.0, 5.0), (0, 255)),
    ],
)
async def test_grey_of_any_range_is_brought_to_what_a_person_sees(
    xai: FakeXAI, folder: Path, values: tuple[float, float], expected: tuple[int, int]
) -> None:
    image = Image.new("F", (64, 48), values[0])
    image.paste(values[1], (32, 0, 64, 48))
    found, _ = await sent(xai, folder, saved(folder, "range.tif", image))
    assert [corners(found)[0][0], corners(found)[1][0]] == list(expected)


async def test_a_photograph_kept_without_loss_is_sent_as_a_far_smaller_jpeg(
    xai: FakeXAI, folder: Path
) -> None:
    smooth = Image.effect_noise((64, 48), 80).resize((2400, 1600), Image.Resampling.BICUBIC)
    grain = Image.merge("RGB", [smooth, smooth.rotate(180), smooth])
    _, account = await sent(xai, folder, saved(folder, "photo.tif", grain))
    assert account["sent_format"] == "JPEG"
    assert account["sent_bytes"] < 1_500_000


async def test_a_jpeg_with_far_too_many_scans_is_refused_before_it_is_decoded(
    xai: FakeXAI, folder: Path
) -> None:
    data = encoded(quadrants(), "JPEG")
    scan = data.index(b"\xff\xda")
    (folder / "scans.jpg").write_bytes(data[:-2] + data[scan:-2] * 100 + data[-2:])
    text = error_text(await describe(xai, folder, str(folder / "scans.jpg")))
    assert text.startswith("[damaged_image]")
    assert "scans" in text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
async def test_hostile_bytes_end_in_a_coded_error_or_a_picture(
    xai: FakeXAI, folder: Path, kind: str
) -> None:
    data = bytearray(encoded(quadrants(40, 30), kind))
    chance = random.Random(kind)
    async with connected(xai, folder) as client:
        for number in range(60):
            hostile = bytearray(data)
            for _ in range(chance.randint(1, 6)):
                hostile[chance.randrange(len(hostile))] = chance.randrange(256)
            path = folder / f"{number}.bin"
            path.write_bytes(hostile[: chance.randint(1, len(hostile))])
            result = await client.call_tool("describe_image", {"image": str(path)})
            if result.is_error:
                assert result.content[0].text.startswith("["), result.content[0].text
