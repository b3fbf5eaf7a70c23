"""What can be measured in a picture without understanding it."""

from dataclasses import dataclass

import zxingcpp
from PIL import Image, ImageStat

_SAMPLE = 160  # pixels a side; colours are counted in a sample of this size
_NEAR = 24  # colours closer than this (city-block distance in RGB) count as one
_COLOURS = 6
_SMALLEST_SHARE = 0.01
_FLAT = 8  # levels of 255: what differs less is noise of JPEG
_FORMATS = zxingcpp.barcode_formats_from_str(
    "QRCode,MicroQRCode,DataMatrix,Aztec,PDF417,EAN13,EAN8,UPCA,UPCE,Code128,Code39,ITF14"
)


@dataclass(frozen=True)
class Colour:
    """A colour as `#rrggbb` and its share of the picture (0 to 1)."""

    hex: str
    share: float


@dataclass(frozen=True)
class Code:
    """A QR or bar code: its kind, its content, and its box in pixels."""

    kind: str
    text: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Facts:
    """Measurements of one picture; `width` and `height` in pixels, `brightness` from 0 to 1."""

    width: int
    height: int
    brightness: float
    blank: bool
    colours: tuple[Colour, ...]
    codes: tuple[Code, ...]


def measure(image: Image.Image) -> Facts:
    """Measures an RGB picture."""
    grey = image.convert("L")
    return Facts(
        width=image.width,
        height=image.height,
        brightness=ImageStat.Stat(grey).mean[0] / 255,
        blank=all(high - low <= _FLAT for low, high in _extremes(image)),
        colours=_colours(image),
        codes=_codes(grey),
    )


def _extremes(image: Image.Image) -> list[tuple[int, int]]:
    return [(round(low), round(high)) for low, high in ImageStat.Stat(image).extrema]


def _colours(image: Image.Image) -> tuple[Colour, ...]:
    """The commonest colours, exactly as they are in the picture, shades counted with them."""
    # Nearest: the other filters mix colours, and a screenshot's are exact.
    sample = image.resize((_SAMPLE, _SAMPLE), Image.Resampling.NEAREST)
    counts: dict[tuple[int, ...], int] = {}
    for count, colour in sorted(sample.getcolors(_SAMPLE**2) or [], reverse=True):
        if not isinstance(colour, tuple):
            continue
        near = next((other for other in counts if _distance(colour, other) < _NEAR), None)
        if near is not None:
            counts[near] += count
        elif len(counts) < 4 * _COLOURS:
            counts[colour] = count
    common = sorted(counts.items(), key=lambda item: item[1], reverse=True)[:_COLOURS]
    shares = [(colour, count / _SAMPLE**2) for colour, count in common]
    return tuple(
        Colour("#" + bytes(colour).hex(), share)
        for colour, share in shares
        if share >= _SMALLEST_SHARE
    )


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def _codes(grey: Image.Image) -> tuple[Code, ...]:
    return tuple(_code(found) for found in zxingcpp.read_barcodes(grey, formats=_FORMATS))


def _code(found: zxingcpp.Barcode) -> Code:
    place = found.position
    corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
    left, right = min(c.x for c in corners), max(c.x for c in corners)
    upper, lower = min(c.y for c in corners), max(c.y for c in corners)
    return Code(str(found.format), found.text, left, upper, right - left, lower - upper)
