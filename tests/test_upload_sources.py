"""The source `image://…`: read as others are, found for its owner only, refused where none are."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from PIL import Image

from grok_vision.errors import ImageError, SharedStateError, SourceError, VisionError
from grok_vision.images import Images, Policy
from grok_vision.images.checking import check
from grok_vision.images.source import UploadSource, parse
from grok_vision.images.wanted import Wanted
from grok_vision.providers import considered
from grok_vision.settings import Settings
from grok_vision.shared import UnavailableError
from grok_vision.shelves import MemoryShelf
from grok_vision.uploads import Uploads, calling_as
from grok_vision.vocabulary import Detail
from tests.documents import pdf, svg
from tests.support import connected, encoded, error_text, noise, quadrants

pytestmark = pytest.mark.anyio

DIGEST = "0123456789abcdef" * 4
GROK = considered(Settings(), "grok-4.3").images
LOW: Detail = "low"
POLICY = Policy(roots=(), max_bytes=2**20, max_pixels=1_000_000, fetch_deadline=5.0)


def uploads(**given: Any) -> Uploads:
    bounds = {"per_owner": 2**20, "in_all": 2**20, "seconds": math.inf, **given}
    return Uploads(MemoryShelf(**bounds), hours=24.0)


class Away:
    """A shelf that cannot be reached."""

    async def put(self, owner: str, name: str, data: bytes) -> bool:
        raise UnavailableError("Redis cannot be reached")

    async def get(self, owner: str, name: str) -> bytes | None:
        raise UnavailableError("Redis cannot be reached")


@pytest.mark.parametrize(
    "written",
    [
        f"image://{DIGEST}",
        f"IMAGE://{DIGEST.upper()}",
        f"  image://{DIGEST}\n",
        f'"image://{DIGEST}"',
    ],
)
def test_an_upload_is_named_by_its_digest_in_any_case(written: str) -> None:
    source = parse(written, max_bytes=1)
    assert isinstance(source, UploadSource)
    assert source.digest == DIGEST


def test_a_fragment_selects_a_part_of_an_upload() -> None:
    source = parse(f"image://{DIGEST}#xywh=1,2,3,4&page=2", max_bytes=1)
    assert isinstance(source, UploadSource)
    assert source.selection.crop is not None
    assert (source.selection.crop.text, source.selection.page) == ("1,2,3,4", 2)
    assert source.label == f"image://{DIGEST}"
    with pytest.raises(ImageError, match="a region is written"):
        parse(f"image://{DIGEST}#xywh=1", max_bytes=1)


@pytest.mark.parametrize(
    "rest", ["", "x", DIGEST[1:], f"{DIGEST}0", f"{DIGEST[1:]}g", f"/{DIGEST}"]
)
def test_what_is_no_digest_is_refused_and_says_what_belongs_there(rest: str) -> None:
    with pytest.raises(SourceError, match="64 hexadecimal digits") as caught:
        parse(f"image://{rest}", max_bytes=1)
    assert caught.value.code == "bad_source"


async def test_the_same_bytes_have_the_same_name_and_other_bytes_another() -> None:
    kept = uploads()
    first = await kept.keep(b"one")
    assert await kept.keep(b"one") == first
    assert await kept.keep(b"two") != first


async def test_an_upload_is_found_by_its_owner_and_for_others_there_is_none() -> None:
    kept = uploads()
    with calling_as("ann"):
        digest = (await kept.keep(b"picture")).removeprefix("image://")
    for other in ("bob", ""):
        with calling_as(other):
            assert await kept.find(digest) is None
    assert await kept.find(digest) is None
    with calling_as("ann"):
        assert await kept.find(digest) == b"picture"


async def test_tasks_that_are_begun_for_an_owner_stay_theirs() -> None:
    kept = uploads()
    found: dict[str, bytes | None] = {}

    async def find(digest: str, beginner: str) -> None:
        await anyio.lowlevel.checkpoint()
        found[beginner] = await kept.find(digest)

    with calling_as("ann"):
        digest = (await kept.keep(b"picture")).removeprefix("image://")
    async with anyio.create_task_group() as group:
        with calling_as("ann"):
            group.start_soon(find, digest, "ann")
        group.start_soon(find, digest, "")
    assert found == {"ann": b"picture", "": None}


async def test_what_others_put_in_the_place_of_an_upload_is_none() -> None:
    shelf = MemoryShelf(per_owner=2**20, in_all=2**20, seconds=60)
    kept = Uploads(shelf, hours=1)
    digest = (await kept.keep(b"picture")).removeprefix("image://")
    await shelf.put("", digest, b"another")
    assert await kept.find(digest) is None


async def test_an_upload_larger_than_what_is_kept_of_an_owner_is_refused() -> None:
    with pytest.raises(
        SourceError, match=r"it has 1,025 bytes.*GROK_VISION_UPLOAD_BYTES"
    ) as caught:
        await uploads(per_owner=1024).keep(bytes(1025))
    assert caught.value.code == "too_large"


async def test_a_shelf_that_is_away_is_told_with_a_code() -> None:
    kept = Uploads(Away(), hours=1)
    for work in (kept.keep(b"1"), kept.find(DIGEST)):
        with pytest.raises(SharedStateError, match=r"Redis cannot be reached.*try again") as caught:
            await work
        assert caught.value.code == "unavailable"


async def told(images: Images, source: str) -> str:
    with pytest.raises(VisionError) as caught:
        await images.prepare([source], limits=GROK, detail=LOW)
    return str(caught.value)


async def test_an_upload_is_prepared_measured_and_opened_as_any_picture() -> None:
    kept = uploads()
    images = Images(POLICY, uploads=kept)
    data = encoded(quadrants(), "PNG")
    source = f"{await kept.keep(data)}#xywh=0,0,32,24"
    (prepared,) = await images.prepare([source], limits=GROK, detail=LOW)
    (measured,) = await images.measure([source], limits=GROK, detail=LOW)
    (opened,) = await images.open([source])
    assert (prepared.report.source, prepared.report.bytes) == (source, len(data))
    assert (measured.width, measured.height, measured.file_bytes) == (64, 48, len(data))
    assert measured.sent == ((32, 24),)
    assert opened.loaded.data == data
    await images.aclose()


async def test_an_upload_that_is_gone_is_told_with_its_time_and_what_to_do() -> None:
    answer = await told(Images(POLICY, uploads=uploads()), f"image://{DIGEST}")
    assert answer.startswith(f"[not_found] image 1 (image://{DIGEST}): no such upload of yours")
    assert "24 h" in answer
    assert "upload it again" in answer


async def test_where_nobody_uploads_the_source_is_refused(folder: Path) -> None:
    answer = await told(Images(POLICY), f"image://{DIGEST}")
    assert answer.startswith(f"[not_allowed] image 1 (image://{DIGEST}): this server takes no upl")
    async with connected(None, folder, provider="local") as client:
        result = await client.call_tool("describe_image", {"image": f"image://{DIGEST}"})
    assert error_text(result) == answer


@pytest.mark.parametrize("source", ["/home/me/shot.png", "shot.png", "latest", "clipboard"])
async def test_who_names_a_file_of_another_machine_is_told_to_upload_it(
    folder: Path, source: str
) -> None:
    policy = replace(POLICY, roots=(folder,))
    answer = await told(Images(policy, uploads=uploads()), source)
    assert "upload it (POST the file to /images" in answer
    assert "/images" not in await told(Images(policy), source)
    (folder / "notes.txt").write_text("no picture")
    assert "/images" not in await told(Images(policy, uploads=uploads()), str(folder / "notes.txt"))


async def test_a_picture_is_checked_without_a_provider() -> None:
    images = Images(POLICY)
    many = noise(60, 40)
    for data, told in (
        (encoded(quadrants(), "PNG"), ("PNG", 64, 48)),
        (encoded(many, "JPEG"), ("JPEG", 60, 40)),
        (encoded(many, "WEBP"), ("WEBP", 60, 40)),
        (encoded(Image.new("RGB", (1, 1)), "GIF"), ("GIF", 1, 1)),
        (svg("", 'width="120" height="80"'), ("SVG", 120, 80)),
        (pdf(), ("PDF", 100, 50)),
    ):
        found = await images.check(data)
        assert (found.format, found.width, found.height) == told
    await images.aclose()


@pytest.mark.parametrize(
    ("data", "size"),
    [(encoded(noise(60, 40), "WEBP"), (60, 40)), (svg("", 'width="9e3" height="9"'), (9000, 9))],
    ids=["pixels", "drawing"],
)
def test_what_is_checked_in_a_process_apart_is_drawn_to_its_end(
    data: bytes, size: tuple[int, int]
) -> None:
    wanted = Wanted(limits=GROK, detail=LOW, max_pixels=1_000_000)
    found = check(data, wanted)
    assert (found.width, found.height) == size
    with pytest.raises(ImageError):
        check(data[: len(data) // 2], wanted)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_an_image"),
        (b"<html><body>", "not_an_image"),
        (b'{"image": "x"}', "not_an_image"),
        (b"8BPS", "unsupported_format"),
        (encoded(noise(64, 48), "PNG")[:5000], "damaged_image"),
        (encoded(noise(64, 48), "WEBP")[:1000], "damaged_image"),
        (encoded(Image.new("1", (1001, 1000)), "PNG"), "too_many_pixels"),
        (encoded(Image.new("L", (1001, 1000)), "WEBP"), "too_many_pixels"),
        (
            encoded(quadrants(), "PNG").replace(b"\r\n", b"", 1).replace(b"\n", b"", 1),
            "damaged_image",
        ),
        (b"data:image/png;base64,iVBORw0KGgo=", "bad_source"),
        (b"DATA:image/png;base64,iVBORw0KGgo=", "bad_source"),
        (b'"iVBORw0KGgo' + b"A" * 8000 + b'"', "bad_source"),
        (b"/9j/" + b"A" * 70 + b"\n" + b"A" * 76, "bad_source"),
    ],
)
async def test_what_calls_could_not_use_is_refused_beforehand(data: bytes, code: str) -> None:
    with pytest.raises(VisionError) as caught:
        await Images(POLICY).check(data)
    assert caught.value.code == code
    assert "AAAA" not in str(caught.value)
