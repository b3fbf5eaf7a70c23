"""Reads from the labels before pictures which of them belong together in a comparison."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_PICTURE = re.compile(r"\[Picture (\d+) of \d+\]")
_PART = re.compile(r"\[Part \d+ of \d+ of one picture: x (\d+) to (\d+), y (\d+) to (\d+) ")
_REGION = re.compile(
    r"\[Region (\d+) of picture (\d+), at x (\d+) to (\d+), y (\d+) to (\d+) in the pixels of "
    r"picture 1(?:\.|, which only picture (\d+) has\.) The next [a-z ]+ enlarged (\d+(?:\.\d+)?) "
    r"times"
)
_SHEET = re.compile(r"\[One picture shows ")
_MEASURED = re.compile(r"^Measured:\n((?:.+\n?)*)", re.MULTILINE)
_FACT = re.compile(r"- picture (\d+): ")
_GAP = re.compile(r"; (\d[\d,]*) rows? (came in|went out) at row (\d+), and the content from ")
_REGIONS = re.compile(r"; in (\d[\d,]*) regions?: ")

_AROUND = 32  # pixels above and below a region that are cut out with it, at most

Box = tuple[int, int, int, int]  # left, top, right, bottom; the last two exclusive


@dataclass(frozen=True)
class Closeup:
    """A changed region, enlarged, of picture 1 and of another, or of the only one that has it.

    Attributes:
        region: Its number.
        picture: The number of the other picture.
        box: Where it lies in picture 1, in its pixels.
        scale: How much it is enlarged.
        before: The place of the one of picture 1 in the request, from 0.
        after: The place of the other.
    """

    region: int
    picture: int
    box: Box
    scale: float
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Gap:
    """Rows that came in or went out, and moved what is below them.

    Attributes:
        top: The first of them, in the picture that has them.
        dy: How many, below 0 where they went out.
    """

    top: int
    dy: int

    @property
    def rows(self) -> tuple[int, int]:
        """The first of them, and that behind the last."""
        return self.top, self.top + abs(self.dy)

    def fills(self, box: Box) -> bool:
        """Tells whether a box is around them and shows little more."""
        top, bottom = self.rows
        return box[1] <= top and bottom <= box[3] and box[3] - box[1] <= bottom - top + 2 * _AROUND


@dataclass(frozen=True)
class Fact:
    """What was measured of a picture: how many regions changed, and what moved the rest."""

    regions: int = 0
    gap: Gap | None = None


@dataclass(frozen=True)
class Part:
    """A picture in the request, by its place; `box` is what it shows where it is not a whole."""

    place: int
    box: Box | None = None


@dataclass(frozen=True)
class Shown:
    """What a request shows: whole pictures by their number, in parts if long, and closeups."""

    wholes: dict[int, list[Part]] = field(default_factory=dict)
    closeups: list[Closeup] = field(default_factory=list)


def shown(labels: Sequence[str]) -> Shown:
    """Returns what pictures with these labels show. Those without are numbered in their order."""
    found = Shown()
    number, place = 0, 0
    while place < len(labels):
        label = labels[place]
        region = _REGION.match(label)
        if region and place + (region[7] is None) < len(labels):
            closeup = _closeup(region, place)
            found.closeups.append(closeup)
            place += 2 if region[7] is None else 1
            continue
        if not _SHEET.match(label):
            part = _PART.search(label)
            number = _number(label, number, is_part=part is not None)
            box = tuple(map(int, part.groups())) if part else None
            found.wholes.setdefault(number, []).append(Part(place, _box(box) if box else None))
        place += 1
    return found


def facts(words: Sequence[str]) -> dict[int, Fact]:
    """Returns what was measured, by the number of the picture.

    Only the first list of it counts: what a user asks comes after it, and may look like one.
    """
    found: dict[int, Fact] = {}
    block = next(filter(None, map(_MEASURED.search, words)), None)
    for line in block[1].splitlines() if block else ():
        if fact := _FACT.match(line):
            found.setdefault(int(fact[1]), _fact(line))
    return found


def _fact(line: str) -> Fact:
    regions, gap = _REGIONS.search(line), _GAP.search(line)
    return Fact(
        _count(regions[1]) if regions else 0,
        Gap(int(gap[3]), _count(gap[1]) * (1 if gap[2] == "came in" else -1)) if gap else None,
    )


def _count(text: str) -> int:
    return int(text.replace(",", ""))


def _closeup(label: re.Match[str], place: int) -> Closeup:
    region, picture, *sides = map(int, label.groups()[:6])
    only = label[7] and int(label[7])
    before = None if only and only != 1 else place
    after = None if only == 1 else place if only else place + 1
    return Closeup(region, picture, _box(sides), float(label[8]), before, after)


def _number(label: str, last: int, *, is_part: bool) -> int:
    if announced := _PICTURE.match(label):
        return int(announced[1])
    return last if is_part and last else last + 1


def _box(sides: Sequence[int]) -> Box:
    left, right, top, bottom = sides
    return left, top, right, bottom
