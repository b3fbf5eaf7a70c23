"""The words that stand before a picture among several, and before the parts of a split one."""

from grok_vision.results import SentRegion


def picture_label(number: int, pictures: int) -> str:
    """Return how picture `number` (from 1) is announced to the model."""
    return f"[Picture {number} of {pictures}]"


def region_label(
    region: int, number: int, place: str, scale: float, *, only: int | None = None
) -> str:
    """Return how a changed region is announced: two pictures follow, the reference first.

    One follows where only that picture reaches there.
    """
    where = f"[Region {region} of picture {number}, at {place} in the pixels of picture 1"
    if only is not None:
        return (
            f"{where}, which only picture {only} has. The next picture shows it enlarged "
            f"{scale:g} times.]"
        )
    return (
        f"{where}. The next two pictures show it enlarged {scale:g} times: first in picture 1, "
        f"then in picture {number}.]"
    )


def rows_of_regions_label(regions: list[int], number: int) -> str:
    """Return how one picture is announced that shows several regions, a row for each."""
    named = f"region{'s' if len(regions) > 1 else ''} {', '.join(map(str, regions))}"
    return (
        f"[One picture shows the {named} of picture {number} enlarged, each row first in "
        f"picture 1, then in picture {number}.]"
    )


def sheet_label(pictures: int) -> str:
    """Return how several pictures in one are announced."""
    return f"[One picture shows all {pictures}, each under its number.]"


def part_label(number: int, regions: list[SentRegion]) -> str:
    """Return how part `number` (from 1) is announced to the model."""
    region = regions[number - 1]
    place = (
        f"[Part {number} of {len(regions)} of one picture: x {region.x} to "
        f"{region.x + region.width}, y {region.y} to {region.y + region.height} in its pixels."
    )
    if number == 1:
        return f"{place} The parts follow in reading order and overlap; count nothing twice.]"
    return f"{place}]"
