"""Measuring pictures by their headers: what is told is what would be sent, and little is read."""

import os
import random
import struct
import sys
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from grok_vision.errors import SeveralProblemsError, VisionError
from grok_vision.images import Images, MeasuredImage, Policy, PreparedImage, SentPart
from grok_vision.images.headers import header
from grok_vision.images.network import HostRule
from grok_vision.images.remote import Fetcher
from grok_vision.providers import ImageLimits, considered
from grok_vision.settings import Settings
from grok_vision.vocabulary import Detail
from tests.documents import bitmap, icon, pdf, svg
from tests.loopback import Network, Server, answer, redirect
from tests.support import encoded, noise, quadrants

pytestmark = pytest.mark.anyio

pillow_heif.register_heif_opener()

DETAILS: tuple[Detail, ...] = ("auto", "low", "high")
Size = tuple[int, int]


def limits_of(model: str) -> ImageLimits:
    return considered(Settings(), model).images


GROK = limits_of("grok-4.6")


@asynccontextmanager
async def room(folder: Path, **given: Any) -> AsyncIterator[Images]:
    bounds = {"max_bytes": 2**25, "max_pixels": 100_000_000, "fetch_deadline": 5.0}
    images = Images(Policy(**{"roots": (folder,), **bounds, **given}))
    try:
        yield images
    finally:
        await images.aclose()


@pytest.fixture
async def images(folder: Path) -> AsyncIterator[Images]:
    async with room(folder) as opened:
        yield opened


async def measure(
    images: Images, *sources: str, detail: Detail = "auto", **given: Any
) -> list[MeasuredImage]:
    return await images.measure(sources, **{"limits": GROK, **given}, detail=detail)


def put(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def sizes_sent(prepared: PreparedImage) -> list[Size]:
    assert all(isinstance(part, SentPart) for part in prepared.parts)
    parts = [part for part in prepared.parts if isinstance(part, SentPart)]
    return [Image.open(BytesIO(part.data)).size for part in parts]


def assert_agrees(told: MeasuredImage, prepared: PreparedImage) -> None:
    """Compare what was told with what is sent; inner cuts may have moved to calm rows."""
    report = prepared.report
    assert (told.source, told.format, told.file_bytes) == (
        report.source,
        report.format,
        report.bytes,
    )
    assert (told.width, told.height) == (report.width, report.height)
    sent = sizes_sent(prepared)
    if len(told.sent) == 1:
        assert list(told.sent) == sent
        assert list(told.regions) == (report.regions or [])
        return
    assert len(told.sent) == len(sent) == len(told.regions)
    tall = told.regions[0].x == told.regions[1].x
    starts = [region.y if tall else region.x for region in told.regions]
    ends = [
        region.y + region.height if tall else region.x + region.width for region in told.regions
    ]
    # Neighbours share `end - start`; each of the two edges moves by half of that at most.
    moved = [
        ceil((end - start) / 2) for end, (_, start) in zip(ends, pairwise(starts), strict=False)
    ]
    for number, (planned, real) in enumerate(zip(told.sent, sent, strict=True)):
        slack = sum(moved[max(0, number - 1) : number + 1]) * told.regions[number].scale
        across, along = (0, 1) if tall else (1, 0)
        assert real[across] == planned[across]
        assert planned[along] - slack - 1 <= real[along] <= planned[along]


def turned(kind: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(quadrants(300, 200), kind, exif=exif)


def behind(segments: int, picture: bytes) -> bytes:
    """Return a JPEG whose frame stands behind as many application segments of 64 kB."""
    segment = b"\xff\xe2" + (65_535).to_bytes(2) + bytes(65_533)
    return picture[:2] + segment * segments + picture[2:]


def chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content).to_bytes(4)
    return len(content).to_bytes(4) + kind + content + crc


def with_chunk(picture: bytes, added: bytes) -> bytes:
    """Return a PNG with a chunk after its first."""
    return picture[:33] + added + picture[33:]


def noted(length: int) -> PngInfo:
    notes = PngInfo()
    notes.add_text("Comment", random.Random(1).randbytes(length).hex(), zip=True)
    return notes


def animated(kind: str, **options: Any) -> bytes:
    frames = [quadrants(120, 90).rotate(90 * turn) for turn in range(3)]
    buffer = BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=200, **options)
    return buffer.getvalue()


def frame_beyond_its_canvas() -> bytes:
    gif = bytearray(encoded(quadrants(64, 48, "P"), "GIF"))
    gif[6:10] = struct.pack("<HH", 40, 60)
    return bytes(gif)


def commented_gif(length: int) -> bytes:
    gif = encoded(quadrants(64, 48, "P"), "GIF")
    place = 13 + 3 * 2 ** ((gif[10] & 7) + 1)
    comment = b"!\xfe" + (b"\xff" + b"x" * 255) * (length // 255) + b"\0"
    return gif[:place] + comment + gif[place:]


JPEG = encoded(quadrants(640, 480), "JPEG")
PNG = encoded(quadrants(640, 480), "PNG")
GIF = encoded(quadrants(640, 480, "P"), "GIF")
DRAWING = svg('<rect width="50" height="20" fill="red"/>', 'width="120" height="80"')

# What it is called, how it is made, and what is selected of it.
PICTURES: list[tuple[str, Callable[[], bytes], str]] = [
    ("plain.png", lambda: PNG, ""),
    ("palette.png", lambda: encoded(quadrants(640, 480, "P"), "PNG"), ""),
    ("deep.png", lambda: encoded(quadrants(640, 480).convert("I;16"), "PNG"), ""),
    ("deep-and-tall.png", lambda: encoded(quadrants(700, 3700).convert("I;16"), "PNG"), ""),
    ("transparent.png", lambda: encoded(quadrants(640, 480, "RGBA"), "PNG"), ""),
    ("interlaced-and-cut.png", lambda: PNG, "#xywh=percent:25,25,50,50"),
    ("cut-at-the-edge.png", lambda: PNG, "#xywh=600,400,500,500"),
    ("animated.png", lambda: animated("PNG"), ""),
    ("moment.png", lambda: animated("PNG"), "#t=0.3"),
    ("page-one.png", lambda: PNG, "#page=1"),
    ("long-notes.png", lambda: encoded(quadrants(640, 480), "PNG", pnginfo=noted(150_000)), ""),
    ("turned.png", lambda: turned("PNG", 6), ""),
    ("large.png", lambda: encoded(quadrants(3000, 2100), "PNG"), ""),
    ("thin.png", lambda: encoded(quadrants(2000, 14), "PNG"), ""),
    ("page.png", lambda: encoded(quadrants(1280, 9000), "PNG"), ""),
    ("part-of-page.png", lambda: encoded(quadrants(1280, 9000), "PNG"), "#xywh=100,500,900,5000"),
    ("panorama.jpg", lambda: encoded(quadrants(9000, 1280), "JPEG"), ""),
    ("plain.jpg", lambda: JPEG, ""),
    ("grey.jpg", lambda: encoded(quadrants(640, 480, "L"), "JPEG"), ""),
    ("inks.jpg", lambda: encoded(quadrants(640, 480, "CMYK"), "JPEG"), ""),
    ("progressive.jpg", lambda: encoded(noise(640, 480), "JPEG", progressive=True), ""),
    ("large.jpg", lambda: encoded(quadrants(4000, 3000), "JPEG"), ""),
    ("late-frame.jpg", lambda: behind(8, turned("JPEG", 6)), ""),
    ("two-in-one.jpg", lambda: encoded(noise(640, 480), "MPO", save_all=True,
                                        append_images=[noise(320, 240)]), ""),
    ("filled.jpg", lambda: JPEG[:20] + b"\xff\xff" + JPEG[20:], ""),
    ("junk-between.jpg", lambda: JPEG[:20] + b"junk" + JPEG[20:], ""),
    *((f"turned-{way}.jpg", lambda way=way: turned("JPEG", way), "") for way in range(1, 9)),
    ("turned-and-cut.jpg", lambda: turned("JPEG", 6), "#xywh=0,0,100,250"),
    ("plain.gif", lambda: GIF, ""),
    ("old.gif", lambda: b"GIF87a" + GIF[6:], ""),
    ("animated.gif", lambda: animated("GIF"), ""),
    ("moment.gif", lambda: animated("GIF"), "#t=0.3"),
    ("frame-beyond.gif", frame_beyond_its_canvas, ""),
    ("long-comment.gif", lambda: commented_gif(300_000), ""),
    ("plain.bmp", lambda: encoded(quadrants(640, 480), "BMP"), ""),
    ("palette.bmp", lambda: encoded(quadrants(640, 480, "P"), "BMP"), ""),
    ("lossy.webp", lambda: encoded(quadrants(640, 480), "WEBP"), ""),
    ("lossless.webp", lambda: encoded(quadrants(640, 480), "WEBP", lossless=True), ""),
    ("transparent.webp", lambda: encoded(quadrants(640, 480, "RGBA"), "WEBP"), ""),
    ("animated.webp", lambda: animated("WEBP"), ""),
    ("turned.webp", lambda: turned("WEBP", 6), ""),
    ("plain.tif", lambda: encoded(quadrants(640, 480), "TIFF"), ""),
    ("turned.tif", lambda: turned("TIFF", 6), ""),
    ("second.tif", lambda: encoded(quadrants(640, 480), "TIFF", save_all=True,
                                    append_images=[quadrants(300, 500)]), "#page=2"),
    ("plain.avif", lambda: encoded(quadrants(640, 480), "AVIF"), ""),
    ("turned.avif", lambda: turned("AVIF", 6), ""),
    ("icon.ico", lambda: icon(bitmap(48, 32, b"\0\0\xff"), encoded(quadrants(64, 48), "PNG")), ""),
    ("turned.heic", lambda: turned("HEIF", 6), ""),
    ("second.pdf", lambda: pdf(pages=2, box="0 0 200 100"), "#page=2&xywh=percent:0,0,50,50"),
    ("whole.pdf", lambda: pdf(), ""),
    ("drawing.svg", lambda: DRAWING, ""),
]  # fmt: skip


@pytest.mark.parametrize("model", ["grok-4.6", "gpt-4o", "gpt-5.2"])
@pytest.mark.parametrize(
    ("name", "make", "fragment"), PICTURES, ids=[name for name, *_ in PICTURES]
)
async def test_what_is_told_is_what_is_sent(
    images: Images, folder: Path, name: str, make: Callable[[], bytes], fragment: str, model: str
) -> None:
    source = put(folder, name, make()) + fragment
    limits = limits_of(model)
    found: dict[Detail, MeasuredImage] = {}
    for detail in DETAILS:
        (prepared,) = await images.prepare([source], limits=limits, detail=detail)
        (found[detail],) = await images.measure([source], limits=limits, detail=detail)
        assert_agrees(found[detail], prepared)
        assert found[detail].warnings == ()
    assert {told.sent_low for told in found.values()} == {found["low"].sent}


@pytest.mark.parametrize(
    ("name", "data", "fragment"),
    [
        ("empty.png", b"", ""),
        ("words.png", b"these are words", ""),
        ("page.png", b"<!doctype html><html>", ""),
        ("film.png", b"\0\0\0\x18ftypmp42\0\0\0\0mp42", ""),
        ("start.png", PNG[:20], ""),
        ("checksum.png", PNG[:29] + b"xxxx" + PNG[33:], ""),
        ("beyond.png", with_chunk(PNG, b"\x7f\xff\xff\xfftEXt"), ""),
        ("crowded.png", with_chunk(PNG, chunk(b"tEXt", b"") * 50_000), ""),
        ("start.jpg", JPEG[:30], ""),
        ("crowded.jpg", JPEG[:2] + b"\xff\xfe\0\2" * 50_000 + JPEG[2:], ""),
        ("start.gif", GIF[:12], ""),
        ("no-frame.gif", GIF[:13] + b";", ""),
        ("crowded.gif", GIF[:13] + b"!\xfe\0" * 50_000 + b";", ""),
        ("start.webp", b"RIFF\x20\0\0\0WEBPVP8 ", ""),
        ("unknown.webp", b"RIFF\x40\0\0\0WEBPVP9 " + bytes(50), ""),
        ("start.bmp", b"BM\x40\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0" + bytes(60), ""),
        ("start.tif", b"II*\0\x08\0\0\0", ""),
        ("no-size.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(8) + b"\x08\2\0\0\0")
         + PNG[33:], ""),
        ("no-size.webp", b"RIFF\x40\0\0\0WEBPVP8 \x20\0\0\0xxx\x9d\x01\x2a" + bytes(40), ""),
        ("second.png", PNG, "#page=2"),
        ("second.gif", GIF, "#page=2"),
        ("third.pdf", pdf(pages=2), "#page=3"),
        ("outside.png", PNG, "#xywh=700,0,10,10"),
        ("empty-part.png", PNG, "#xywh=0,0,0,10"),
        ("tiny.png", encoded(quadrants(4, 4), "PNG"), ""),
        ("tiny-part.jpg", JPEG, "#xywh=0,0,5,5"),
        ("missing.png", None, ""),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)  # fmt: skip
async def test_what_cannot_be_sent_is_refused_in_the_same_words(
    images: Images, folder: Path, name: str, data: bytes | None, fragment: str
) -> None:
    source = (put(folder, name, data) if data is not None else str(folder / name)) + fragment
    with pytest.raises(VisionError) as refused:
        await images.prepare([source], limits=GROK, detail="auto")
    with pytest.raises(VisionError) as raised:
        await measure(images, source)
    assert str(raised.value) == str(refused.value)


async def test_every_problem_is_told_at_once_with_its_picture(images: Images, folder: Path) -> None:
    sources = [put(folder, "a.png", PNG), "nowhere.png", put(folder, "b.png", b"words")]
    with pytest.raises(SeveralProblemsError) as raised:
        await measure(images, *sources)
    assert "image 2 (nowhere.png): " in raised.value.message
    assert f"image 3 ({sources[2]}): its content is not a picture" in raised.value.message


async def test_of_no_pictures_nothing_is_told(images: Images) -> None:
    assert await measure(images) == []


async def test_several_pages_share_what_the_provider_takes(images: Images, folder: Path) -> None:
    groq = limits_of("qwen/qwen3.8-27b")
    assert groq.max_images is not None
    sources = [put(folder, "page.png", encoded(quadrants(1280, 9000), "PNG"))] * groq.max_images
    told = await images.measure(sources, limits=groq, detail="high")
    assert [len(each.sent) for each in told] == [1] * groq.max_images


async def test_a_data_uri_is_measured_and_named_by_its_size(images: Images) -> None:
    uri = f"data:image/png;base64,{b64encode(PNG).decode()}#xywh=0,0,100,50"
    (told,) = await measure(images, uri)
    assert told.source == f"data:image/png ({len(PNG):,} bytes)"
    assert (told.file_bytes, told.sent) == (len(PNG), ((100, 50),))


async def test_the_newest_picture_is_measured_and_named(folder: Path) -> None:
    path = put(folder, "new.png", PNG)
    async with room(folder, desktop=True) as images:
        (told,) = await measure(images, "latest")
    assert (told.source, told.sent) == (f"latest ({path})", ((640, 480),))


@pytest.mark.parametrize(
    ("name", "data", "size"),
    [
        ("vast.png", chunk(b"IHDR", struct.pack(">II", 20_000, 9_000) + b"\x08\2\0\0\0"),
         (20_000, 9_000)),
        ("vast.gif", b"GIF89a" + struct.pack("<HH", 9_000, 9_000) + bytes(3), (9_000, 9_000)),
        ("vast.webp", b"\x2f" + (8_999 | 8_999 << 14).to_bytes(4, "little"), (9_000, 9_000)),
        ("vast-turned.webp", b"\x08\0\0\0" + (8_999).to_bytes(3, "little") * 2, (9_000, 9_000)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_a_picture_with_too_many_pixels_is_measured_with_a_warning(
    images: Images, folder: Path, name: str, data: bytes, size: Size
) -> None:
    whole = {
        "vast.png": b"\x89PNG\r\n\x1a\n" + data + chunk(b"IDAT", b""),
        "vast.gif": data + b"," + bytes(4) + struct.pack("<HH", 1, 1) + bytes(40),
        "vast.webp": b"RIFF\x40\0\0\0WEBPVP8L\x20\0\0\0" + data + bytes(40),
        "vast-turned.webp": b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0" + data + bytes(40),
    }[name]
    source = put(folder, name, whole)
    (told,) = await measure(images, source)
    assert (told.width, told.height) == size
    assert max(told.sent[0]) <= 8192
    with pytest.raises(VisionError) as refused:
        await images.prepare([source], limits=GROK, detail="auto")
    assert refused.value.code == "too_many_pixels"
    sentence = refused.value.message.partition("): ")[2]
    # Of a GIF, Pillow refuses to read more before we would.
    sentence = sentence if name != "vast.gif" else "it is 9000x9000, over the limit of 25,000,000"
    assert told.warnings[0].startswith(f"{source} would be refused: {sentence}")


async def test_a_picture_that_only_detail_low_makes_too_small_has_no_size_for_it(
    images: Images, folder: Path
) -> None:
    source = put(folder, "page.png", encoded(quadrants(20, 25_000), "PNG"))
    (told,) = await measure(images, source, detail="high")
    assert len(told.sent) > 1
    assert told.sent_low == ()


@pytest.mark.skipif(sys.platform == "win32", reason="needs sparse files")
@pytest.mark.parametrize(("name", "start"), [("a.png", PNG), ("a.jpg", JPEG), ("a.gif", GIF)])
async def test_a_long_file_is_read_as_far_as_its_header_only(
    folder: Path, name: str, start: bytes
) -> None:
    # Reading the rest of 20 GB would not end.
    path = put(folder, name, start)
    os.truncate(path, 20 * 2**30)
    async with room(folder, max_bytes=2**40) as images:
        (told,) = await measure(images, path)
    assert (told.file_bytes, told.sent) == (20 * 2**30, ((640, 480),))


@pytest.mark.parametrize(
    ("data", "most"),
    [(PNG, 100), (JPEG, 1_000), (GIF, 1_000), (encoded(quadrants(), "WEBP"), 30)],
)
async def test_the_end_of_a_header_is_found_from_any_of_its_beginnings(
    data: bytes, most: int
) -> None:
    needed = 1.0
    while needed > len(data[: int(needed)]) or header(data[: int(needed)]) > needed:
        following = header(data[: int(needed)])
        # Of what is not yet known to be a picture, nothing is said.
        needed = following if needed < following < float("inf") else needed + 1
    assert needed <= most


@pytest.mark.parametrize(
    "data",
    [
        JPEG[:20] + b"\xff\xfe\0\0" + JPEG[20:],
        JPEG[:20] + b"\xff\xd9" + JPEG[20:],
        JPEG[:20] + b"\xff\x01" + JPEG[20:],
        b"GIF89a" + bytes(7) + b"?" * 40,
        b"BM" + bytes(12),
        encoded(quadrants(), "TIFF"),
        turned("WEBP", 6),
    ],
    ids=["segment", "end", "lone", "block", "bitmap", "format", "exif-behind"],
)
def test_where_a_header_cannot_be_told_from_its_start_all_is_needed(data: bytes) -> None:
    assert header(data) == float("inf")


# Pictures on the web.

BIG = encoded(noise(1600, 1400), "PNG")


def parts_asked(server: Server) -> list[str]:
    return [
        line.partition(": ")[2]
        for head in server.heads
        for line in head.split("\r\n")
        if line.lower().startswith("range:")
    ]


def ranged(data: bytes, *, total: str = "", longest: int = 2**30) -> Any:
    """Return what answers a request for a part of the data, at most `longest` bytes of it."""

    def respond(server: Server) -> bytes:
        asked = parts_asked(server)[-1:]
        if not asked or "range:" not in server.heads[-1].lower():
            return answer(data)
        first, _, last = asked[0].removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last) + 1 if last else len(data), len(data))
        if start >= len(data):
            return answer(b"", "416 No", f"Content-Range: bytes */{len(data)}\r\n")
        part = data[start : min(end, start + longest)]
        told = f"bytes {start}-{start + len(part) - 1}/{total or len(data)}"
        return answer(part, "206 Partial", f"Content-Range: {told}\r\n")

    return respond


@asynccontextmanager
async def hosting(respond: Callable[[Server], bytes]) -> AsyncIterator[Server]:
    server = Server(lambda _: respond(server))
    async with server.listening():
        yield server


async def measured_at(
    server: Server, folder: Path, path: str = "/i", *, detail: Detail = "auto", **given: Any
) -> MeasuredImage:
    allowed = (f"127.0.0.1:{server.port}",)
    async with room(folder, allow_hosts=allowed, **given) as images:
        (told,) = await measure(images, f"http://127.0.0.1:{server.port}{path}", detail=detail)
        return told


async def refusal_at(server: Server, folder: Path, **given: Any) -> VisionError:
    with pytest.raises(VisionError) as raised:
        await measured_at(server, folder, **given)
    return raised.value


async def test_of_a_url_the_first_part_is_asked_for_and_the_size_is_told(folder: Path) -> None:
    async with hosting(ranged(BIG)) as server:
        told = await measured_at(server, folder)
    assert parts_asked(server) == ["bytes=0-65535"]
    assert len(server.heads) == 1
    assert (told.format, told.width, told.height) == ("PNG", 1600, 1400)
    assert told.file_bytes == len(BIG)


async def test_more_is_asked_for_only_where_the_header_is_longer(folder: Path) -> None:
    picture = behind(8, turned("JPEG", 6)) + bytes(3_000_000)
    async with hosting(ranged(picture)) as server:
        told = await measured_at(server, folder)
    assert parts_asked(server) == [
        "bytes=0-65535",
        "bytes=65536-262143",
        "bytes=262144-1048575",
    ]
    assert told.sent == ((200, 300),)


async def test_a_picture_whose_header_may_stand_anywhere_is_fetched_as_a_whole(
    folder: Path,
) -> None:
    picture = encoded(noise(300, 200), "TIFF")
    async with hosting(ranged(picture)) as server:
        told = await measured_at(server, folder)
    assert parts_asked(server) == ["bytes=0-65535", "bytes=65536-"]
    assert (told.format, told.file_bytes, told.sent) == ("TIFF", len(picture), ((300, 200),))


async def test_a_host_that_sends_all_is_heard_until_the_header_is_complete(folder: Path) -> None:
    # The host breaks off soon, which a reader of more would find.
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BIG)}\r\n\r\n".encode()
    async with hosting(lambda _: head + BIG[:70_000]) as server:
        told = await measured_at(server, folder)
    assert (told.sent, told.file_bytes) == (((1600, 1400),), len(BIG))
    assert len(server.heads) == 1


async def test_a_long_beginning_is_looked_at_in_steps_that_grow(folder: Path) -> None:
    # Walked at every read, a header of 20 MB in small chunks took 20 seconds of the event loop.
    looked_at: list[int] = []

    def one_more(data: bytes) -> float:
        looked_at.append(len(data))
        return len(data) + 1

    async with hosting(lambda _: answer(bytes(5_000_000))) as server:
        fetcher = Fetcher(
            rules=[HostRule.parse(f"127.0.0.1:{server.port}")], max_bytes=2**25, deadline=10
        )
        begun = await fetcher.begin(f"http://127.0.0.1:{server.port}/i", one_more)
        await fetcher.aclose()
    assert len(begun.data) == 5_000_000
    assert all(later >= 4 * earlier for earlier, later in pairwise(looked_at))


async def test_where_the_host_does_not_tell_how_long_it_is_neither_do_we(folder: Path) -> None:
    async with hosting(lambda _: b"HTTP/1.1 200 OK\r\n\r\n" + BIG) as server:
        assert (await measured_at(server, folder)).file_bytes is None
    async with hosting(ranged(BIG, total="*")) as server:
        assert (await measured_at(server, folder)).file_bytes is None


async def test_a_length_that_a_body_in_chunks_has_besides_is_not_believed(folder: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with hosting(lambda _: head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BIG), BIG)) as server:
        assert (await measured_at(server, folder)).file_bytes is None


async def test_a_short_picture_without_a_length_is_counted(folder: Path) -> None:
    async with hosting(lambda _: b"HTTP/1.1 200 OK\r\n\r\n" + PNG) as server:
        assert (await measured_at(server, folder)).file_bytes == len(PNG)


@pytest.mark.parametrize(
    "told",
    [
        "bytes 5-65540/{}",
        "bytes 0-9",
        "bytes */{}",
        "chunks 0-1/{}",
        "",
        "bytes x-y/{}",
        "bytes 0-65535/100",
        "bytes 0-0/0",
    ],
)
async def test_a_part_that_is_not_the_one_asked_for_is_not_trusted(folder: Path, told: str) -> None:
    def respond(server: Server) -> bytes:
        if "range:" not in server.heads[-1].lower():
            return answer(PNG)
        field = f"Content-Range: {told.format(70_000)}\r\n" if told else ""
        return answer(encoded(quadrants(5, 5), "PNG"), "206 Partial", field)

    async with hosting(respond) as server:
        measured = await measured_at(server, folder)
    assert (measured.sent, measured.file_bytes) == (((640, 480),), len(PNG))
    assert len(server.heads) == 2


async def test_a_later_part_of_another_file_is_not_put_behind_the_first(folder: Path) -> None:
    picture, other = behind(2, JPEG), behind(3, encoded(quadrants(50, 50), "JPEG"))

    def respond(server: Server) -> bytes:
        return bytes(ranged(picture if len(server.heads) == 1 else other)(server))

    async with hosting(respond) as server:
        told = await measured_at(server, folder)
    assert (told.sent, told.file_bytes) == (((50, 50),), len(other))
    assert len(server.heads) == 3


async def test_a_later_part_that_does_not_follow_is_not_put_behind_the_first(folder: Path) -> None:
    picture = behind(2, JPEG)

    def respond(server: Server) -> bytes:
        if len(server.heads) == 2:
            return answer(picture[:9], "206 Partial", "Content-Range: bytes 0-8/9\r\n")
        return bytes(ranged(picture)(server))

    async with hosting(respond) as server:
        assert (await measured_at(server, folder)).sent == ((640, 480),)
    assert len(server.heads) == 3


async def test_a_host_that_sends_all_at_the_second_part_is_read_from_the_start(
    folder: Path,
) -> None:
    picture = behind(2, JPEG)

    def respond(server: Server) -> bytes:
        return answer(picture) if len(server.heads) == 2 else bytes(ranged(picture)(server))

    async with hosting(respond) as server:
        assert (await measured_at(server, folder)).sent == ((640, 480),)
    assert len(server.heads) == 2


async def test_a_host_without_such_a_part_is_asked_for_all(folder: Path) -> None:
    def respond(server: Server) -> bytes:
        has_range = "range:" in server.heads[-1].lower()
        return answer(b"", "416 Range Not Satisfiable") if has_range else answer(PNG)

    async with hosting(respond) as server:
        assert (await measured_at(server, folder)).sent == ((640, 480),)


async def test_a_host_of_short_parts_is_soon_asked_for_all(folder: Path) -> None:
    async with hosting(ranged(behind(2, JPEG), longest=1000)) as server:
        assert (await measured_at(server, folder)).sent == ((640, 480),)
    assert len(server.heads) == 6
    assert len(parts_asked(server)) == 5


async def test_an_empty_part_is_no_reason_to_ask_for_ever(folder: Path) -> None:
    def respond(server: Server) -> bytes:
        if "range:" not in server.heads[-1].lower():
            return answer(PNG)
        return answer(b"", "206 Partial", "Content-Range: bytes 0-0/9999\r\n")

    async with hosting(respond) as server:
        assert (await measured_at(server, folder)).sent == ((640, 480),)
    assert len(server.heads) == 2


@pytest.mark.parametrize(
    "head",
    [
        "206 Partial\r\nContent-Range: bytes 0-65535/1000001",
        "206 Partial\r\nContent-Range: bytes 0-65535/99999999999999999999",
        "200 OK\r\nContent-Length: 1000001",
    ],
)
async def test_a_file_that_is_too_large_is_refused_by_what_the_host_tells(
    folder: Path, head: str
) -> None:
    async with hosting(lambda _: f"HTTP/1.1 {head}\r\n\r\n".encode() + BIG[:65_536]) as server:
        error = await refusal_at(server, folder, max_bytes=1_000_000)
    assert error.code == "too_large"
    assert "offers more than" in error.message


async def test_never_more_is_read_than_the_bound(folder: Path) -> None:
    # All of it would be needed, and the host does not say how much that is.
    endless = encoded(quadrants(), "TIFF") + bytes(5_000_000)
    async with hosting(ranged(endless, total="*")) as server:
        assert (await refusal_at(server, folder, max_bytes=100_000)).code == "too_large"
    assert parts_asked(server) == ["bytes=0-65535", "bytes=65536-"]


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (answer(b"", "404 Gone"), "answered 404 Not Found"),
        (answer(b""), "answered with nothing"),
        (answer(PNG, "206 P", "Content-Range: bytes 0-9/10\r\nContent-Encoding: gzip\r\n"),
         "compressed"),
        (answer(b"<!doctype html><html>"), "it is a web page"),
    ],
    ids=["absent", "empty", "compressed", "page"],
)  # fmt: skip
async def test_an_answer_that_carries_no_picture_is_told_as_such(
    folder: Path, response: bytes, words: str
) -> None:
    async with hosting(lambda _: response) as server:
        error = await refusal_at(server, folder)
    assert words in error.message
    assert error.message.startswith("image 1 (http://127.0.0.1:")


async def test_of_a_page_that_is_no_picture_no_more_is_asked_for(folder: Path) -> None:
    page = b"<!doctype html><html>" + bytes(500_000)
    async with hosting(ranged(page)) as server:
        assert (await refusal_at(server, folder)).code == "not_an_image"
    assert parts_asked(server) == ["bytes=0-65535"]


async def test_the_part_is_asked_for_at_every_step_of_a_redirect(folder: Path) -> None:
    picture = behind(2, JPEG)

    def respond(server: Server) -> bytes:
        if server.heads[-1].split()[1] == "/i":
            return redirect("/there")
        return bytes(ranged(picture)(server))

    async with hosting(respond) as server:
        assert (await measured_at(server, folder)).sent == ((640, 480),)
    assert [head.split()[1] for head in server.heads] == ["/i", "/there", "/there"]
    assert len(parts_asked(server)) == 3


async def test_an_address_that_is_not_public_is_not_measured(folder: Path) -> None:
    async with hosting(ranged(PNG)) as server, room(folder) as images:
        for url in (f"http://127.0.0.1:{server.port}/i", "http://169.254.169.254/latest"):
            with pytest.raises(VisionError) as raised:
                await measure(images, url)
            assert raised.value.code == "blocked_address"
    assert server.heads == []


async def test_a_name_is_judged_anew_for_every_part(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hosting(ranged(encoded(noise(300, 200), "TIFF"))) as server:
        network = Network({"www.example": [["93.184.215.14"], ["127.0.0.1"]]}, server.port)
        network.install(monkeypatch)
        async with room(folder) as images:
            with pytest.raises(VisionError) as raised:
                await measure(images, "http://www.example/i")
        monkeypatch.undo()
    assert raised.value.code == "blocked_address"
    assert network.dialled == ["93.184.215.14"]
    assert len(server.heads) == 1


async def test_a_redirect_to_an_address_that_is_not_public_is_not_followed(folder: Path) -> None:
    async with hosting(lambda _: redirect("http://10.0.0.5/x")) as server:
        assert (await refusal_at(server, folder)).code == "blocked_address"


async def test_switched_off_urls_are_refused(folder: Path) -> None:
    async with hosting(ranged(PNG)) as server:
        error = await refusal_at(server, folder, url_mode="off")
    assert error.code == "not_allowed"
    assert server.heads == []


async def test_a_picture_that_the_provider_fetches_is_measured_here_and_sent_as_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = encoded(quadrants(3000, 2000), "PNG")
    async with hosting(ranged(picture)) as server:
        network = Network({"www.example": [["93.184.215.14"]]}, server.port)
        network.install(monkeypatch)
        async with room(folder, url_mode="pass") as images:
            url = "http://www.example/i.png"
            (passed,) = await measure(images, url, provider_fetches=True)
            (loaded,) = await measure(images, url)
            (cut,) = await measure(images, f"{url}#xywh=0,0,300,200", provider_fetches=True)
        monkeypatch.undo()
    assert (passed.sent, passed.sent_low) == (((3000, 2000),), ((3000, 2000),))
    assert (loaded.sent, loaded.sent_low) == (((1900, 1267),), ((512, 341),))
    assert cut.sent == ((300, 200),)
