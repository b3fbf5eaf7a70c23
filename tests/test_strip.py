"""Leaving out metadata without decoding: what draws the picture stays, all else goes."""

from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from grok_vision.images.strip import DamagedError, count_scans, strip_jpeg, strip_png
from tests.support import encoded, noise, quadrants

PNG = encoded(quadrants(), "PNG")
JPEG = encoded(noise(64, 48), "JPEG", quality=95)
PROGRESSIVE = encoded(noise(64, 48), "JPEG", progressive=True)


def decoded(data: bytes) -> bytes:
    with Image.open(BytesIO(data)) as image:
        return image.tobytes()


def noted() -> PngInfo:
    notes = PngInfo()
    notes.add_text("Author", "SECRET")
    notes.add_itxt("XML:com.adobe.xmp", "SECRET", zip=True)
    return notes


@pytest.mark.parametrize("data", [PNG, encoded(quadrants(mode="P"), "PNG", optimize=True)])
def test_a_png_without_metadata_is_returned_byte_for_byte(data: bytes) -> None:
    stripped = strip_png(data)
    assert (stripped.data, stripped.changed) == (data, False)


@pytest.mark.parametrize(
    "data",
    [
        JPEG,
        PROGRESSIVE,
        encoded(quadrants(), "JPEG", restart_marker_blocks=1),
        encoded(quadrants(mode="L"), "JPEG"),
        encoded(quadrants(mode="CMYK"), "JPEG"),
    ],
)
def test_a_jpeg_without_metadata_is_returned_byte_for_byte(data: bytes) -> None:
    stripped = strip_jpeg(data)
    assert (stripped.data, stripped.changed) == (data, False)


@pytest.mark.parametrize(
    "options",
    [
        {"pnginfo": noted()},
        {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0SECRET"},
        {"icc_profile": b"SECRET" * 50},
        {"dpi": (300, 300)},
    ],
)
def test_everything_that_does_not_draw_a_png_is_left_out(options: dict[str, object]) -> None:
    stripped = strip_png(encoded(quadrants(), "PNG", **options) + b"SECRET")
    assert stripped.changed
    assert stripped.data == PNG


@pytest.mark.parametrize(
    "options",
    [
        {"comment": b"SECRET"},
        {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0SECRET"},
        {"icc_profile": b"SECRET" * 50},
        {"xmp": b"SECRET"},
    ],
)
def test_everything_that_does_not_draw_a_jpeg_is_left_out(options: dict[str, object]) -> None:
    whole = encoded(noise(64, 48), "JPEG", quality=95, **options) + b"SECRET"
    stripped = strip_jpeg(whole)
    assert stripped.changed
    assert b"SECRET" not in stripped.data
    assert decoded(stripped.data) == decoded(whole)


def test_the_exif_of_a_png_is_found_wherever_it_stands() -> None:
    whole = encoded(quadrants(), "PNG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0")
    start = whole.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(whole[start : start + 4])
    moved = whole[:start] + whole[end:-12] + whole[start:end] + whole[-12:]
    assert strip_png(moved).exif == strip_png(whole).exif != b""


def test_further_frames_of_an_animated_png_are_left_out() -> None:
    frames = [quadrants(), quadrants().transpose(Image.Transpose.ROTATE_180)]
    moving = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert decoded(strip_png(moving).data) == decoded(moving)
    assert b"fdAT" not in strip_png(moving).data


@pytest.mark.parametrize("data", [PNG, JPEG, PROGRESSIVE])
def test_a_file_that_is_cut_off_anywhere_is_damaged(data: bytes) -> None:
    strip = strip_png if data is PNG else strip_jpeg
    for length in range(8, len(data)):
        with pytest.raises(DamagedError):
            strip(data[:length])


@given(place=st.integers(8, len(PNG) - 1), value=st.integers(0, 255))
def test_one_wrong_byte_in_a_png_is_damage_or_lies_where_nothing_is_drawn(
    place: int, value: int
) -> None:
    hostile = bytearray(PNG)
    hostile[place] = value
    try:
        stripped = strip_png(bytes(hostile))
    except DamagedError:
        return
    assert decoded(stripped.data) == decoded(PNG)


@given(data=st.binary(max_size=400))
def test_no_bytes_make_it_raise_anything_else_or_never_end(data: bytes) -> None:
    for strip, start in ((strip_png, PNG[:8]), (strip_jpeg, JPEG[:2])):
        try:
            strip(start + data)
        except DamagedError:
            continue


def test_the_scans_of_a_jpeg_are_counted_up_to_its_end_and_not_beyond() -> None:
    assert count_scans(JPEG) == 1
    assert count_scans(PROGRESSIVE) > 3
    assert count_scans(JPEG + b"\xff\xda" * 1000) == 1


def test_pieces_are_not_reordered() -> None:
    kinds = [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    data = strip_png(encoded(quadrants(mode="P"), "PNG", pnginfo=noted())).data
    places = [data.index(kind) for kind in kinds]
    assert all(one < other for one, other in pairwise(places))
