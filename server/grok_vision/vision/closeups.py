"""Which changed regions a model is shown enlarged, and how they are announced."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grok_vision.chat import region_label, rows_of_regions_label
from grok_vision.images import Cut, SentPart
from grok_vision.providers import Choice
from grok_vision.vision.measuring import Closeup, Measured, Seen
from grok_vision.vocabulary import Detail

MOST_CLOSEUPS: dict[Detail, int] = {"low": 2, "auto": 6, "high": 12}
"""How many changed regions a call shows enlarged, of all pictures together."""

# As many stand in one picture, where there is room for one only.
_MOST_IN_ONE = 3
# A region so large, in pixels of its longer side, is seen as well in a whole that is sent so large.
_LARGE, _LARGE_WHOLE = 1024, 0.75

Numbered = tuple[int, Closeup]
"""The number of a picture, and a region of it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is shown enlarged: each as pictures of its own, or several in one."""

    apart: Sequence[Numbered] = ()
    in_one: Sequence[Numbered] = ()

    @property
    def pictures(self) -> int:
        """How many pictures that takes."""
        return sum(len(closeup.cuts) for _, closeup in self.apart) + bool(self.in_one)


def chosen(reference: Seen, measured: Sequence[Measured], choice: Choice, detail: Detail) -> Chosen:
    """Return the most important regions, as many of one picture as of another."""
    limits = choice.images
    whole = min(1.0, limits.scale(*reference.size, detail))
    ranked = [
        entry
        for entry in _ranked(measured)
        if whole < _LARGE_WHOLE or entry[1].longest_side <= _LARGE
    ][: MOST_CLOSEUPS[detail]]
    if limits.max_images is None:
        return Chosen(sorted(ranked, key=_place))
    room = limits.max_images - 1 - len(measured)
    apart: list[Numbered] = []
    # One picture that is left shows the first regions together rather than a lesser one.
    takes_one = room == 1 and ranked and len(ranked[0][1].cuts) > 1
    for entry in () if takes_one else ranked:
        if len(entry[1].cuts) <= room:
            apart.append(entry)
            room -= len(entry[1].cuts)
    if apart or not room:
        return Chosen(sorted(apart, key=_place))
    first = next((number for number, _ in ranked), 0)
    # Two pictures to a row; what one of them has not is seen in the whole.
    pairs = [entry for entry in ranked if entry[0] == first and len(entry[1].cuts) > 1]
    return Chosen(in_one=sorted(pairs[:_MOST_IN_ONE], key=_place))


def closeup_label(number: int, closeup: Closeup, first: SentPart) -> str:
    """Return how a closeup of picture `number` is announced; `first` is its first part."""
    cut = closeup.cuts[0]
    scale = round(first.size[0] / cut.pixels.size[0], 2)
    if closeup.reference is not None:
        left, top, right, bottom = closeup.reference.box
    else:
        left, top, right, bottom = closeup.place.reference
    place = f"x {left} to {right}, y {top} to {bottom}"
    owners = closeup.owners(number)
    only = owners[0] if len(owners) == 1 else None
    return region_label(closeup.place.number, number, place, scale, only=only)


def pair_rows(entries: Sequence[Numbered]) -> list[list[tuple[str, Cut]]]:
    """Return the rows of one picture that shows several regions."""
    return [
        [
            (f"Region {closeup.place.number}, picture {owner}", cut)
            for owner, cut in zip(closeup.owners(number), closeup.cuts, strict=True)
        ]
        for number, closeup in entries
    ]


def rows_label(entries: Sequence[Numbered]) -> str:
    """Return how one picture of several regions is announced."""
    return rows_of_regions_label([closeup.place.number for _, closeup in entries], entries[0][0])


def _ranked(measured: Sequence[Measured]) -> Iterator[Numbered]:
    """Yield the regions, the first of each picture before the second of any."""
    most = max(len(one.closeups) for one in measured)
    for rank in range(most):
        for one in measured:
            if rank < len(one.closeups):
                yield one.difference.image, one.closeups[rank]


def _place(entry: Numbered) -> tuple[int, int]:
    return entry[0], entry[1].place.number
