"""From bytes to pixels: the one place where a decoder of pictures runs."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from grok_vision.errors import ImageError, VisionError
from grok_vision.images.formats import READABLE, sniff

# Decoding these takes about 15 bytes a pixel, whatever the file's size: a WebP of 34 bytes took
# 2.7 GB (measured 2026-11-20, Pillow 13.0).
_HEAVY_CANVAS = {"WEBP": 25_000_000, "AVIF": 25_000_000, "GIF": 25_000_000}

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


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture whose header has passed: its stored size in pixels, and pixels yet undecoded."""

    image: Image.Image
    format: str
    width: int
    height: int
    bytes: int
    orientation: int
    frames: int
    has_metadata: bool

    @property
    def turned(self) -> bool:
        """Whether width and height are exchanged when a person looks at it."""
        return self.orientation >= 5


def open_picture(data: bytes, *, max_pixels: int) -> Picture:
    """Read the header of the picture and check what it claims; no pixel is decoded.

    Raises:
        ImageError: `not_an_image`, `unsupported_format`, `damaged_image` or `too_many_pixels`.
    """
    name = sniff(data)
    if name == "JPEG" and data.count(_START_OF_SCAN) > _MOST_SCANS:
        raise ImageError("damaged_image", "its JPEG holds far too many scans; save it again.")
    # Our own caps are exact and come right after the header; Pillow's would warn below them.
    Image.MAX_IMAGE_PIXELS = None
    with _decoder_boundary(name):
        image = Image.open(BytesIO(data), formats=[name])
        _check_size(name, image.size, max_pixels)
        return Picture(
            image=image,
            format=name,
            width=image.width,
            height=image.height,
            bytes=len(data),
            orientation=_orientation(image),
            frames=_frames(image),
            has_metadata=_has_metadata(image),
        )


def decoded(picture: Picture, least: tuple[int, int]) -> Image.Image:
    """Return the pixels as a person sees them: upright, RGB or grey, on white where transparent.

    A JPEG may come smaller than it is stored, though never below `least` (width, height in stored
    pixels), which is what will be sent: decoding at half or quarter size is far cheaper.

    Raises:
        ImageError: `damaged_image`.
    """
    with _decoder_boundary(picture.format):
        image = picture.image
        image.draft("RGB" if image.mode == "RGB" else None, least)
        image.load()
        flat = _flattened(image)
        turn = _TURNS.get(picture.orientation)
        return flat if turn is None else flat.transpose(turn)


def has_transparency(image: Image.Image) -> bool:
    """Tell whether pixels may be transparent."""
    return image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info


def _flattened(image: Image.Image) -> Image.Image:
    if has_transparency(image):
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(paper, rgba).convert("RGB")
    if image.mode in {"RGB", "L"}:
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        return _eight_bits(image)
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits; Pillow's own conversion clips everything above 255 to white."""
    wide = image.convert("I") if image.mode.startswith("I;16") else image
    extrema = wide.getextrema()
    top = max(float(extrema[1]), 1.0) if isinstance(extrema[1], int | float) else 1.0
    scale = 255 / 65535 if top > 255 else 1.0
    return wide.point(lambda value: value * scale).convert("L")


def _check_size(name: str, size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise ImageError("damaged_image", "its header says that it has no pixels; save it again.")
    allowed = min(max_pixels, _HEAVY_CANVAS.get(name, max_pixels))
    if width * height > allowed:
        advice = "" if allowed < max_pixels else " or raise GROK_VISION_MAX_PIXELS"
        raise ImageError(
            "too_many_pixels",
            f"it is {width}x{height}, over the limit of {allowed:,} pixels for {name}; "
            f"scale it down{advice}.",
        )


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; hostile EXIF counts as upright."""
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except (ValueError, TypeError, KeyError, IndexError, SyntaxError, OSError, struct.error):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _frames(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def _has_metadata(image: Image.Image) -> bool:
    return bool(
        {"exif", "xmp", "icc_profile", "comment", "photoshop", "parsed_exif"} & set(image.info)
    ) or bool(getattr(image, "text", None))


@contextmanager
def _decoder_boundary(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises on hostile bytes into `damaged_image`.

    The one place that catches everything: OSError, ValueError, SyntaxError, TypeError,
    RuntimeError, KeyError, IndexError, AttributeError and struct.error have all been seen to
    escape Pillow 13 (839,631 fuzzed runs, 2026-11-20).
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
            f"it is cut off or damaged, so that {name} cannot be decoded; save it again.",
        ) from None


__all__ = ["READABLE", "Picture", "decoded", "has_transparency", "open_picture"]
