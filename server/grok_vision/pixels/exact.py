"""One pixel at a time, in the double arithmetic of pixelmatch 7.2.0 and in its order.

Python's floats and JavaScript's numbers are the same IEEE 754 doubles, so each verdict here is that
of pixelmatch. It is used where pixels are few, half transparent, or too near the threshold
for the quick sums of `colour`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from grok_vision.pixels.checkerboard import background

Colour = bytes
"""Red, green, blue and alpha."""

MARGIN = 2
"""How far a verdict looks: at the neighbours of the neighbours."""

_OPAQUE = 255


@dataclass(frozen=True, slots=True)
class Window:
    """A part of both pictures, as RGBA bytes and as one number for each pixel.

    It ends either at the edge of the pictures or `MARGIN` pixels beyond what is asked, so its own
    edges are those of the pictures for every pixel that is asked. What is asked counts from
    `origin`.
    """

    left: int
    top: int
    width: int
    height: int
    origin: tuple[int, int]
    picture_width: int
    bytes_of: tuple[bytes, bytes]
    colours_of: tuple[memoryview, memoryview]

    def place(self, x: int, y: int) -> int:
        """Where the pixel begins in the bytes of the whole picture."""
        return 4 * ((self.top + y) * self.picture_width + self.left + x)


def points(mask: Image.Image) -> Iterator[tuple[int, int]]:
    """Yield x and y of the pixels that are 255 in the mask."""
    data, width = mask.tobytes(), mask.width
    at = data.find(b"\xff")
    while at >= 0:
        yield at % width, at // width
        at = data.find(b"\xff", at + 1)


def distance(one: Colour, other: Colour, place: int) -> float:
    """Return pixelmatch's squared distance of two colours that differ, without its sign."""
    red, green, blue = _blended(one, other, place)
    y = red * 0.29889531 + green * 0.58662247 + blue * 0.11448223
    i = red * 0.59597799 - green * 0.27417610 - blue * 0.32180189
    q = red * 0.21147017 - green * 0.52261711 + blue * 0.31114694
    return 0.5053 * y * y + 0.299 * i * i + 0.1957 * q * q


def differs(seen: Window, x: int, y: int, limit: float) -> bool:
    """Whether the colours of a pixel are further apart than the limit."""
    x, y = x + seen.origin[0], y + seen.origin[1]
    at = 4 * (y * seen.width + x)
    first, second = seen.bytes_of
    one, other = first[at : at + 4], second[at : at + 4]
    return one != other and distance(one, other, seen.place(x, y)) > limit


def is_anti_aliased(seen: Window, x: int, y: int) -> bool:
    """Whether a pixel that differs is a smoothed edge in either picture."""
    x, y = x + seen.origin[0], y + seen.origin[1]
    return _is_smoothed(seen, 0, x, y) or _is_smoothed(seen, 1, x, y)


def _blended(one: Colour, other: Colour, place: int) -> tuple[float, float, float]:
    r1, g1, b1, a1 = one
    r2, g2, b2, a2 = other
    if a1 == a2 == _OPAQUE:
        return r1 - r2, g1 - g2, b1 - b2
    red, green, blue = background(place)
    more = a1 - a2
    return (
        (r1 * a1 - r2 * a2 - red * more) / 255,
        (g1 * a1 - g2 * a2 - green * more) / 255,
        (b1 * a1 - b2 * a2 - blue * more) / 255,
    )


def _brighter(one: Colour, other: Colour, place: int) -> float:
    red, green, blue = _blended(one, other, place)
    return red * 0.29889531 + green * 0.58662247 + blue * 0.11448223


def _is_smoothed(seen: Window, which: int, x: int, y: int) -> bool:
    """Whether the pixel lies between a darker and a brighter one of which one lies in a plane.

    Neighbours are visited column by column, and of equals the first counts.
    """
    data, colours, width = seen.bytes_of[which], seen.colours_of[which], seen.width
    centre = y * width + x
    own, colour, place = colours[centre], data[4 * centre : 4 * centre + 4], seen.place(x, y)
    equal = _on_edge(seen, x, y)
    lowest, highest = 0.0, 0.0
    darkest = brightest = centre
    for at in _neighbours(seen, x, y):
        delta = 0.0
        if colours[at] != own:
            delta = _brighter(colour, data[4 * at : 4 * at + 4], place)
        if delta == 0:
            equal += 1
            if equal > 2:
                return False
        elif delta < lowest:
            lowest, darkest = delta, at
        elif delta > highest:
            highest, brightest = delta, at
    if lowest == 0 or highest == 0:
        return False
    return _lies_in_plane(seen, darkest) or _lies_in_plane(seen, brightest)


def _lies_in_plane(seen: Window, at: int) -> bool:
    """Whether three or more neighbours have the pixel's very colour, in both pictures."""
    y, x = divmod(at, seen.width)
    edge = _on_edge(seen, x, y)
    near = _neighbours(seen, x, y)
    return all(
        edge + sum(colours[at] == colours[one] for one in near) > 2 for colours in seen.colours_of
    )


def _on_edge(seen: Window, x: int, y: int) -> int:
    return int(x in (0, seen.width - 1) or y in (0, seen.height - 1))


def _neighbours(seen: Window, x: int, y: int) -> list[int]:
    width = seen.width
    columns = range(max(x - 1, 0), min(x + 2, width))
    rows = range(max(y - 1, 0) * width, min(y + 2, seen.height) * width, width)
    centre = y * width + x
    return [row + column for column in columns for row in rows if row + column != centre]
