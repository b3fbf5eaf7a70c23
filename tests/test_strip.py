"""Leaving out metadata without decoding: what draws the picture stays, all else goes."""

import zlib
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from grok_vision.images.strip import DamagedError, FloodError, strip_jpeg, strip_png
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
    assert (stripped.data, stripped.has_metadata) == (data, False)


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
    assert (stripped.data, stripped.has_metadata) == (data, False)


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
    assert stripped.has_metadata
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
    assert stripped.has_metadata
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
def test_one_wrong_byte_in_a_png_is_damage(place: int, value: int) -> None:
    hostile = bytearray(PNG)
    hostile[place] = value
    if hostile == PNG:
        return
    with pytest.raises(DamagedError):
        strip_png(bytes(hostile))


@given(data=st.binary(max_size=400))
def test_no_bytes_make_it_raise_anything_else_or_never_end(data: bytes) -> None:
    for strip, start in ((strip_png, PNG[:8]), (strip_jpeg, JPEG[:2])):
        try:
            strip(start + data)
        except DamagedError:
            continue


def test_the_scans_of_a_jpeg_are_counted_up_to_its_end_and_not_beyond() -> None:
    assert strip_jpeg(JPEG).scans == 1
    assert strip_jpeg(PROGRESSIVE).scans > 3
    assert strip_jpeg(JPEG + b"\xff\xda" * 1000).scans == 1


def test_a_flood_of_parts_is_not_read_to_its_end() -> None:
    chunk = b"\0\0\0\0tEXt" + zlib.crc32(b"tEXt").to_bytes(4)
    with pytest.raises(FloodError):
        strip_png(PNG[:8] + chunk * 100_000)
    with pytest.raises(FloodError):
        strip_jpeg(JPEG[:2] + b"\xff\xfe\x00\x02" * 100_000)


@pytest.mark.parametrize("marker", [0xC3, 0xC9, 0xCA, 0xCF])
def test_a_frame_that_few_decoders_know_is_not_passed_on(marker: int) -> None:
    with pytest.raises(DamagedError):
        strip_jpeg(JPEG.replace(b"\xff\xc0", bytes((0xFF, marker))))


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return len(content).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)


@pytest.mark.parametrize(
    "hidden",
    [
        chunk(b"sBIT", b"SECRET"),
        chunk(b"gAMA", b"SECRET"),
        chunk(b"zzZz", b"SECRET"),
        chunk(b"tRNS", b"SECRET" * 100),
    ],
)
def test_a_part_of_the_wrong_length_hides_nothing(hidden: bytes) -> None:
    stripped = strip_png(PNG[:33] + hidden + PNG[33:])
    assert (stripped.data, stripped.has_metadata) == (PNG, True)


@pytest.mark.parametrize("late", [chunk(b"tRNS", bytes(6)), chunk(b"PLTE", bytes(3))])
def test_a_part_that_stands_behind_the_pixels_is_left_out(late: bytes) -> None:
    assert strip_png(PNG[:-12] + late + PNG[-12:]).data == PNG


def test_an_end_chunk_carries_nothing() -> None:
    assert strip_png(PNG[:-12] + chunk(b"IEND", b"SECRET")).data == PNG


def test_what_changes_the_looks_of_a_png_is_kept() -> None:
    gamma, srgb = chunk(b"gAMA", (45455).to_bytes(4)), chunk(b"sRGB", b"\0")
    whole = PNG[:33] + gamma + srgb + PNG[33:]
    assert strip_png(whole).data == whole


def lengthened(jpeg: bytes, name: bytes, more: bytes) -> bytes:
    """Return the JPEG with more at the end of the segment of this name."""
    start = jpeg.index(name) - 2
    end = start + int.from_bytes(jpeg[start : start + 2])
    length = (end - start + len(more)).to_bytes(2)
    return jpeg[:start] + length + jpeg[start + 2 : end] + more + jpeg[end:]


def in_rgb() -> bytes:
    """Return a JPEG that is RGB because Adobe's header says so, and for no other reason."""
    data = bytearray(encoded(quadrants(), "JPEG", keep_rgb=True))
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    for number, component in enumerate((1, 2, 3)):
        data[frame + 10 + 3 * number] = data[scan + 5 + 2 * number] = component
    return bytes(data)


@pytest.mark.parametrize("short", [in_rgb(), encoded(quadrants(mode="CMYK"), "JPEG")])
def test_of_adobes_header_what_tells_the_colours_is_kept(short: bytes) -> None:
    long = lengthened(short, b"Adobe", b"SECRET")
    stripped = strip_jpeg(long)
    assert (stripped.data, stripped.has_metadata) == (short, True)
    assert decoded(stripped.data) == decoded(long)


def test_of_jfifs_header_all_but_its_thumbnail_is_kept() -> None:
    thumbnail = lengthened(JPEG, b"JFIF", b"SECRET").replace(b"\0\0SECRET", b"\1\2SECRET")
    assert decoded(thumbnail) == decoded(JPEG)
    stripped = strip_jpeg(thumbnail)
    assert (stripped.data, stripped.has_metadata) == (JPEG, True)


@pytest.mark.parametrize("hidden", [b"Adobe SECRET", b"JFIF\0 SECRET", b"JFXX\0 SECRET!!!"])
def test_a_segment_that_only_resembles_such_a_header_is_left_out(hidden: bytes) -> None:
    for marker in (b"\xff\xe0", b"\xff\xee"):
        content = hidden[: 11 if marker == b"\xff\xee" else None]
        segment = marker + (len(content) + 2).to_bytes(2) + content
        stripped = strip_jpeg(JPEG[:2] + segment + JPEG[2:])
        assert (stripped.data, stripped.has_metadata) == (JPEG, True)


@pytest.mark.parametrize(("data", "progressive"), [(JPEG, False), (PROGRESSIVE, True)])
def test_whether_a_jpeg_is_progressive_is_told(data: bytes, progressive: bool) -> None:
    assert strip_jpeg(data).progressive is progressive


def test_pieces_are_not_reordered() -> None:
    kinds = [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    data = strip_png(encoded(quadrants(mode="P"), "PNG", pnginfo=noted())).data
    places = [data.index(kind) for kind in kinds]
    assert all(one < other for one, other in pairwise(places))


PNG_KINDS = [
    b"IHDR",
    b"PLTE",
    b"tRNS",
    b"gAMA",
    b"IDAT",
    b"tEXt",
    b"eXIf",
    b"iCCP",
    b"zzZz",
    b"IEND",
]
DRAWING_KINDS = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"IDAT", b"IEND"}
CONTENTS = st.binary(max_size=20) | st.sampled_from([4, 13]).map(bytes)


def kinds_of(png: bytes) -> list[bytes]:
    found, place = [], 8
    while place < len(png):
        found.append(png[place + 4 : place + 8])
        place += 12 + int.from_bytes(png[place : place + 4])
    return found


@given(
    chunks=st.lists(st.tuples(st.sampled_from(PNG_KINDS), CONTENTS), max_size=8),
    trailing=st.binary(max_size=8),
)
def test_of_any_chunks_some_that_draw_are_left_in_their_order(
    chunks: list[tuple[bytes, bytes]], trailing: bytes
) -> None:
    whole = PNG[:8] + b"".join(chunk(*each) for each in chunks) + chunk(b"IEND", b"") + trailing
    stripped = strip_png(whole)
    written = iter([kind for kind, _ in chunks] + [b"IEND"])
    assert all(kind in written for kind in kinds_of(stripped.data))
    assert set(kinds_of(stripped.data)) <= DRAWING_KINDS
    assert stripped.has_metadata == (stripped.data != whole)
    again = strip_png(stripped.data)
    assert (again.data, again.has_metadata) == (stripped.data, False)


MARKERS = [0xE0, 0xE1, 0xEE, 0xFE, 0xDB, 0xC4, 0xC0, 0xC2, 0xDD, 0xDA, 0xF0]
DRAWING_MARKERS = {0xE0, 0xEE, 0xDB, 0xC4, 0xC0, 0xC2, 0xDD, 0xDA}
BODIES = st.binary(max_size=20) | st.sampled_from(
    [b"JFIF\0" + bytes(9), b"Adobe" + bytes(7), b"JFIF\0" + bytes(30), b"Adobe" + bytes(30)]
)
CODED = st.lists(st.sampled_from([b"a", b"\xff\0", b"\xff\xd0"]), max_size=6).map(b"".join)


@given(
    segments=st.lists(st.tuples(st.sampled_from(MARKERS), BODIES, CODED), max_size=8),
    trailing=st.binary(max_size=8),
)
def test_of_any_segments_those_that_draw_are_left_in_their_order(
    segments: list[tuple[int, bytes, bytes]], trailing: bytes
) -> None:
    scan = (0xDA, b"", b"coded")
    pieces = [
        bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body + coded * (marker == 0xDA)
        for marker, body, coded in [*segments, scan]
    ]
    whole = b"".join([JPEG[:2], *pieces, b"\xff\xd9", trailing])
    stripped = strip_jpeg(whole)
    assert stripped.data.startswith(JPEG[:2])
    assert stripped.data.endswith(pieces[-1] + b"\xff\xd9")
    assert stripped.scans == sum(marker == 0xDA for marker, _, _ in [*segments, scan])
    kept = stripped.data[2:-2]
    for piece in pieces:
        length = {0xE0: 16, 0xEE: 14}.get(piece[1], 0)
        shortened = piece[:2] + length.to_bytes(2) + piece[4 : 2 + length]
        if piece[1] in DRAWING_MARKERS and kept.startswith(piece):
            kept = kept.removeprefix(piece)
        elif length and len(piece) >= 2 + length:
            kept = kept.removeprefix(shortened)
    assert kept == b""
    assert stripped.has_metadata == (stripped.data != whole)
    again = strip_jpeg(stripped.data)
    assert (again.data, again.has_metadata) == (stripped.data, False)
