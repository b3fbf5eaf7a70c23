"""What a picture of changes shows: both pictures in place, or with a shift undone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from grok_vision.pixels.comparison import MOST_REGIONS, Compared
from grok_vision.pixels.luma import luma
from grok_vision.pixels.masks import MARKED, Box
from grok_vision.pixels.palette import FADED, OUTSIDE
from grok_vision.pixels.shift import Move
from grok_vision.pixels.unshifted import Unshifted
from grok_vision.results import ChangedRegion, Region

# What only the candidate has is drawn as paper that changed.
_PAPER = 255


@dataclass(frozen=True, slots=True)
class Scene:
    """All layers of one picture, each as large as it.

    Attributes:
        ground: The reference, faded, in indices of the palette.
        shades: Its brightness, L; that of the candidate where content came in.
        changed: Where pixels changed, L.
        anti_aliased: Where edges were drawn anew, L.
        regions: What is framed, in pixels of the picture.
        ignore: What is hatched.
    """

    ground: Image.Image = field(repr=False)
    shades: Image.Image = field(repr=False)
    changed: Image.Image = field(repr=False)
    anti_aliased: Image.Image = field(repr=False)
    regions: Sequence[Region]
    ignore: Sequence[Box]


def scene(reference: Image.Image, candidate: Image.Image, compared: Compared) -> Scene:
    """Return what is drawn of a comparison."""
    if compared.apart is not None:
        return _with_gap(reference, candidate, compared, compared.apart)
    size = compared.changed.size
    shades = luma(reference)
    return Scene(
        _on(size, shades.point(FADED), OUTSIDE),
        _on(size, shades, _PAPER),
        compared.changed,
        compared.anti_aliased,
        compared.result.regions,
        compared.ignore,
    )


def _with_gap(
    reference: Image.Image, candidate: Image.Image, compared: Compared, apart: Unshifted
) -> Scene:
    """Return the reference with room for what came in, where that is, so that the rest agrees."""
    move, size = apart.move, apart.changed.size
    shades = luma(reference)
    opened = _opened(_on(size, shades, _PAPER), move, _PAPER)
    if move.dy > 0:
        opened.paste(luma(candidate.crop(move.gap)), move.gap[:2])
    changed = _opened(apart.changed, move, 0)
    changed.paste(MARKED, move.gap)
    return Scene(
        _opened(_on(size, shades.point(FADED), OUTSIDE), move, OUTSIDE),
        opened,
        changed,
        Image.new("L", changed.size),
        [_placed(region, move) for region in apart.regions[:MOST_REGIONS]],
        [_lowered(box, move) for box in compared.ignore],
    )


def _on(size: tuple[int, int], image: Image.Image, ground: int) -> Image.Image:
    """Return the picture at the upper left of a larger one."""
    if image.size == size:
        return image
    canvas = Image.new("L", size, ground)
    canvas.paste(image)
    return canvas


def _opened(image: Image.Image, move: Move, ground: int) -> Image.Image:
    """Return the picture with the rows that moved down put where they are now."""
    if move.dy < 0:
        # What went out is in the reference: nothing need be moved.
        return image.copy()
    canvas = _on((image.width, image.height + move.dy), image, ground)
    canvas.paste(ground, (move.left, move.from_y, move.right, canvas.height))
    moved = image.crop((move.left, move.from_y, move.right, image.height))
    canvas.paste(moved, (move.left, move.from_y + move.dy))
    return canvas


def _placed(region: ChangedRegion, move: Move) -> Region:
    box = (region.x, region.y, region.x + region.width, region.y + region.height)
    is_gap = (region.y, region.height) == (move.gap[1], abs(move.dy))
    left, top, right, bottom = box if is_gap else _lowered(box, move)
    return Region(x=left, y=top, width=right - left, height=bottom - top)


def _lowered(box: Box, move: Move) -> Box:
    left, top, right, bottom = box
    down = move.dy if move.dy > 0 and top >= move.from_y and left >= move.left else 0
    return left, top + down, right, bottom + down
