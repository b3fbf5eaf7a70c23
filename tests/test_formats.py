"""Documents, icons, animations and rare pictures: the model sees what a person sees."""

import gzip
import random
import sys
import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageCms

from grok_vision.errors import ConfigurationError, ImageError, VisionError
from grok_vision.images.decode import pixels, verify
from grok_vision.images.formats import sniff
from grok_vision.images.frames import frame_warning
from tests.documents import (
    BLACK,
    BLUE,
    FOUR,
    GREEN,
    RED,
    WHITE,
    Colour,
    bitmap,
    cmyk_profile,
    corners,
    icon,
    near,
    opened,
    pdf,
    seen,
    stream,
    svg,
)
from tests.fake_xai import FakeXAI
from tests.support import describe, encoded, quadrants, structured

pillow_heif.register_heif_opener()

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def turned(kind: str, orientation: int) -> bytes:
    upright = quadrants(96, 64)
    stored = upright.transpose(TURNS[orientation]) if orientation in TURNS else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(stored, kind, exif=exif.tobytes())


FOUR_IN_PDF = pdf(
    b"1 0 0 rg 0 32 48 32 re f 0 1 0 rg 48 32 48 32 re f 0 0 1 rg 0 0 48 32 re f", box="0 0 96 64"
)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.heic", encoded(quadrants(96, 64), "HEIF", quality=95), "HEIF"),
        ("a.svg", FOUR, "SVG"),
        ("a.svgz", gzip.compress(FOUR, mtime=0), "SVG"),
        ("a.pdf", FOUR_IN_PDF, "PDF"),
        ("a.ico", icon(encoded(quadrants(96, 64), "PNG")), "ICO"),
        ("a.cur", icon(encoded(quadrants(96, 64), "PNG"), kind=2), "ICO"),
    ],
)
async def test_a_document_is_sent_as_a_person_sees_it(
    xai: FakeXAI, folder: Path, name: str, data: bytes, kind: str
) -> None:
    (folder / name).write_bytes(data)
    (account,) = structured(await describe(xai, folder, str(folder / name)))["images"]
    image = Image.open(BytesIO(xai.requests[0].images[0].data)).convert("RGB")
    assert near(corners(image), [RED, GREEN, BLUE, WHITE])
    assert (account["format"], account["width"], account["height"]) == (kind, 96, 64)
    assert account["bytes"] == len(data)
    assert "converted" in account["changes"]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x20ftypheic\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x18ftypheix\0\0\0\0mif1heix", "HEIF"),
        (b"\0\0\0\x18ftyphevc\0\0\0\0msf1hevc", "HEIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc", "HEIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "AVIF"),
        (b"\0\0\0\x18ftypavis\0\0\0\0msf1avis", "AVIF"),
        (b"\0\0\1\0\1\0" + bytes(16), "ICO"),
        (b"\0\0\2\0\1\0" + bytes(16), "ICO"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"II+\0\x08\0\0\0", "TIFF"),
        (b"MM\0+\0\x08\0\0", "TIFF"),
        (b"%PDF-1.4", "PDF"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made by hand -->\n<svg/>", "SVG"),
        (b"<!DOCTYPE svg [" + b" " * 50_000 + b"]><svg/>", "SVG"),
        (b"<s:svg xmlns:s='http://www.w3.org/2000/svg'/>", "SVG"),
        ('<?xml version="1.0" encoding="utf-16"?><svg/>'.encode("utf-16"), "SVG"),
        (gzip.compress(b"<svg/>", mtime=0), "SVG"),
    ],
)
def test_the_first_bytes_tell_the_format_without_any_decoder(head: bytes, kind: str) -> None:
    assert sniff(head) == kind


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "unsupported_format"),
        (b"\0\0\0\x18ftypcrx \0\0\0\0isom", "unsupported_format"),
        (b"\0\0\1\0\0\0" + bytes(99), "not_an_image"),
        (b"<html><body><svg></svg></body></html>", "not_an_image"),
        (b"a text that tells of <svg> and more", "not_an_image"),
        (gzip.compress(b"no drawing", mtime=0), "not_an_image"),
        (b"\x1f\x8b\x08 not packed at all", "not_an_image"),
    ],
)
def test_what_only_resembles_a_format_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ImageError) as caught:
        sniff(data)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("module", "data", "named"),
    [
        ("pillow_heif", turned("HEIF", 1), "HEIC picture"),
        ("pypdfium2", FOUR_IN_PDF, "PDF document"),
        ("resvg_py", FOUR, "SVG drawing"),
    ],
)
def test_without_the_extra_the_command_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch, module: str, data: bytes, named: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # what an import finds where there is nothing
    with pytest.raises(ConfigurationError) as caught:
        opened(data)
    assert caught.value.code == "missing_extra"
    assert named in caught.value.message
    assert 'pip install "grok-vision-mcp[formats]"' in caught.value.message


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_photograph_is_turned_once(orientation: int) -> None:
    picture = opened(turned("HEIF", orientation))
    assert picture.upright_size == (96, 64)
    assert near(corners(seen(turned("HEIF", orientation))), [RED, GREEN, BLUE, WHITE], 40)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_a_picture_is_turned_as_its_container_says_and_not_by_its_exif(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0213] = 6
    data = encoded(quadrants(96, 64), kind, exif=exif.tobytes(), quality=95)
    # The tag becomes that of the orientation, which the encoder would have moved elsewhere.
    misleading = data.replace(b"\x02\x13\x00\x03", b"\x01\x12\x00\x03")
    assert misleading != data
    assert near(corners(seen(misleading)), [RED, GREEN, BLUE, WHITE], 40)


def test_a_profile_of_a_heic_is_applied() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = srgb.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")
    data = encoded(quadrants(96, 64), "HEIF", icc_profile=exchanged, quality=95)
    assert near(corners(seen(data)), [BLUE, GREEN, RED, WHITE], 40)


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_inks_are_seen_as_their_profile_says(kind: str) -> None:
    image = Image.new("CMYK", (64, 48), (255, 0, 0, 0))
    data = encoded(
        image, kind, icc_profile=cmyk_profile(), **({"quality": 100} if kind == "JPEG" else {})
    )
    assert near(corners(seen(data)), [RED] * 4, 20)
    assert near(corners(seen(encoded(image, kind))), [(0, 255, 255)] * 4)


def test_colours_of_the_laboratory_are_seen() -> None:
    lab = Image.merge("LAB", [Image.new("L", (64, 48), value) for value in (138, 208, 195)])
    assert near(corners(seen(encoded(lab, "TIFF"))), [RED] * 4, 20)


@pytest.mark.parametrize("mode", ["LA", "PA", "RGBA"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "AVIF", "HEIF"])
def test_what_is_transparent_shows_white_paper(mode: str, kind: str) -> None:
    image = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 32, 24))
    if mode == "PA" or (kind == "TIFF" and mode == "LA"):
        image = image.convert("RGBA") if kind != "PNG" else image.quantize()
    else:
        image = image.convert(mode)
    picture = opened(encoded(image, kind))
    assert picture.transparent
    assert near(corners(pixels(picture, (64, 48)).convert("RGB")), [BLACK, WHITE, WHITE, WHITE], 16)


def test_of_a_gif_what_its_first_frame_leaves_empty_is_white() -> None:
    whole = encoded(Image.new("P", (64, 48), 0).convert("RGB"), "GIF")
    frame = whole.index(b",\0\0\0\0")
    small = bytearray(whole)
    # The same pixels in a canvas of twice the size.
    small[6:10] = (128).to_bytes(2, "little") + (96).to_bytes(2, "little")
    small[frame + 1 : frame + 3] = (64).to_bytes(2, "little")
    assert corners(seen(bytes(small))) == [WHITE, BLACK, WHITE, WHITE]
    moving = small[:-1] + small[frame - 8 if small[frame - 8 : frame - 7] == b"!" else frame :]
    assert corners(seen(bytes(moving), seconds=0.0)) == [WHITE, BLACK, WHITE, WHITE]


FRAMES = [Image.new("RGB", (64, 48), colour) for colour in ("red", "lime", "blue")]
ANIMATIONS = ["GIF", "WEBP", "PNG", "AVIF"]


def animation(kind: str, durations: int | list[int] = 500, **options: Any) -> bytes:
    return encoded(
        FRAMES[0], kind, save_all=True, append_images=FRAMES[1:], duration=durations, **options
    )


@pytest.mark.parametrize("kind", ANIMATIONS)
@pytest.mark.parametrize(
    ("seconds", "colour"), [(None, RED), (0.0, RED), (0.4, RED), (0.5, GREEN), (1.4, BLUE)]
)
def test_a_time_selects_the_frame_that_is_shown_then(
    kind: str, seconds: float | None, colour: Colour
) -> None:
    picture = opened(animation(kind), seconds=seconds)
    assert picture.frames == 3
    image = pixels(picture, (64, 48)).convert("RGB")
    assert near(corners(image), [colour] * 4)
    verify(picture)


@pytest.mark.parametrize("kind", ANIMATIONS)
def test_a_time_after_the_end_is_told_with_the_length(kind: str) -> None:
    picture = opened(animation(kind), seconds=1.5)
    with pytest.raises(ImageError, match=r"it lasts 1\.5 seconds") as caught:
        pixels(picture, (64, 48))
    assert caught.value.code == "bad_region"


def test_frames_that_ask_for_no_time_are_shown_as_long_as_in_a_browser() -> None:
    assert corners(seen(animation("GIF", 0), seconds=0.15)) == [GREEN] * 4


def test_what_stands_for_an_animation_is_no_frame_of_it() -> None:
    data = animation("PNG", 500, default_image=True)
    assert corners(seen(data)) == [RED] * 4
    assert corners(seen(data, seconds=0.0)) == [GREEN] * 4
    assert corners(seen(data, seconds=0.2)) == [GREEN] * 4


@pytest.mark.parametrize(
    ("data", "chosen", "told"),
    [
        (animation("GIF"), {}, "the GIF has 3 frames; only the first was used; name a time"),
        (animation("PNG"), {}, "the PNG has 3 frames; only the first was used; name a time"),
        (pdf(pages=5), {}, "the PDF has 5 pages; only the first was used; name one with #page=2"),
        (animation("TIFF"), {}, "the TIFF has 3 pages; only the first was used"),
        (animation("GIF"), {"seconds": 0.0}, None),
        (animation("PNG"), {"seconds": 1.0}, None),
        (pdf(pages=5), {"page": 1}, None),
        (encoded(quadrants(), "PNG"), {}, None),
        (encoded(quadrants(), "JPEG"), {}, None),
        (encoded(quadrants(), "HEIF"), {}, None),
        (FOUR, {}, None),
    ],
)
def test_that_a_file_has_more_than_was_sent_is_told_where_none_was_named(
    data: bytes, chosen: dict[str, Any], told: str | None
) -> None:
    warning = frame_warning(opened(data, **chosen))
    assert warning is None if told is None else warning is not None and warning.startswith(told)


def test_a_later_frame_is_not_sent_as_the_file_it_came_in() -> None:
    data = animation("PNG")
    assert opened(data).stripped is not None
    assert opened(data, seconds=0.0).stripped is None
    assert opened(data, seconds=0.7).stripped is None


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_page_of_a_tiff_is_selected_with_its_own_size_and_turn(page: int) -> None:
    buffer = BytesIO()
    sizes = [(64, 48), (80, 20), (30, 90)]
    pages = [
        Image.new("RGB", size, colour)
        for size, colour in zip(sizes, (RED, GREEN, BLUE), strict=True)
    ]
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    image = seen(buffer.getvalue(), page=page)
    assert image.size == sizes[page - 1]
    assert corners(image) == [(RED, GREEN, BLUE)[page - 1]] * 4


MANY_PAGES = encoded(
    Image.new("1", (8, 8)), "TIFF", save_all=True, append_images=[Image.new("1", (8, 8))] * 1_001
)


def test_that_not_all_pages_of_a_tiff_are_looked_at_is_told() -> None:
    assert corners(seen(MANY_PAGES, page=1_000)) == [BLACK] * 4
    with pytest.raises(ImageError, match="only its first 1,000 pages are looked at") as caught:
        opened(MANY_PAGES, page=1_001)
    assert caught.value.code == "bad_region"
    warning = frame_warning(opened(MANY_PAGES))
    assert warning is not None
    assert warning.startswith("the TIFF has at least 1,000 pages")


def test_a_tiff_with_places_of_eight_bytes_is_read() -> None:
    data = encoded(quadrants(96, 64), "TIFF", big_tiff=True)
    assert data.startswith(b"II+\0")
    assert corners(seen(data)) == [RED, GREEN, BLUE, WHITE]


def test_what_was_opened_before_does_not_lower_the_limits_of_what_follows() -> None:
    drawing = svg('<rect width="100%" height="100%" fill="red"/>', 'width="3600" height="3600"')
    seen(animation("GIF"), seconds=0.7)
    assert corners(seen(drawing)) == [RED] * 4


@pytest.mark.parametrize(
    ("data", "page", "told"),
    [
        (encoded(quadrants(), "PNG"), 2, "leave out #page="),
        (animation("GIF"), 2, "leave out #page="),
        (FOUR, 2, "leave out #page="),
        (icon(encoded(quadrants(), "PNG")), 2, "leave out #page="),
        (pdf(pages=5), 6, "one of its 5 pages"),
        (pdf(), 2, "leave out #page="),
        (animation("TIFF"), 4, "one of its 3 pages"),
    ],
)
def test_a_page_that_there_is_not_is_told(data: bytes, page: int, told: str) -> None:
    with pytest.raises(ImageError) as caught:
        opened(data, page=page)
    assert caught.value.code == "bad_region"
    assert told in caught.value.message


@pytest.mark.parametrize(
    "data",
    [encoded(quadrants(), "PNG"), encoded(quadrants(), "JPEG"), FOUR, pdf(), animation("GIF")],
)
def test_the_first_page_and_the_first_moment_are_there_of_anything(data: bytes) -> None:
    picture = opened(data, page=1, seconds=0.0)
    assert corners(pixels(picture, picture.upright_size)) == corners(seen(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_moment_of_a_still_picture_is_the_picture(kind: str) -> None:
    assert corners(seen(encoded(quadrants(), kind), seconds=9.0)) == corners(
        seen(encoded(quadrants(), kind))
    )


@pytest.mark.parametrize(
    ("data", "harmless"),
    [
        (encoded(quadrants(), "PNG"), True),
        (encoded(quadrants(), "JPEG"), True),
        (encoded(quadrants(), "JPEG", progressive=True), True),
        (encoded(quadrants(), "JPEG")[:-2], False),
        (encoded(quadrants(), "PNG")[:-12], False),
        (encoded(quadrants(), "BMP"), False),
        (encoded(quadrants(), "WEBP"), False),
        (icon(encoded(quadrants(), "PNG")), False),
        (pdf(), False),
        (FOUR, False),
    ],
)
def test_only_a_sound_png_or_jpeg_is_harmless(data: bytes, harmless: bool) -> None:
    assert opened(data).harmless is harmless


@pytest.mark.parametrize(("scans", "harmless"), [(15, True), (16, False)])
def test_a_jpeg_of_many_scans_is_not_harmless(scans: int, harmless: bool) -> None:
    data = encoded(quadrants(mode="L"), "JPEG")
    scan = data.index(b"\xff\xda")
    assert opened(data[:-2] + data[scan:-2] * scans + data[-2:]).harmless is harmless


def test_of_an_icon_the_largest_picture_is_taken_whatever_its_list_says() -> None:
    small, large = encoded(Image.new("RGB", (16, 16), RED), "PNG"), bitmap(40, 30, b"\0\xff\0")
    data = icon(small, large, listed=[(0, 0, 32), (1, 1, 1)])
    assert opened(data).upright_size == (40, 30)
    assert corners(seen(data)) == [GREEN] * 4


def test_of_pictures_of_one_size_in_an_icon_that_with_more_colours_is_taken() -> None:
    data = icon(
        bitmap(32, 32, b"\0\0\xff"), bitmap(32, 32, b"\xff\0\0\xff"), bitmap(32, 32, b"\0\xff\0")
    )
    assert corners(seen(data)) == [BLUE] * 4


def test_pictures_of_an_icon_that_are_not_taken_are_not_copied() -> None:
    large = bitmap(16, 16, b"\0\0\xff\xff") + bytes(1_000_000)
    data = bytearray(icon(large, *[b""] * 255))
    for entry in range(6, 6 + 16 * 256, 16):
        data[entry : entry + 16] = data[6:22]
    tracemalloc.start()
    opened(bytes(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("entry", "colour"),
    [
        (bitmap(33, 20, b"\0\0\xff"), RED),
        (bitmap(33, 20, b"\0\0\xff", masked=True), WHITE),
        (bitmap(33, 20, b"\0\0\xff\x80"), (255, 127, 127)),
        (bitmap(33, 20, b"\0\0\xff\0"), RED),
        (bitmap(33, 20, b"\0\0\xff\0", masked=True), WHITE),
        (bitmap(300, 20, b"\0\0\xff\xff"), RED),
    ],
)
def test_the_mask_of_an_icon_or_its_alpha_makes_it_transparent(
    entry: bytes, colour: Colour
) -> None:
    for kind in (1, 2):
        assert near(corners(seen(icon(entry, kind=kind))), [colour] * 4, 2)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (
            bitmap(9000, 1, b"\0\0\0")[:8] + (18_000).to_bytes(4, "little") + bytes(28),
            "too_many_pixels",
        ),
        (encoded(Image.new("1", (12_000, 12_000)), "PNG"), "too_many_pixels"),
        (bitmap(64, 64, b"\0\0\0")[:60], "damaged_image"),
        (b"", "damaged_image"),
        (bytes(40), "damaged_image"),
    ],
)
def test_a_hostile_icon_is_refused(entry: bytes, code: str) -> None:
    with pytest.raises(ImageError) as caught:
        seen(icon(entry))
    assert caught.value.code == code


@pytest.mark.parametrize("page", [1, 2, 9])
def test_a_page_of_a_pdf_is_selected(page: int) -> None:
    image = seen(pdf(b"", pages=9), page=page)
    grey = round(255 * (page - 1) / 10) if page > 1 else 255
    assert near(corners(image), [(grey,) * 3] * 4, 1)


@pytest.mark.parametrize("size", [(100, 50), (1000, 500), (333, 167), (50, 25)])
def test_a_page_is_drawn_sharp_in_any_size(size: tuple[int, int]) -> None:
    image = opened(pdf()).draw(size)
    assert image.size == size
    middle = size[0] // 2
    assert image.getpixel((middle - 2, size[1] // 2)) == RED
    assert image.getpixel((middle + 2, size[1] // 2)) == WHITE


def test_a_page_that_lies_on_its_side_is_turned() -> None:
    image = seen(pdf(page="/Rotate 90"))
    assert image.size == (50, 100)
    assert corners(image) == [RED, RED, WHITE, WHITE]


def test_what_was_filled_in_and_noted_is_drawn() -> None:
    appearance = stream(
        b"0 0 1 rg 0 0 50 50 re f", "/Type /XObject /Subtype /Form /BBox [0 0 50 50]"
    )
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (x) /F 4 /Rect [50 0 100 25] "
        b"/AP << /N 11 0 R >> >>"
    )
    note = b"<< /Type /Annot /Subtype /Stamp /F 4 /Rect [50 25 100 50] /AP << /N 11 0 R >> >>"
    data = pdf(
        page="/Annots [10 0 R 12 0 R]",
        catalog="/AcroForm << /Fields [10 0 R] /DA (/Helv 0 Tf 0 g) >>",
        more=[field, appearance, note],
    )
    assert near(corners(seen(data)), [RED, BLUE, RED, BLUE], 60)


def test_a_locked_pdf_is_told_as_such() -> None:
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>"
    with pytest.raises(ImageError, match="password") as caught:
        opened(pdf(trailer=f"{lock} /ID [<00> <00>]"))
    assert caught.value.code == "unsupported_format"


@pytest.mark.parametrize("side", [14_400, 90_000])
def test_a_huge_page_is_drawn_within_the_memory(side: int) -> None:
    picture = opened(pdf(box=f"0 0 {side} {side}"))
    assert (picture.vector, picture.width, picture.height) == (True, side, side)
    assert picture.draw((200, 200)).size == (200, 200)
    assert sum(picture.draw((side, side)).size) <= 10_000


@pytest.mark.parametrize("box", ["0 0 1000000 1000000", "0 0 1000000 10"])
def test_a_page_of_a_senseless_size_is_refused(box: str) -> None:
    with pytest.raises(ImageError) as caught:
        opened(pdf(box=box))
    assert caught.value.code == "damaged_image"


def test_a_webp_of_a_huge_canvas_is_refused_by_its_header() -> None:
    canvas = (15_999).to_bytes(3, "little") + (10_999).to_bytes(3, "little")
    data = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + canvas
    with pytest.raises(ImageError, match="16000x11000") as caught:
        opened(data)
    assert caught.value.code == "too_many_pixels"


@pytest.mark.parametrize("kind", ["HEIF", "ICO", "PDF", "SVG", "TIFF", "GIF", "PNG", "WEBP"])
def test_hostile_bytes_end_in_a_coded_error_or_a_picture(kind: str) -> None:
    made = {
        "HEIF": encoded(quadrants(40, 30), "HEIF"),
        "ICO": icon(bitmap(20, 20, b"\0\0\xff\xff"), encoded(quadrants(16, 16), "PNG")),
        "PDF": pdf(pages=2),
        "SVG": svg('<text x="2" y="30">Hg</text><rect width="9" height="9" fill="url(#a)"/>'),
    }
    data = made.get(kind) or animation(kind)
    chance, told = random.Random(kind), []
    for _ in range(60):
        hostile = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            hostile[chance.randrange(len(hostile))] = chance.randrange(256)
        try:
            seen(bytes(hostile[: chance.randint(1, len(hostile))]), (40, 30), seconds=0.7)
        except VisionError as error:
            told.append(error.message)
    assert all(told)
