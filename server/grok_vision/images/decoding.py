"""From the bytes of a picture to pixels for comparing: every one of them, as it is."""

from dataclasses import dataclass, field

from PIL import Image

from grok_vision.images.decode import true_pixels
from grok_vision.images.decoded import DecodedImage, check_comparable
from grok_vision.images.frames import frame_warning
from grok_vision.images.geometry import Size
from grok_vision.images.layout import laid_out
from grok_vision.images.picture import Picture
from grok_vision.images.prepare import open_wanted
from grok_vision.images.vectors import largest_drawn
from grok_vision.images.wanted import Wanted
from grok_vision.providers import Evidence, ImageLimits
from grok_vision.results import SentImage

# Pages are told in points, of which small print is not legible; drawings say how large they are.
_SCALES = {"PDF": 2.0}

IN_FULL = ImageLimits(
    taken_by="a comparison",
    max_bytes=2**63,
    evidence=Evidence("documented", "nothing is sent", "2026-11-21"),
)
"""Limits that leave every pixel as it is."""


@dataclass(frozen=True, slots=True)
class Flat:
    """The same as plain values, as a worker process hands it over."""

    mode: str
    size: Size
    data: bytes = field(repr=False)
    origin: tuple[int, int]
    scale: float
    report: SentImage
    warnings: tuple[str, ...]

    def decoded(self) -> DecodedImage:
        """Return it with its pixels.

        Raises:
            ValueError: the bytes are not as many.
        """
        pixels = Image.frombytes(self.mode, self.size, self.data)
        return DecodedImage(pixels, self.origin, self.scale, self.report, self.warnings)


def decode(data: bytes, wanted: Wanted) -> Flat:
    """Return the selected pixels as plain values; blocks while it decodes.

    Raises:
        ImageError, ConfigurationError: as `decode_opened` does.
    """
    decoded = decode_opened(open_wanted(data, wanted), wanted)
    pixels = decoded.pixels
    return Flat(
        pixels.mode,
        pixels.size,
        pixels.tobytes(),
        decoded.origin,
        decoded.scale,
        decoded.report,
        decoded.warnings,
    )


def decode_opened(picture: Picture, wanted: Wanted) -> DecodedImage:
    """Return the selected pixels in their own size; blocks while it decodes.

    Raises:
        ImageError: `damaged_image`, `too_many_pixels`, `bad_region`.
    """
    layout = laid_out(picture.upright_size, wanted, vector=False)
    scale = _scale(picture)
    left, top, right, bottom = (round(edge * scale) for edge in layout.area)
    check_comparable((right - left, bottom - top))
    width, height = picture.upright_size
    size = max(1, round(width * scale)), max(1, round(height * scale))
    warning = frame_warning(picture)
    return DecodedImage(
        pixels=true_pixels(picture, size, (left, top, max(right, left + 1), max(bottom, top + 1))),
        origin=layout.area[:2],
        scale=scale,
        report=SentImage(
            source="",
            format=picture.format,
            width=picture.width,
            height=picture.height,
            bytes=picture.file_bytes,
        ),
        warnings=(*((warning,) if warning else ()), *picture.losses),
    )


def _scale(picture: Picture) -> float:
    """Return the scale in which a document is drawn: the same for each of its kind."""
    wanted = _SCALES.get(picture.format, 1.0) if picture.vector else 1.0
    return min(wanted, largest_drawn(picture.upright_size)) if picture.vector else 1.0
