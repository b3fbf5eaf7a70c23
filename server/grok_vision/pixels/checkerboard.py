"""What lies behind transparent pixels: the checkerboard of pixelmatch 7.2.0.

Its colours depend on where a pixel begins in the bytes of the picture, four to a pixel. Red would
alternate from byte to byte and is therefore always dark; green and blue alternate in
steps of the golden ratio and of its square.
"""

from PIL import Image

DARK, STEP = 48, 159
_GREEN, _BLUE = 1.618033988749895, 2.618033988749895


def background(place: int) -> tuple[int, int, int]:
    """Return the colour behind the pixel that begins at this byte."""
    return (
        DARK + STEP * (place % 2),
        DARK + STEP * (int(place / _GREEN) % 2),
        DARK + STEP * (int(place / _BLUE) % 2),
    )


def backgrounds(left: int, top: int, size: tuple[int, int], width: int) -> list[Image.Image]:
    """Return red, green and blue (mode F) of a part of a picture that is `width` pixels wide."""
    return [
        Image.new("F", size, DARK),
        _plane(_GREEN, left, top, size, width),
        _plane(_BLUE, left, top, size, width),
    ]


def _plane(ratio: float, left: int, top: int, size: tuple[int, int], width: int) -> Image.Image:
    parities = bytearray()
    for start in range(4 * (top * width + left), 4 * ((top + size[1]) * width + left), 4 * width):
        places = range(start, start + 4 * size[0], 4)
        parities += bytes([int(place / ratio) & 1 for place in places])
    colours = [DARK, DARK + STEP] * 128
    return Image.frombytes("L", size, bytes(parities)).point(colours).convert("F")
