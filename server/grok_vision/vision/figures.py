"""What was measured, in words: for people, and for the model that is asked."""

from collections.abc import Iterator, Sequence

from grok_vision.results import ChangedRegion, PixelDifference
from grok_vision.vision.places import regions_of

_MOST_LISTED = 3


def summary(measured: Sequence[PixelDifference]) -> str:
    """Return what was measured of all pictures."""
    if len(measured) == 1:
        told = told_of(measured[0])
        return f"{told[:1].upper()}{told[1:]}."
    return " ".join(f"Image {one.image}: {told_of(one)}." for one in measured)


def told_of(one: PixelDifference) -> str:
    """Return what was measured of one picture, as a clause."""
    if one.verdict == "identical":
        return "no pixel differs"
    if one.verdict == "equivalent":
        return f"no visible change: {_uncounted(one)}"
    return "; ".join(_parts(one))


def for_model(one: PixelDifference) -> str:
    """Return what was measured of one picture, with its regions by their numbers."""
    told = f"picture {one.image}: {told_of(one)}."
    regions = regions_of(one)
    if not regions or one.scale is not None:
        return told
    places = "; ".join(f"{number}: {_place(region)}" for number, region in enumerate(regions, 1))
    return f"{told} Its regions by number, in pixels of picture 1: {places}"


def _parts(one: PixelDifference) -> Iterator[str]:
    if one.scale is not None:
        yield f"it looks the same at {one.scale:g} times the size of the reference (in pixels)"
        return
    yield f"{one.changed_pixels:,} pixels ({_percent(one.changed_ratio)}) changed"
    if not one.same_size:
        yield "the sizes differ, and what only one of them shows counts as changed"
    if shift := one.shift:
        way = "down" if shift.dy > 0 else "up"
        yield f"from row {shift.from_y} on the content moved {way} by {abs(shift.dy)} pixels"
        yield f"apart from that {shift.changed_pixels:,} pixels changed"
    regions = regions_of(one)
    if regions:
        found = len(regions) if one.shift else one.regions_found
        some = ", ".join(map(_place, regions[:_MOST_LISTED]))
        more = ", …" if found > _MOST_LISTED else ""
        yield f"in {found:,} region{'s' if found > 1 else ''}: {some}{more}"


def _uncounted(one: PixelDifference) -> str:
    edges, faint = one.anti_aliased_pixels, one.faint_pixels
    told = []
    if edges:
        told.append(f"{edges:,} pixels differ as redrawn edges do")
    if faint:
        told.append(f"{faint:,} differ by less than threshold")
    return ", ".join(told)


def _place(region: ChangedRegion) -> str:
    return f"{region.width}x{region.height} at {region.x},{region.y}"


def _percent(ratio: float) -> str:
    percent = 100 * ratio
    return f"{percent:.1f} %" if percent >= 1 else f"{percent:.2g} %"
