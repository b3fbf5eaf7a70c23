"""What a picture of changes shows: both pictures in place, or with a shift undone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from grok_vision.pixels.boxes import Box, laid, moved
from grok_vision.pixels.comparison import MOST_REGIONS, Compared
from grok_vision.pixels.luma import luma
from grok_vision.pixels.masks import MARKED
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
        laid(shades.point(FADED), size, OUTSIDE),
        laid(shades, size, _PAPER),
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
    opened = _opened(laid(shades, size, _PAPER), move, _PAPER)
    if move.dy > 0:
        opened.paste(luma(candidate.crop(move.gap)), move.gap[:2])
    changed = _opened(apart.changed, move, 0)
    changed.paste(MARKED, move.gap)
    return Scene(
        _opened(laid(shades.point(FADED), size, OUTSIDE), move, OUTSIDE),
        opened,
        changed,
        Image.new("L", changed.size),
        [
            region if region is apart.gap else _placed(region, move)
            for region in apart.listed(MOST_REGIONS)
        ],
        [_lowered(box, move) for box in compared.ignore],
    )


def _opened(image: Image.Image, move: Move, ground: int) -> Image.Image:
    """Return the picture with the rows that moved down put where they are now."""
    if move.dy < 0:
        # What went out is in the reference: nothing need be moved.
        return image.copy()
    canvas = laid(image, (image.width, image.height + move.dy), ground)
    canvas.paste(ground, (move.left, move.from_y, move.right, canvas.height))
    lower = image.crop((move.left, move.from_y, move.right, image.height))
    canvas.paste(lower, (move.left, move.from_y + move.dy))
    return canvas


def _placed(region: ChangedRegion, move: Move) -> Region:
    box = (region.x, region.y, region.x + region.width, region.y + region.height)
    left, top, right, bottom = _lowered(box, move)
    return Region(x=left, y=top, width=right - left, height=bottom - top)


def _lowered(box: Box, move: Move) -> Box:
    is_lower = move.dy > 0 and box[1] >= move.from_y and box[0] >= move.left
    return moved(box, 0, move.dy) if is_lower else box
