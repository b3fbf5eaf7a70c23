"""Pairs of pictures to compare, drawn the same on every machine.

Only whole-number drawing is used: a bitmap font, boxes, averages, and colours by `random.Random`,
whose numbers are the same everywhere. A digest of the pixels is recorded with the counts.
"""

from collections.abc import Callable
from hashlib import blake2b
from itertools import product
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFont

Pair = tuple[Image.Image, Image.Image]
Draw = Callable[[], Pair]
Colour = tuple[int, ...]

PAPER, INK, ACCENT = (250, 250, 252), (24, 26, 32), (79, 70, 229)
_FINE = 4


def digest(data: bytes) -> str:
    return blake2b(data, digest_size=8).hexdigest()


def digest_of_pair(pair: Pair) -> str:
    return digest(b"".join(image.tobytes() for image in pair))


def lettered(
    text: str = "Total 1,204.50", shift: int = 0, paper: Colour = PAPER, ink: Colour = INK
) -> Image.Image:
    """Return smoothed text; the shift is in quarters of a pixel."""
    font = ImageFont.load_default_imagefont()
    width, height = 8 * len(text) + 16, 28
    large = Image.new("RGB", (width * _FINE, height * _FINE), paper)
    small = Image.new("1", (width, height))
    ImageDraw.Draw(small).text((6, 8), text, font=font, fill=1)
    enlarged = small.resize(large.size, Image.Resampling.NEAREST)
    large.paste(ink, (shift, shift), enlarged)
    return large.reduce(_FINE)


def written(size: tuple[int, int], shift: int) -> Image.Image:
    """Return smoothed text all over a picture."""
    line = lettered("Sphinx of black quartz, judge my vow", shift)
    image = Image.new("RGB", size, PAPER)
    for y in range(0, size[1], line.height):
        for x in range(-(y % 50), size[0], line.width):
            image.paste(line, (x, y))
    return image


def apart(size: tuple[int, int], differences: list[Colour], seed: int) -> Pair:
    """Return two pictures whose colours are just so far apart, one of the differences each."""
    random = Random(seed)
    chosen = random.choices(differences, k=size[0] * size[1])
    first = [(max(0, -step), random.randint(0, 255 - abs(step))) for one in chosen for step in one]
    steps = [step for one in chosen for step in one]
    values = [low + extra for low, extra in first]
    other = bytes(value + step for value, step in zip(values, steps, strict=True))
    return Image.frombytes("RGB", size, bytes(values)), Image.frombytes("RGB", size, other)


def page(size: tuple[int, int] = (160, 120), seed: int = 1) -> Image.Image:
    """Return a small page: a bar, boxes with borders, text without smoothing."""
    random = Random(seed)
    image = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    draw.rectangle((0, 0, size[0], 11), fill=ACCENT)
    font = ImageFont.load_default_imagefont()
    for y in range(16, size[1] - 10, 20):
        for x in range(4, size[0] - 40, 80):
            draw.rectangle((x, y, x + 70, y + 15), outline=(200, 204, 212))
            word = "".join(random.choice("abcdefghijklm") for _ in range(random.randint(3, 9)))
            draw.text((x + 4, y + 3), word, font=font, fill=INK)
    return image


def edited(image: Image.Image, *boxes: tuple[int, int, int, int]) -> Image.Image:
    """Return the picture with boxes filled."""
    copy = image.copy()
    for box in boxes:
        copy.paste((200, 40, 40, 255)[: len(image.getbands())], box)
    return copy


def moved(image: Image.Image, dx: int, dy: int) -> Image.Image:
    """Return the picture moved, what leaves it coming back on the other side."""
    return ImageChops.offset(image, dx, dy)


def toned(image: Image.Image, by: int) -> Image.Image:
    """Return the picture brighter or darker, its alpha as it was."""
    table = [min(255, max(0, value + by)) for value in range(256)]
    bands = image.split()
    return Image.merge(image.mode, [band.point(table) for band in bands[:3]] + list(bands[3:]))


def speckled(
    size: tuple[int, int], palette: list[Colour], seed: int, weights: list[int] | None = None
) -> Image.Image:
    """Return a picture of which each pixel is drawn from a palette."""
    random = Random(seed)
    mode = "RGB" if len(palette[0]) == 3 else "RGBA"
    pixels = random.choices(palette, weights, k=size[0] * size[1])
    return Image.frombytes(mode, size, bytes(value for pixel in pixels for value in pixel))


def noisy(size: tuple[int, int], seed: int, bands: int = 3) -> Image.Image:
    """Return a picture in which every value is random."""
    mode = "RGB" if bands == 3 else "RGBA"
    return Image.frombytes(mode, size, Random(seed).randbytes(size[0] * size[1] * bands))


def photographed(size: tuple[int, int], seed: int) -> Image.Image:
    """Return soft noise, like a photograph out of focus with some grain."""
    coarse = noisy((size[0] * 4, size[1] * 4), seed).reduce(4)
    grain = noisy(size, seed + 1).point([value // 24 for value in range(256)] * 3)
    return ImageChops.add_modulo(coarse, grain)


def sloped(size: tuple[int, int], steps: Colour) -> Image.Image:
    """Return a gradient along x, each channel rising by its own step."""
    width, height = size
    row = bytes(min(255, x * step) for x in range(width) for step in steps)
    return Image.frombytes("RGB" if len(steps) == 3 else "RGBA", size, row * height)


def blocks(size: tuple[int, int], seed: int, *, alpha: bool = False) -> Image.Image:
    """Return many small boxes over each other."""
    random = Random(seed)
    mode = "RGBA" if alpha else "RGB"
    image = Image.new(mode, size)
    for _ in range(size[0] * size[1] // 24):
        x, y = random.randrange(size[0]), random.randrange(size[1])
        colour = tuple(random.randrange(256) for _ in range(4 if alpha else 3))
        image.paste(colour, (x, y, x + random.randint(1, 6), y + random.randint(1, 6)))
    return image


def lined(size: tuple[int, int], step: int, at: int, *, down: bool) -> Image.Image:
    """Return lines one pixel thick."""
    image = Image.new("RGB", size, PAPER)
    for place in range(at, size[0 if down else 1], step):
        image.paste(INK, (place, 0, place + 1, size[1]) if down else (0, place, size[0], place + 1))
    return image


def veiled(image: Image.Image, alpha: int | Image.Image) -> Image.Image:
    """Return the picture with this alpha."""
    copy = image.convert("RGBA")
    copy.putalpha(alpha)
    return copy


def _fading(size: tuple[int, int]) -> Image.Image:
    return sloped(size, (2, 2, 2)).getchannel(0)


def _rounded(size: tuple[int, int]) -> Image.Image:
    """An alpha whose corners are clear and smoothed."""
    large = Image.new("L", (size[0] * _FINE, size[1] * _FINE))
    ImageDraw.Draw(large).ellipse((0, 0, large.width - 1, large.height - 1), fill=255)
    return large.reduce(_FINE)


BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (128, 128, 128)
_FEW = [BLACK, WHITE, GREY]
_NEAR = [(100, 100, 100), (101, 100, 100), (100, 101, 100), (100, 100, 101), (120, 96, 110)]
_FARTHEST = [(step, step, step) for step in (12, 13, 25, 26, 76, 77, 78, 79)]
_FARTHEST += [(step, -step, -step) for step, *_ in _FARTHEST]
_FADED = [(value,) * 4 for value in range(232, 256, 2)]
_VEILS = [(*colour, alpha) for colour, alpha in product(_FEW, (0, 128, 255))]
_CLEAR = [(0, 0, 0, 0), (255, 255, 255, 0), (90, 90, 90, 0), (90, 90, 90, 255)]
_MANY = [30, 3, 1]
_AT_THE_THRESHOLD = [
    *((-17, -3, 20), (22, -10, 27), (-9, 18, 0), (-18, 3, 17)),  # 0.05, within 0.003
    *((44, 12, 15), (38, 17, 33), (-34, -6, 40), (21, 24, 44)),  # 0.1
    *((29, -35, 255), (-116, -7, 89), (26, -112, 142), (-79, 52, 118)),  # 0.3
]
_PAGE = (160, 120)

PAIRS: dict[str, Draw] = {
    # Nothing, or next to nothing.
    "the same page": lambda: (page(), page()),
    "one pixel": lambda: (page(), edited(page(), (70, 60, 71, 61))),
    "one channel by one": lambda: (page(), toned(page(), 1)),
    "one pixel in all": lambda: (Image.new("RGB", (1, 1)), Image.new("RGB", (1, 1), WHITE)),
    # Text.
    "text, another word": lambda: (lettered(), lettered("Total 1,284.90")),
    "text, a quarter of a pixel": lambda: (lettered(), lettered(shift=1)),
    "text, half a pixel": lambda: (lettered(), lettered(shift=2)),
    "text, a whole pixel": lambda: (lettered(), moved(lettered(), 1, 0)),
    "text, light on dark": lambda: (lettered(), lettered(paper=INK, ink=PAPER)),
    "text, coloured": lambda: (lettered(), lettered(ink=ACCENT)),
    "text, colours that barely differ": lambda: (
        lettered(ink=(120, 90, 200)),
        lettered(ink=(120, 90, 224), shift=1),
    ),
    "text, over several tiles": lambda: (written((1300, 140), 0), written((1300, 140), 1)),
    "text, light over dark over several tiles": lambda: (
        written((700, 200), 0),
        ImageChops.invert(written((700, 200), 2)),
    ),
    # Pages.
    "page, edited": lambda: (page(), edited(page(), (10, 20, 40, 30), (150, 100, 160, 120))),
    "page, a row further down": lambda: (page(), moved(page(), 0, 1)),
    "page, a column further right": lambda: (page(), moved(page(), 1, 0)),
    "page, darker": lambda: (page(), toned(page(), -26)),
    "page, inverted": lambda: (page(), ImageChops.invert(page())),
    "page, other words": lambda: (page(), page(seed=2)),
    "page, wider than a tile": lambda: (page((1400, 150)), moved(page((1400, 150)), 1, 1)),
    "page, edited where tiles meet": lambda: (
        page((700, 150)),
        edited(page((700, 150)), (630, 50, 650, 70), (0, 60, 3, 68), (697, 127, 700, 129)),
    ),
    "page, edits cut by tiles": lambda: (
        page((700, 150)),
        edited(page((700, 150)), (0, 0, 2, 2), (630, 80, 650, 95), (300, 120, 320, 140)),
    ),
    "page, the edges only": lambda: (
        page(),
        edited(page(), (0, 0, 160, 1), (0, 0, 1, 120), (159, 0, 160, 120), (0, 119, 160, 120)),
    ),
    # Lines and edges.
    "lines, down": lambda: (
        lined(_PAGE, 7, 0, down=True),
        lined(_PAGE, 7, 1, down=True),
    ),
    "lines, across": lambda: (
        lined(_PAGE, 5, 0, down=False),
        lined(_PAGE, 5, 4, down=False),
    ),
    "lines, the other way": lambda: (
        lined(_PAGE, 2, 0, down=True),
        lined(_PAGE, 2, 1, down=False),
    ),
    "one column": lambda: (speckled((1, 90), _FEW, 3, _MANY), speckled((1, 90), _FEW, 4, _MANY)),
    "one row": lambda: (speckled((90, 1), _FEW, 5, _MANY), speckled((90, 1), _FEW, 6, _MANY)),
    "two columns": lambda: (speckled((2, 61), _FEW, 7, _MANY), speckled((2, 61), _FEW, 8, _MANY)),
    "two rows": lambda: (speckled((61, 2), _FEW, 9, _MANY), speckled((61, 2), _FEW, 10, _MANY)),
    "three by three": lambda: (speckled((3, 3), _FEW, 11), speckled((3, 3), _FEW, 12)),
    # Few colours: equals, ties and planes in every order.
    "speckled, three colours": lambda: (
        speckled((67, 53), _FEW, 13, _MANY),
        speckled((67, 53), _FEW, 14, _MANY),
    ),
    "speckled, mostly planes": lambda: (
        speckled((97, 71), _FEW, 15, [60, 2, 1]),
        speckled((97, 71), _FEW, 16, [60, 2, 1]),
    ),
    "speckled, colours next to each other": lambda: (
        speckled((80, 60), _NEAR, 17),
        speckled((80, 60), [*_NEAR, (150, 150, 150)], 18),
    ),
    "blocks": lambda: (blocks((150, 90), 19), blocks((150, 90), 20)),
    "blocks, moved": lambda: (blocks((150, 90), 21), moved(blocks((150, 90), 21), -1, 1)),
    # Gradients, noise, photographs.
    "gradient, steeper": lambda: (sloped(_PAGE, (1, 1, 1)), sloped(_PAGE, (2, 1, 1))),
    "gradient, turned": lambda: (
        sloped((100, 100), (2, 2, 2)),
        sloped((100, 100), (2, 2, 2)).transpose(Image.Transpose.ROTATE_90),
    ),
    "noise": lambda: (noisy(_PAGE, 22), noisy(_PAGE, 23)),
    "photograph, darker": lambda: (photographed(_PAGE, 24), toned(photographed(_PAGE, 24), -25)),
    "photograph, another": lambda: (photographed(_PAGE, 25), photographed(_PAGE, 27)),
    "colours at the very threshold": lambda: apart(_PAGE, _AT_THE_THRESHOLD, 28),
    "colours as far apart as channels can make them": lambda: apart(_PAGE, _FARTHEST, 29),
    # Transparency.
    "alpha, opaque": lambda: (veiled(page(), 255), veiled(moved(page(), 0, 1), 255)),
    "alpha, half": lambda: (veiled(page(), 128), veiled(moved(page(), 1, 0), 128)),
    "alpha, half of the same page": lambda: (veiled(page(), 255), veiled(page(), 128)),
    "alpha, a little less": lambda: (veiled(page(), 255), veiled(page(), 254)),
    "alpha, clear with other colours": lambda: (veiled(page(), 0), veiled(page(seed=2), 0)),
    "alpha, fading": lambda: (
        veiled(page(), _fading(_PAGE)),
        veiled(moved(page(), 1, 1), _fading(_PAGE)),
    ),
    "alpha, fading the other way": lambda: (
        veiled(page(), _fading(_PAGE)),
        veiled(page(), ImageChops.invert(_fading(_PAGE))),
    ),
    "alpha, round": lambda: (
        veiled(page(), _rounded(_PAGE)),
        veiled(moved(page(), 0, 1), moved(_rounded(_PAGE), 1, 0)),
    ),
    "alpha, one clear corner": lambda: (
        edited(veiled(page((700, 90)), 255), (0, 0, 4, 4)),
        moved(veiled(edited(page((700, 90)), (690, 80, 700, 90)), 255), 2, 0),
    ),
    "alpha, speckled": lambda: (
        speckled((59, 47), _VEILS, 30),
        speckled((59, 47), _VEILS, 31),
    ),
    "alpha, speckled planes": lambda: (
        speckled((71, 67), _VEILS, 32, [40, 1, 1, 1, 3, 1, 1, 1, 1]),
        speckled((71, 67), _VEILS, 33, [40, 1, 1, 1, 3, 1, 1, 1, 1]),
    ),
    "alpha, clear among opaque": lambda: (
        speckled((61, 59), _CLEAR, 34, [30, 3, 3, 2]),
        speckled((61, 59), _CLEAR, 35, [30, 3, 3, 2]),
    ),
    "alpha, blocks": lambda: (blocks((90, 70), 36, alpha=True), blocks((90, 70), 37, alpha=True)),
    "alpha, noise": lambda: (noisy((90, 70), 38, bands=4), noisy((90, 70), 39, bands=4)),
    "alpha, paler and clearer": lambda: (
        speckled((90, 70), [(255,) * 4], 44),
        speckled((90, 70), _FADED, 45),
    ),
    "alpha, one row": lambda: (speckled((90, 1), _VEILS, 40), speckled((90, 1), _VEILS, 41)),
    "alpha, one column": lambda: (speckled((1, 90), _VEILS, 42), speckled((1, 90), _VEILS, 43)),
}
