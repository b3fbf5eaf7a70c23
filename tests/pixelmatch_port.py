"""pixelmatch 7.2.0 in Python, line by line, with its default options: slow, and nothing shared.

Its source: https://github.com/mapbox/pixelmatch/blob/v7.2.0/index.js (ISC licence). Python's floats
are JavaScript's numbers, so the verdicts are the same; the recorded counts hold it to that.
"""

from PIL import Image

SAME, SMOOTHED, CHANGED = range(3)
"""Verdicts on a pixel: not painted, painted yellow, painted red."""


def verdicts(first: Image.Image, second: Image.Image, threshold: float) -> bytes:
    """Return the verdict on each pixel, row by row."""
    img1, img2 = (image.convert("RGBA").tobytes() for image in (first, second))
    width, height = first.size
    a32, b32 = (memoryview(data).cast("I").tolist() for data in (img1, img2))
    max_delta = 35215 * threshold * threshold
    output = bytearray(width * height)
    for i in range(width * height):
        delta = 0 if a32[i] == b32[i] else color_delta(img1, img2, i * 4)
        if abs(delta) > max_delta:
            x, y = i % width, i // width
            is_excluded = antialiased(img1, x, y, width, height, a32, b32) or antialiased(
                img2, x, y, width, height, b32, a32
            )
            output[i] = SMOOTHED if is_excluded else CHANGED
    return bytes(output)


def antialiased(  # noqa: C901 - as in the source
    img: bytes, x1: int, y1: int, width: int, height: int, a32: list[int], b32: list[int]
) -> bool:
    x0, y0 = max(x1 - 1, 0), max(y1 - 1, 0)
    x2, y2 = min(x1 + 1, width - 1), min(y1 + 1, height - 1)
    pos = (y1 * width + x1) * 4
    zeroes = 1 if x1 in (x0, x2) or y1 in (y0, y2) else 0
    lowest = highest = 0.0
    min_x = min_y = max_x = max_y = 0
    for x in range(x0, x2 + 1):
        for y in range(y0, y2 + 1):
            if x == x1 and y == y1:
                continue
            delta = brightness_delta(img, pos, (y * width + x) * 4)
            if delta == 0:
                zeroes += 1
                if zeroes > 2:
                    return False
            elif delta < lowest:
                lowest, min_x, min_y = delta, x, y
            elif delta > highest:
                highest, max_x, max_y = delta, x, y
    if lowest == 0 or highest == 0:
        return False
    return (
        has_many_siblings(a32, min_x, min_y, width, height)
        and has_many_siblings(b32, min_x, min_y, width, height)
    ) or (
        has_many_siblings(a32, max_x, max_y, width, height)
        and has_many_siblings(b32, max_x, max_y, width, height)
    )


def has_many_siblings(img: list[int], x1: int, y1: int, width: int, height: int) -> bool:
    x0, y0 = max(x1 - 1, 0), max(y1 - 1, 0)
    x2, y2 = min(x1 + 1, width - 1), min(y1 + 1, height - 1)
    val = img[y1 * width + x1]
    zeroes = 1 if x1 in (x0, x2) or y1 in (y0, y2) else 0
    for x in range(x0, x2 + 1):
        for y in range(y0, y2 + 1):
            if x == x1 and y == y1:
                continue
            zeroes += val == img[y * width + x]
            if zeroes > 2:
                return True
    return False


def color_delta(img1: bytes, img2: bytes, k: int) -> float:
    dr, dg, db = differences(img1, k, img2, k, k)
    y = dr * 0.29889531 + dg * 0.58662247 + db * 0.11448223
    i = dr * 0.59597799 - dg * 0.27417610 - db * 0.32180189
    q = dr * 0.21147017 - dg * 0.52261711 + db * 0.31114694
    delta = 0.5053 * y * y + 0.299 * i * i + 0.1957 * q * q
    return -delta if y > 0 else delta


def brightness_delta(img: bytes, k: int, m: int) -> float:
    dr, dg, db = differences(img, k, img, m, k)
    return dr * 0.29889531 + dg * 0.58662247 + db * 0.11448223


def differences(img1: bytes, k: int, img2: bytes, m: int, place: int) -> tuple[float, float, float]:
    r1, g1, b1, a1 = img1[k : k + 4]
    r2, g2, b2, a2 = img2[m : m + 4]
    dr, dg, db, da = r1 - r2, g1 - g2, b1 - b2, a1 - a2
    if a1 < 255 or a2 < 255:
        rb = 48 + 159 * (place % 2)
        gb = 48 + 159 * (int(place / 1.618033988749895) % 2)
        bb = 48 + 159 * (int(place / 2.618033988749895) % 2)
        return (
            (r1 * a1 - r2 * a2 - rb * da) / 255,
            (g1 * a1 - g2 * a2 - gb * da) / 255,
            (b1 * a1 - b2 * a2 - bb * da) / 255,
        )
    return dr, dg, db
