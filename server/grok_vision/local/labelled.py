"""Reads from the labels before pictures which of them belong together in a comparison."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_PICTURE = re.compile(r"\[Picture (\d+) of \d+\]")
_PART = re.compile(r"\[Part \d+ of \d+ of one picture: x (\d+) to (\d+), y (\d+) to (\d+) ")
_REGION = re.compile(
    r"\[Region (\d+) of picture (\d+), at x (\d+) to (\d+), y (\d+) to (\d+) in the pixels of "
    r"picture 1\. .* enlarged ([\d.]+) times: first in picture 1,"
)
_MOVE = re.compile(
    r"picture (\d+): [^\n]*?from row (\d+) on the content moved (down|up) by (\d+) pixels"
)
_SHEET = re.compile(r"\[One picture shows all \d+ pictures")

_AROUND = 32  # pixels above and below a region that are cut out with it, at most

Box = tuple[int, int, int, int]  # left, top, right, bottom; the last two exclusive


@dataclass(frozen=True)
class Closeup:
    """A changed region, enlarged, of picture 1 and of another.

    Attributes:
        region: Its number.
        picture: The number of the other picture.
        box: Where it lies in picture 1, in its pixels.
        scale: How much it is enlarged in `before`.
        before: The place of the one of picture 1 in the request, from 0.
        after: The place of the other.
    """

    region: int
    picture: int
    box: Box
    scale: float
    before: int
    after: int


@dataclass(frozen=True)
class Move:
    """Content that was moved down by `dy` pixels, or up, from a row of picture 1 on."""

    from_row: int
    dy: int

    def is_made_by(self, box: Box) -> bool:
        """Tells whether a box is around what came in or went out there."""
        top = self.from_row + min(self.dy, 0)
        bottom = top + abs(self.dy)
        return box[1] <= top <= box[1] + _AROUND and bottom <= box[3] <= bottom + _AROUND


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
        if region and place + 1 < len(labels):
            region_number, picture, *sides = map(int, region.groups()[:6])
            found.closeups.append(
                Closeup(region_number, picture, _box(sides), float(region[7]), place, place + 1)
            )
            place += 2
            continue
        if not _SHEET.match(label):
            part = _PART.search(label)
            number = _number(label, number, is_part=part is not None)
            box = tuple(map(int, part.groups())) if part else None
            found.wholes.setdefault(number, []).append(Part(place, _box(box) if box else None))
        place += 1
    return found


def moves(words: Sequence[str]) -> dict[int, Move]:
    """Returns what was measured to have moved, by the number of the picture."""
    return {
        int(number): Move(int(row), int(by) if way == "down" else -int(by))
        for text in words
        for number, row, way, by in _MOVE.findall(text)
    }


def _number(label: str, last: int, *, is_part: bool) -> int:
    if announced := _PICTURE.match(label):
        return int(announced[1])
    return last if is_part and last else last + 1


def _box(sides: Sequence[int]) -> Box:
    left, right, top, bottom = sides
    return left, top, right, bottom
