"""A sheet to draw on: text, boxes and lines with smooth edges, the same pixels every time."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Anchor = Literal["ls", "ms", "rs"]
Area = tuple[int, int, int, int]  # left, top, width, height
SMOOTH = 4  # shapes and letters are drawn this much larger and reduced: Pillow's edges are hard
BOLD = 40  # a bold stroke is this part of the size of the letters


@lru_cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's embedded font, laid out the simple way, which is the same on every system."""
    embedded = ImageFont.load_default(size=size)
    if not isinstance(embedded, ImageFont.FreeTypeFont):
        sys.exit("this Pillow was built without FreeType")
    return embedded.font_variant(layout_engine=ImageFont.Layout.BASIC)


def measure(words: str, size: int, *, bold: bool = False) -> float:
    """The length of words in pixels."""
    tracking = size / BOLD * (len(words) - 1) if bold else 0
    return font(size * SMOOTH).getlength(words) / SMOOTH + tracking


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], words: str, size: int, bold: bool
) -> None:
    face = font(size * SMOOTH)
    if not bold:
        draw.text(at, words, 255, face, anchor="ls")
        return
    # The embedded font has one weight. An outline makes it bold, and needs room between letters.
    weight = size * SMOOTH / BOLD
    for index, letter in enumerate(words):
        x = at[0] + face.getlength(words[:index]) + index * weight
        draw.text((x, at[1]), letter, 255, face, anchor="ls", stroke_width=weight)


def _smooth(mask: Image.Image) -> Image.Image:
    # Few shades keep a picture within the 256 colours of a small PNG, without loss.
    return mask.reduce(SMOOTH).point([round(value / 255 * 7) * 255 // 7 for value in range(256)])


@dataclass(frozen=True)
class Written:
    """Words and where they were written: `x`, `y` of the baseline's start, in pixels."""

    text: str
    x: float
    y: float
    size: int


@dataclass
class Sheet:
    """A picture in the making, which remembers the words written on it."""

    width: int
    height: int
    background: str = "#ffffff"
    written: list[Written] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (self.width, self.height), self.background)
        self.draw = ImageDraw.Draw(self.image)

    def text(
        self,
        place: tuple[float, float],
        words: str,
        size: int = 15,
        fill: str = "#111827",
        *,
        bold: bool = False,
        anchor: Anchor = "ls",
    ) -> float:
        """Writes words on a baseline and returns where they end, in pixels from the left."""
        length = measure(words, size, bold=bold)
        x = place[0] - {"ls": 0, "ms": length / 2, "rs": length}[anchor]
        self.written.append(Written(words, x, place[1], size))
        left, top = int(x), int(place[1]) - size
        mask = Image.new("L", ((int(length) + size) * SMOOTH, size * 3 // 2 * SMOOTH))
        at = ((x - left) * SMOOTH, (place[1] - top) * SMOOTH)
        _write(ImageDraw.Draw(mask), at, words, size, bold)
        self.image.paste(fill, (left, top), _smooth(mask))
        return x + length

    def box(self, area: Area, fill: str, *, radius: int = 0, border: str = "") -> None:
        """Draws a filled box (`x, y, width, height`) with smooth corners, perhaps a thin border."""
        x, y, width, height = area
        if border:
            self.box(area, border, radius=radius)
            x, y, width, height, radius = x + 1, y + 1, width - 2, height - 2, max(radius - 1, 0)
        mask = Image.new("L", (width * SMOOTH, height * SMOOTH))
        edge = (0, 0, width * SMOOTH - 1, height * SMOOTH - 1)
        ImageDraw.Draw(mask).rounded_rectangle(edge, radius * SMOOTH, fill=255)
        self.image.paste(fill, (x, y), _smooth(mask))

    def trace(self, points: Sequence[tuple[float, float]], fill: str, width: int) -> None:
        """Draws a smooth line through points, with round ends and joints."""
        mask = Image.new("L", (self.width * SMOOTH, self.height * SMOOTH))
        draw, radius = ImageDraw.Draw(mask), width * SMOOTH / 2
        path = [(x * SMOOTH, y * SMOOTH) for x, y in points]
        draw.line(path, 255, width * SMOOTH)
        for x, y in path:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        self.image.paste(fill, (0, 0), _smooth(mask))

    def line(self, x: int, y: int, length: int, fill: str = "#e5e7eb") -> None:
        """Draws a thin horizontal line."""
        self.draw.line((x, y, x + length - 1, y), fill)


def compact(image: Image.Image) -> Image.Image:
    """The same pixels with a palette, where their colours fit into one."""
    colours = image.getcolors(256)
    if colours is None:
        return image
    # Not Image.quantize: it moves colours a little even where all of them fit.
    palette = [colour for _, colour in sorted(colours)]
    index = {colour: position for position, colour in enumerate(palette)}
    pixels = image.tobytes()
    codes = bytes(index[pixel] for pixel in zip(*(pixels[c::3] for c in range(3)), strict=True))
    small = Image.frombytes("P", image.size, codes)
    small.putpalette([channel for colour in palette for channel in colour])
    return small
