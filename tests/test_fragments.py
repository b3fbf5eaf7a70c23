"""Fragments: the rectangle, page or moment that is selected, and where they are no selection."""

import base64
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grok_vision.errors import ImageError, SourceError
from grok_vision.images.local import LocalFiles
from grok_vision.images.selection import WHOLE, Crop, Selection, parse_selection
from grok_vision.images.source import (
    ClipboardSource,
    DataSource,
    FileSource,
    LatestSource,
    UrlSource,
    parse,
)

CROP = Crop(10, 20, 300, 200)
QUARTER = Crop(25, 25, 50, 50, percent=True)


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("xywh=10,20,300,200", Selection(CROP)),
        ("xywh=pixel:10,20,300,200", Selection(CROP)),
        ("xywh=10, 20, 300, 200", Selection(CROP)),
        ("xywh=pixel%3A10%2C20%2C300%2C200", Selection(CROP)),
        ("%78ywh=10,20,300,200", Selection(CROP)),
        ("xywh=percent:25,25,50,50", Selection(QUARTER)),
        ("xywh=percent:12.5,0,87.5,100", Selection(Crop(12.5, 0, 87.5, 100, percent=True))),
        ("page=2", Selection(page=2)),
        ("Page=2", Selection(page=2)),
        ("page=2&zoom=100", Selection(page=2)),
        ("page=2&page=3", Selection(page=3)),
        ("t=1.5", Selection(seconds=1.5)),
        ("t=npt:1.5", Selection(seconds=1.5)),
        ("t=1.5,3", Selection(seconds=1.5)),
        ("t=,3", Selection(seconds=0)),
        ("t=0", Selection(seconds=0)),
        ("t=10s", Selection(seconds=10)),
        ("t=01:30", Selection(seconds=90)),
        ("t=1:02:03.5,1:10:00", Selection(seconds=3723.5)),
        ("page=2&xywh=10,20,300,200", Selection(CROP, page=2)),
        ("xywh=10,20,300,200&page=2", Selection(CROP, page=2)),
        ("t=2&track=1&xywh=percent:25,25,50,50", Selection(QUARTER, seconds=2)),
    ],
)
def test_a_fragment_selects_by_the_standards_of_the_web(fragment: str, expected: Selection) -> None:
    assert parse_selection(fragment) == expected


@pytest.mark.parametrize("fragment", ["", "top", "page", "12", "id=x", "/route?page=2", "x" * 5000])
def test_a_fragment_of_another_kind_selects_nothing(fragment: str) -> None:
    assert parse_selection(fragment) is None


@pytest.mark.parametrize(
    ("fragment", "told"),
    [
        ("xywh=1,2,3", "xywh=left,top,width,height"),
        ("xywh=1,2,3,4,5", "xywh=left,top,width,height"),
        ("xywh=-1,2,3,4", "xywh=left,top,width,height"),
        ("xywh=a,b,c,d", "xywh=left,top,width,height"),
        ("xywh=1e3,2,3,4", "xywh=left,top,width,height"),
        ("xywh=", "xywh=left,top,width,height"),
        ("xywh=\u0661,2,3,4", "xywh=left,top,width,height"),
        ("xywh=inches:1,2,3,4", "xywh=left,top,width,height"),
        ("xywh=1,2,0,4", "the region xywh=1,2,0,4 is empty"),
        ("xywh=percent:1,2,3,0", "the region xywh=percent:1,2,3,0 is empty"),
        ("xywh=percent:0,0,101,50", "over 100 percent"),
        ("page=0", "counted from 1"),
        ("page=-1", "counted from 1"),
        ("page=two", "counted from 1"),
        ("page=", "counted from 1"),
        ("t=", "in seconds"),
        ("t=npt:", "in seconds"),
        ("t=3,1", "in seconds"),
        ("t=,0", "in seconds"),
        ("t=soon", "in seconds"),
        ("t=smpte:0:00:01:00", "in seconds"),
        ("page=1&xywh=1", "xywh=left,top,width,height"),
    ],
)
def test_a_selection_that_cannot_be_is_a_bad_region(fragment: str, told: str) -> None:
    with pytest.raises(ImageError, match=re.escape(told)) as caught:
        parse_selection(fragment)
    assert caught.value.code == "bad_region"


@pytest.mark.parametrize(
    ("crop", "size", "box"),
    [
        (CROP, (1000, 1000), (10, 20, 310, 220)),
        (CROP, (100, 100), (10, 20, 100, 100)),
        (QUARTER, (1000, 800), (250, 200, 750, 600)),
        (QUARTER, (3, 5), (0, 1, 3, 4)),
        (Crop(0.5, 0.5, 1, 1), (10, 10), (0, 0, 2, 2)),
        (Crop(0.1, 0.1, 0.2, 0.2, percent=True), (1000, 1000), (1, 1, 3, 3)),
        (Crop(99, 99, 100, 100, percent=True), (1, 1), (0, 0, 1, 1)),
    ],
)
def test_a_crop_is_the_pixels_of_the_picture_that_it_touches(
    crop: Crop, size: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    assert crop.box(size) == box


@pytest.mark.parametrize(
    "crop", [Crop(100, 0, 10, 10), Crop(0, 50, 9, 9), Crop(100, 0, 1, 1, True)]
)
def test_a_crop_beside_the_picture_is_refused_with_the_size(crop: Crop) -> None:
    with pytest.raises(ImageError, match=f"the region {crop} .* 100x50") as caught:
        crop.box((100, 50))
    assert caught.value.code == "bad_region"


NUMBERS = st.floats(0, 1e6)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.booleans(), *[st.integers(1, 100_000)] * 2)
def test_a_crop_never_leaves_the_picture(
    x: float, y: float, across: float, down: float, percent: bool, width: int, height: int
) -> None:
    try:
        left, top, right, bottom = Crop(x, y, across, down, percent).box((width, height))
    except ImageError:
        return
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


@given(*[st.integers(0, 999_999_999)] * 2, *[st.integers(1, 999_999_999)] * 2)
def test_a_crop_that_is_written_out_is_read_again(x: int, y: int, width: int, height: int) -> None:
    written = f"xywh={x},{y},{width},{height}"
    assert parse_selection(written) == Selection(Crop(x, y, width, height))


@pytest.mark.parametrize(
    ("written", "url", "selection"),
    [
        ("https://x.org/a.png#xywh=10,20,300,200", "https://x.org/a.png", Selection(CROP)),
        ("https://x.org/a.pdf?v=1#page=2", "https://x.org/a.pdf?v=1", Selection(page=2)),
        ("https://x.org/a.png#top", "https://x.org/a.png", WHOLE),
        ("https://x.org/a.png#", "https://x.org/a.png", WHOLE),
        ("https://x.org/a.png", "https://x.org/a.png", WHOLE),
    ],
)
def test_the_fragment_of_a_url_is_taken_off(written: str, url: str, selection: Selection) -> None:
    source = parse(written, max_bytes=1)
    assert isinstance(source, UrlSource)
    assert (source.url, source.selection, source.written) == (url, selection, written)


@pytest.mark.parametrize(
    ("fragment", "selection"),
    [("#xywh=10,20,300,200", Selection(CROP)), ("#top", WHOLE), ("", WHOLE)],
)
def test_a_data_uri_may_have_a_fragment(fragment: str, selection: Selection) -> None:
    uri = f"data:image/png;base64,{base64.b64encode(b'bytes').decode()}{fragment}"
    assert parse(uri, max_bytes=5) == DataSource("image/png", b"bytes", selection)


@pytest.mark.parametrize(
    ("word", "kind"), [("latest", LatestSource), ("Clipboard", ClipboardSource)]
)
def test_a_picture_that_is_looked_for_may_have_a_fragment(
    word: str, kind: type[LatestSource | ClipboardSource]
) -> None:
    source = parse(f"{word}#xywh=10,20,300,200", max_bytes=1)
    assert isinstance(source, kind)
    assert source.selection == Selection(CROP)
    assert isinstance(parse(f"{word}#top", max_bytes=1), FileSource)


def test_a_bad_region_of_a_url_or_a_data_uri_is_told_before_anything_is_read() -> None:
    for written in ("https://x.org/a.png#page=0", "data:;base64,AAAA#page=0", "latest#page=0"):
        with pytest.raises(ImageError) as caught:
            parse(written, max_bytes=10)
        assert caught.value.code == "bad_region"


def read(folder: Path, written: str) -> tuple[bytes, Selection]:
    source = parse(written, max_bytes=1)
    assert isinstance(source, FileSource)
    file = LocalFiles([folder], max_bytes=100).read(source)
    return file.data, file.selection


@pytest.mark.parametrize(
    "written",
    ["{}#page=2", '"{}#page=2"', '"{}"#page=2', "@{}#page=2", " {}#page=2 ", "file://{}#page=2"],
)
def test_a_fragment_of_a_path_selects_from_the_file(folder: Path, written: str) -> None:
    (folder / "a.pdf").write_bytes(b"pages")
    assert read(folder, written.format(folder / "a.pdf")) == (b"pages", Selection(page=2))


@pytest.mark.parametrize("name", ["a.png#page=2", "a.png#xywh=0,0,0,0", "a#page=2.png#page=2"])
def test_a_file_whose_name_holds_the_fragment_wins(folder: Path, name: str) -> None:
    (folder / "a.png").write_bytes(b"another")
    (folder / name).write_bytes(b"this one")
    assert read(folder, f"{folder}/{name}") == (b"this one", WHOLE)


def test_only_what_follows_the_last_mark_is_the_fragment(folder: Path) -> None:
    (folder / "a#1.png").write_bytes(b"this one")
    assert read(folder, f"{folder}/a#1.png#page=2") == (b"this one", Selection(page=2))
    assert read(folder, f"file://{folder}/a%231.png#page=2") == (b"this one", Selection(page=2))


def test_a_mark_that_a_file_url_encodes_is_part_of_the_name(folder: Path) -> None:
    (folder / "a.png").write_bytes(b"another")
    with pytest.raises(SourceError, match="no such file"):
        read(folder, f"file://{folder}/a.png%23page=2")


def test_a_fragment_of_another_kind_is_part_of_the_name(folder: Path) -> None:
    (folder / "a.png").write_bytes(b"another")
    with pytest.raises(SourceError, match=r"no such file; near names in the same folder: a\.png"):
        read(folder, f"{folder}/a.png#top")


def test_a_bad_region_of_a_path_is_told_unless_a_file_is_called_so(folder: Path) -> None:
    (folder / "a.png").write_bytes(b"another")
    with pytest.raises(ImageError) as caught:
        read(folder, f"{folder}/a.png#xywh=1,2,3")
    assert caught.value.code == "bad_region"


def test_a_twin_is_found_behind_a_fragment(folder: Path) -> None:
    (folder / "2\u202fPM.png").write_bytes(b"this one")
    assert read(folder, f"{folder}/2 PM.png#page=1") == (b"this one", Selection(page=1))


PICTURE = bytes(range(256))  # with both letters that the alphabet of URLs writes otherwise
BASE64 = base64.b64encode(PICTURE).decode()


@pytest.mark.parametrize(
    "encoded",
    [
        BASE64,
        BASE64.rstrip("="),
        BASE64.replace("+", "-").replace("/", "_"),
        BASE64.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
        base64.encodebytes(PICTURE).decode(),
        f" {BASE64}",
    ],
)
def test_a_data_uri_is_read_in_every_common_spelling_and_judged_by_its_bytes(encoded: str) -> None:
    source = parse(f"data:image/png;base64,{encoded}", max_bytes=len(PICTURE))
    assert isinstance(source, DataSource)
    assert source.data == PICTURE
    with pytest.raises(SourceError, match="256 bytes") as caught:
        parse(f"data:image/png;base64,{encoded}", max_bytes=len(PICTURE) - 1)
    assert caught.value.code == "too_large"
