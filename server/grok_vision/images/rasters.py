"""Pictures of pixels: their headers are read, and checked before anything is decoded."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO

from PIL import Image

from grok_vision.errors import ImageError
from grok_vision.images.appearance import is_transparent
from grok_vision.images.extras import needs_extra
from grok_vision.images.frames import (
    MOST_FRAMES,
    PAGED,
    check_page,
    count_frames,
    on_canvas,
    part_of_canvas,
    seek_time,
)
from grok_vision.images.geometry import Box, Size
from grok_vision.images.headers import size_of_webp
from grok_vision.images.metadata import has_metadata, orientation_of, profile_of
from grok_vision.images.picture import Picture
from grok_vision.images.strip import DamagedError, FloodError, Stripped, strip_jpeg, strip_png

# Decoding these takes about 15 bytes a pixel, whatever the file's size: a WebP of 34 bytes took
# 2.7 GB (measured 2026-11-20, Pillow 13.0).
_HEAVY_FORMATS = {"WEBP", "AVIF", "GIF"}
_HEAVY_PIXELS = 25_000_000
# A JPEG is decoded at a fraction of its size; the others in full, at 4 bytes a pixel in colour.
_COLOUR_PIXELS = 64_000_000
_ONE_BYTE_MODES = {"1", "L"}

# A progressive JPEG has about ten scans; 5,000 of them in 218 kB decode for 27 seconds.
_MOST_SCANS = 64
_START_OF_SCAN = b"\xff\xda"

# What Pillow and libheif turn by themselves: they tell the upright size.
_TURNED = {"TIFF", "HEIF"}


def open_raster(
    name: str, data: bytes, *, max_pixels: int | None, page: int | None, seconds: float | None
) -> Picture:
    """Read the header of a picture in the format `name`, and check what it claims.

    `max_pixels` is None where nothing will be drawn: then it may claim any size.

    Raises:
        ImageError: `damaged_image`, `too_many_pixels`, or `bad_region` for a page it has not.
        ConfigurationError: `missing_extra`.
    """
    stripped = _stripped(name, data)
    # A stripped PNG has only its first frame.
    later = seconds is not None and stripped is not None and stripped.animated
    # It has no compressed text left that could inflate, either.
    source = stripped.data if stripped and name == "PNG" and not later else data
    image = _opened(name, source, max_pixels)
    frames = count_frames(image, name, stripped)
    check_page(page, frames if name in PAGED else 1, looked_at=MOST_FRAMES)
    if page and name in PAGED:
        image.seek(page - 1)
        check_pixels(name, image.size, image.mode, max_pixels)
    orientation = orientation_of(image, stripped)
    part = part_of_canvas(image)
    moves = frames > 1 and name not in PAGED
    return Picture(
        draw=partial(_frame, name, data, seconds, part)
        if seconds is not None and moves
        else partial(_drawn, image, part),
        mode=image.mode,
        format=name,
        width=image.width,
        height=image.height,
        file_bytes=len(data),
        turn=1 if name in _TURNED else orientation,
        rotated=orientation != 1,
        frames=frames,
        chosen=page is not None or seconds is not None,
        transparent=is_transparent(image) or part is not None,
        has_metadata=stripped.has_metadata if stripped else has_metadata(image),
        profile=profile_of(image, stripped),
        stripped=None if later else stripped,
    )


def _opened(name: str, data: bytes, max_pixels: int | None) -> Image.Image:
    if name == "WEBP":
        # Its decoder takes memory for the whole canvas as soon as it is opened.
        check_pixels(name, size_of_webp(data), "RGBA", max_pixels)
    if name == "HEIF":
        _register_heif()
    with _pillows_cap(name):
        image = Image.open(BytesIO(data), formats=[name])
    check_pixels(name, image.size, image.mode, max_pixels)
    return image


@contextmanager
def _pillows_cap(name: str) -> Iterator[None]:
    """Let Pillow's own cap hold where ours comes too late.

    Ours are exact and come right after the header, and Pillow's would warn below them. But a frame
    of a GIF that is larger than its canvas is given memory while it is read: there Pillow's holds,
    which is twice what it is told. It counts for all threads; a GIF is opened where there is one.
    """
    Image.MAX_IMAGE_PIXELS = _HEAVY_PIXELS // 2 if name == "GIF" else None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = None


def _drawn(image: Image.Image, part: Box | None, at_least: Size) -> Image.Image:
    # A JPEG decodes at half or quarter size for far less; never below what is asked.
    image.draft(None, at_least)
    image.load()
    return on_canvas(image, part) if part else image


def _frame(name: str, data: bytes, seconds: float, first: Box | None, _: Size) -> Image.Image:
    # Opened anew: not every decoder can go back to an earlier frame.
    with _pillows_cap(name):
        image = Image.open(BytesIO(data), formats=[name])
        seek_time(image, seconds)
    return on_canvas(image, first) if first and image.tell() == 0 else image


def check_pixels(name: str, size: Size, mode: str, max_pixels: int | None) -> None:
    """Check that decoding a picture of this size will not fill the memory; None: any may be.

    Raises:
        ImageError: `too_many_pixels`, or `damaged_image` where there are none.
    """
    width, height = size
    if width < 1 or height < 1:
        raise ImageError("damaged_image", "its header says that it has no pixels; save it again.")
    if max_pixels is None:
        return
    allowed = max_pixels
    if name in _HEAVY_FORMATS:
        allowed = min(allowed, _HEAVY_PIXELS)
    elif name != "JPEG" and mode not in _ONE_BYTE_MODES:
        allowed = min(allowed, _COLOUR_PIXELS)
    if width * height > allowed:
        advice = "" if allowed < max_pixels else " or raise GROK_VISION_MAX_PIXELS"
        raise ImageError(
            "too_many_pixels",
            f"it is {width}x{height}, over the limit of {allowed:,} pixels for {name}; "
            f"scale it down{advice}.",
        )


def _stripped(name: str, data: bytes) -> Stripped | None:
    """Return the stripped file; None where only a decoder can tell whether it is sound."""
    if name not in {"PNG", "JPEG"}:
        return None
    scans = 0
    try:
        stripped = strip_png(data) if name == "PNG" else strip_jpeg(data)
        scans = stripped.scans
    except FloodError:
        raise ImageError(
            "damaged_image", f"its {name} has far too many parts; save it again."
        ) from None
    except DamagedError:
        stripped = None
        # Where the end is not known, every pair of bytes that may start a scan counts.
        scans = data.count(_START_OF_SCAN) if name == "JPEG" else 0
    if scans > _MOST_SCANS:
        raise ImageError("damaged_image", "its JPEG holds far too many scans; save it again.")
    return stripped


def _register_heif() -> None:
    with needs_extra("a HEIC picture"):
        import pillow_heif
    # A thumbnail may show something else than the picture; the others are not sent.
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
