"""From bytes to pixels that a provider may see: upright, eight bits, sRGB, on white paper."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from grok_vision.errors import ImageError, VisionError
from grok_vision.images.appearance import eight_bits, in_srgb, is_transparent, on_paper
from grok_vision.images.formats import sniff
from grok_vision.images.strip import (
    DamagedError,
    FloodError,
    Stripped,
    strip_jpeg,
    strip_png,
)

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

_ORIENTATION_TAG = 0x0112
_TURNS: dict[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Description, maker, model, software, date, artist, copyright, XMP, IPTC, Photoshop, EXIF, GPS.
_METADATA_TAGS = {270, 271, 272, 305, 306, 315, 33432, 700, 33723, 34377, 34665, 34853}
_METADATA = {"exif", "xmp", "icc_profile", "comment", "photoshop"}

Size = tuple[int, int]
# Left, top, right and bottom in pixels.
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture whose header has passed: its size in pixels, and pixels yet undecoded.

    `turn` is the EXIF orientation that is still to be applied, 1 to 8, and `rotated` tells whether
    the file has one at all. `stripped` is the file without its metadata, where the format allows
    that without decoding.
    """

    image: Image.Image
    format: str
    width: int
    height: int
    file_bytes: int
    turn: int
    rotated: bool
    animated: bool
    transparent: bool
    has_metadata: bool
    profile: bytes
    stripped: Stripped | None

    @property
    def upright_size(self) -> Size:
        """The size in which a person sees it."""
        return (self.height, self.width) if self.turn >= 5 else (self.width, self.height)

    @property
    def is_plain(self) -> bool:
        """Whether the stored pixels are what a person sees: no turn, paper, profile or depth."""
        return (
            self.turn == 1
            and not self.transparent
            and not self.profile
            and self.image.mode in {"1", "L", "P", "RGB"}
            and (self.stripped is None or self.stripped.depth <= 8)
        )


def open_picture(data: bytes, *, max_pixels: int) -> Picture:
    """Read the header of the picture and check what it claims; no pixel is decoded.

    Raises:
        ImageError: `not_an_image`, `unsupported_format`, `damaged_image` or `too_many_pixels`.
    """
    name = sniff(data)
    stripped = _stripped(name, data)
    # Our own caps are exact and come right after the header; Pillow's would warn below them.
    Image.MAX_IMAGE_PIXELS = None
    with decoder_boundary(name):
        # A stripped PNG has no compressed text left that could inflate.
        source = stripped.data if stripped and name == "PNG" else data
        image = Image.open(BytesIO(source), formats=[name])
        _check_pixels(name, image, max_pixels)
        orientation = _orientation(image, stripped)
        return Picture(
            image=image,
            format=name,
            width=image.width,
            height=image.height,
            file_bytes=len(data),
            # Pillow itself turns a TIFF, and tells its upright size.
            turn=1 if name == "TIFF" else orientation,
            rotated=orientation != 1,
            animated=_is_animated(image, stripped),
            transparent=is_transparent(image),
            has_metadata=stripped.has_metadata if stripped else _has_metadata(image),
            profile=_profile(image, stripped),
            stripped=stripped,
        )


def pixels(picture: Picture, size: Size) -> Image.Image:
    """Return the pixels as a person sees them, scaled to `size` (upright width and height).

    The mode is RGB or L; no metadata is attached.

    Raises:
        ImageError: `damaged_image`, or `too_many_pixels` where memory does not suffice.
    """
    with decoder_boundary(picture.format):
        stored = size if picture.turn < 5 else size[::-1]
        # Scaled first: what follows then costs next to nothing.
        return _turned(_finished(_loaded(picture, stored), picture, stored), picture)


def upright(picture: Picture, at_least: Size) -> Image.Image:
    """Return the whole picture, turned but unscaled, to cut parts from with `part_pixels`.

    Its size is that of the picture, or smaller where the decoder can shrink on the way, never
    below `at_least` (upright width and height).

    Raises:
        ImageError: `damaged_image`, or `too_many_pixels` where memory does not suffice.
    """
    with decoder_boundary(picture.format):
        stored = at_least if picture.turn < 5 else at_least[::-1]
        # What black and white stand for is a matter of the whole picture.
        return _turned(eight_bits(_loaded(picture, stored)), picture)


def part_pixels(whole: Image.Image, picture: Picture, box: Box, size: Size) -> Image.Image:
    """Return what `box` cuts out of an upright picture, as a person sees it, scaled to `size`.

    Raises:
        ImageError: `too_many_pixels` where memory does not suffice.
    """
    with decoder_boundary(picture.format):
        return _finished(whole.crop(box), picture, size)


def _loaded(picture: Picture, at_least: Size) -> Image.Image:
    """Return the pixels as they are stored, in at least the size that is asked for."""
    image = picture.image
    # A JPEG decodes at half or quarter size for far less; never below what is asked.
    image.draft(None, at_least)
    image.load()
    return image


def _finished(image: Image.Image, picture: Picture, size: Size) -> Image.Image:
    """Return eight bits of sRGB on white paper, in `size`."""
    image = eight_bits(image)
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    finished = on_paper(in_srgb(image, picture.profile))
    finished.info = {}
    return finished


def _turned(image: Image.Image, picture: Picture) -> Image.Image:
    turn = _TURNS.get(picture.turn)
    if turn is None:
        return image
    turned = image.transpose(turn)
    turned.info = {}
    return turned


def verify(picture: Picture) -> None:
    """Decode the picture to see that it can be; the pixels are dropped.

    Raises:
        ImageError: `damaged_image`.
    """
    with decoder_boundary(picture.format):
        picture.image.load()


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


def _is_animated(image: Image.Image, stripped: Stripped | None) -> bool:
    # A JPEG's further pictures are its thumbnail or depth map, not frames.
    return stripped.animated if stripped else bool(getattr(image, "is_animated", False))


def _has_metadata(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", None) or {}
    return bool(_METADATA & set(image.info)) or bool(_METADATA_TAGS & set(tags))


def _profile(image: Image.Image, stripped: Stripped | None) -> bytes:
    found = stripped.profile if stripped and stripped.profile else image.info.get("icc_profile")
    return found if isinstance(found, bytes) else b""


def _check_pixels(name: str, image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise ImageError("damaged_image", "its header says that it has no pixels; save it again.")
    allowed = max_pixels
    if name in _HEAVY_FORMATS:
        allowed = min(allowed, _HEAVY_PIXELS)
    elif name != "JPEG" and image.mode not in _ONE_BYTE_MODES:
        allowed = min(allowed, _COLOUR_PIXELS)
    if width * height > allowed:
        advice = "" if allowed < max_pixels else " or raise GROK_VISION_MAX_PIXELS"
        raise ImageError(
            "too_many_pixels",
            f"it is {width}x{height}, over the limit of {allowed:,} pixels for {name}; "
            f"scale it down{advice}.",
        )


def _orientation(image: Image.Image, stripped: Stripped | None) -> int:
    """Return the EXIF orientation, 1 to 8; hostile EXIF counts as upright."""
    try:
        if image.format == "PNG":
            # Pillow's own way would decode the picture to look for EXIF behind it.
            exif = Image.Exif()
            exif.load(stripped.exif if stripped else b"")
        else:
            exif = image.getexif()
        value = exif.get(_ORIENTATION_TAG, 1)
    except (ValueError, TypeError, KeyError, IndexError, SyntaxError, OSError, struct.error):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


@contextmanager
def decoder_boundary(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises on hostile bytes into `damaged_image`.

    The one place of the room that catches everything: OSError, ValueError, SyntaxError,
    TypeError, RuntimeError, KeyError, IndexError, AttributeError and struct.error have all been
    seen to escape Pillow 13 (839,631 fuzzed runs, 2026-11-20).
    """
    try:
        yield
    except VisionError:
        raise
    except MemoryError:
        raise ImageError(
            "too_many_pixels", "there is not enough memory to decode it; scale it down."
        ) from None
    except Exception:  # noqa: BLE001 - the named boundary, see above
        raise ImageError(
            "damaged_image",
            f"it is cut off or damaged, so that its {name} cannot be decoded; save it again.",
        ) from None
