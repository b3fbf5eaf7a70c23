"""Two pictures compared pixel by pixel: the verdict, how much changed, where, and what moved."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from grok_vision.pixels.boxes import Box, cut
from grok_vision.pixels.masks import Masks, common_box, count, masks_of
from grok_vision.pixels.regions import changed_regions
from grok_vision.pixels.shift import shifted
from grok_vision.pixels.similarity import similarity
from grok_vision.pixels.stopping import check
from grok_vision.pixels.twin import twin
from grok_vision.pixels.unshifted import Unshifted, unshifted
from grok_vision.results import PixelDifference, Region, Shift, Verdict

MOST_REGIONS = 20  # listed


@dataclass(frozen=True, slots=True)
class Compared:
    """How two pictures differ, and the masks a picture of it is drawn from.

    Both masks are L, on a canvas that holds both pictures, and not 0 where pixels changed or are
    anti-aliasing drawn anew. `apart` is what differs apart from a shift, where there is one.
    """

    result: PixelDifference
    changed: Image.Image = field(repr=False)
    anti_aliased: Image.Image = field(repr=False)
    ignore: tuple[Box, ...] = ()
    apart: Unshifted | None = None


def compare(
    reference: Image.Image,
    candidate: Image.Image,
    *,
    number: int,
    threshold: float,
    ignore: Sequence[Box] = (),
    stop: threading.Event | None = None,
) -> Compared:
    """Measure how the candidate, which is image `number`, differs from the reference.

    Both are RGB or RGBA and upright. They are never resized: where their sizes differ they lie at
    the upper left, and what only one of them has counts as changed.

    Raises:
        StoppedError: `stop` was set meanwhile.
    """
    if reference.mode != candidate.mode:
        reference, candidate = reference.convert("RGBA"), candidate.convert("RGBA")
    masks = masks_of(reference, candidate, threshold, ignore, stop)
    differing = count(masks.differing)
    anti_aliased = count(masks.anti_aliased)
    check(stop)
    regions = changed_regions(masks.changed)
    changed = sum(region.changed_pixels for region in regions)
    same_size = reference.size == candidate.size
    apart = _apart(reference, candidate, masks, threshold, ignore, stop)
    larger = None if same_size else twin(reference, candidate, ignore)
    result = PixelDifference(
        image=number,
        verdict=_verdict(differing, changed),
        changed_pixels=changed,
        changed_ratio=_ratio(changed, masks.total),
        similarity=_similarity(reference, candidate, masks, stop) if differing else 1.0,
        same_size=same_size,
        anti_aliased_pixels=anti_aliased,
        faint_pixels=differing - changed - anti_aliased,
        regions=list(regions[:MOST_REGIONS]),
        regions_found=len(regions),
        shift=apart and _shift(apart),
        scale=larger and larger.scale,
        unlike=list(larger.unlike) if larger else [],
    )
    return Compared(result, masks.changed, masks.anti_aliased, tuple(ignore), apart)


def _verdict(differing: int, changed: int) -> Verdict:
    if changed:
        return "different"
    return "equivalent" if differing else "identical"


def _ratio(part: float, whole: float) -> float:
    """Return a part of the whole in four digits, 0 and 1 only where it is none or all of it."""
    if part == whole:
        return 1.0
    return min(float(f"{part / whole:.4g}"), 0.9999)


def _similarity(
    reference: Image.Image, candidate: Image.Image, masks: Masks, stop: threading.Event | None
) -> float:
    """Return how alike both look where both are, with 0 for the rest, and 1 never.

    It is told in four digits, but 0 only where it is.
    """
    inside = common_box(reference, candidate)
    one, other, differing = (
        cut(image, inside) for image in (reference, candidate, masks.differing)
    )
    score = similarity(one, other, differing, stop) * masks.common / masks.total
    return min(round(score, 4), 0.9999) or score


def _apart(
    reference: Image.Image,
    candidate: Image.Image,
    masks: Masks,
    threshold: float,
    ignore: Sequence[Box],
    stop: threading.Event | None,
) -> Unshifted | None:
    move = shifted(reference, candidate, masks.changed, masks.differing, threshold, ignore, stop)
    sizes = (reference.size, candidate.size)
    return unshifted(sizes, masks.changed, move, ignore) if move else None


def _shift(apart: Unshifted) -> Shift:
    move, (left, top, right, bottom) = apart.move, apart.move.gap
    return Shift(
        dy=move.dy,
        from_y=move.from_y,
        matched_ratio=_ratio(move.matched_ratio, 1),
        gap=Region(x=left, y=top, width=right - left, height=bottom - top),
        changed_pixels=sum(region.changed_pixels for region in apart.regions),
        regions=apart.listed(MOST_REGIONS),
        regions_found=len(apart.regions) + (apart.gap is not None),
    )
