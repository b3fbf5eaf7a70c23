"""What was measured, in words: for people, and for the model that is asked."""

from collections.abc import Iterator, Sequence

from grok_vision.results import PixelDifference, Region, Shift
from grok_vision.texts import counted
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
    if not regions:
        return told
    places = "; ".join(f"{number}: {region.place}" for number, region in enumerate(regions, 1))
    return f"{told} Its regions by number, in pixels of picture 1: {places}"


def shift_told(shift: Shift) -> str:
    """Return what moved, as a clause."""
    rows = counted(abs(shift.dy), "row")
    if shift.dy > 0:
        return (
            f"{rows} came in at row {shift.from_y}, and the content from there on moved down by "
            f"{shift.dy} pixels"
        )
    return (
        f"{rows} went out at row {shift.gap.y}, and the content from row {shift.from_y} on moved "
        f"up by {-shift.dy} pixels"
    )


def changed_told(one: PixelDifference) -> str:
    """Return how much changed, as a clause."""
    return f"{counted(one.changed_pixels, 'pixel')} ({_percent(one.changed_ratio)}) changed"


def _parts(one: PixelDifference) -> Iterator[str]:
    regions = regions_of(one)
    if one.scale is not None:
        alike = f"it is like the reference at {one.scale:g} times its size (in pixels)"
        yield f"{alike}, except for {_listed(regions, len(regions))}" if regions else alike
        return
    yield changed_told(one)
    if not one.same_size:
        yield "the sizes differ, and what only one of them shows counts as changed"
    if shift := one.shift:
        yield shift_told(shift)
        yield f"apart from that {counted(shift.changed_pixels, 'pixel')} changed"
        yield f"with these rows in {_listed(regions, shift.regions_found)}"
    elif regions:
        yield f"in {_listed(regions, one.regions_found)}"


def _listed(regions: Sequence[Region], found: int) -> str:
    some = ", ".join(region.place for region in regions[:_MOST_LISTED])
    more = ", …" if found > _MOST_LISTED else ""
    return f"{counted(found, 'region')}: {some}{more}"


def _uncounted(one: PixelDifference) -> str:
    edges, faint = one.anti_aliased_pixels, one.faint_pixels
    told = []
    if edges:
        told.append(f"{counted(edges, 'pixel')} differ as redrawn edges do")
    if faint:
        told.append(f"{counted(faint, 'pixel')} differ by less than threshold")
    return ", ".join(told)


def _percent(ratio: float) -> str:
    percent = 100 * ratio
    if percent >= 1:
        return f"{percent:.1f} %"
    # Down to one pixel of a large screen, without an exponent.
    return f"{percent:.2g} %" if percent >= 0.0001 else "less than 0.0001 %"
