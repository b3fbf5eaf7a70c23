"""Tells what is the same in several places once for all of them."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from grok_vision.local.changes import Kind
from grok_vision.local.differences import Difference
from grok_vision.local.labelled import Box, Gap
from grok_vision.local.telling import told_moves
from grok_vision.local.words import letters

Steps = tuple[float, float]

_NEAR = 3.0  # pixels by which equal moves are read to be off
_FEW = 2  # pieces that moved alike and are still quoted
_MOST_MOVES = 10  # of one picture


def told_once(found: Sequence[Difference], gap: Gap | None) -> list[Difference]:
    """Returns the differences of one picture, each once, region by region.

    That text moved for what came in or went out above it is known, and told of no piece.
    """
    texts = [one for one in found if one.is_text]
    drawn = [one for one in found if one.change is None and one.steps is None]
    shift = (0.0, float(gap.dy)) if gap else None
    moves = [one for one in found if one.steps and not (shift and _is_near(one.steps, shift))]
    told = [one for place, one in enumerate(texts) if not _is_told(one, texts[:place])]
    once = [*map(_with_other_place(told), told), *_moves(moves), *_alike(drawn)]
    return sorted(once, key=lambda one: one.region or math.inf)


def _is_told(one: Difference, before: Sequence[Difference]) -> bool:
    """Tells whether the same words are told of the same place: regions may lie over another."""
    return any(
        one.description == other.description
        and (
            not one.region
            or any(_meet(*pair) for pair in zip(one.boxes, other.boxes, strict=False))
        )
        for other in before
    )


def _meet(one: Box, other: Box) -> bool:
    return max(one[0], other[0]) < min(one[2], other[2]) and (
        max(one[1], other[1]) < min(one[3], other[3])
    )


def _with_other_place(found: Sequence[Difference]) -> Callable[[Difference], Difference]:
    """Returns what adds to text that went from one region whether another has it now."""
    places = {
        (one.change.kind, letters(one.change.text)): one.region
        for one in reversed(found)
        if one.change is not None
    }

    def told(one: Difference) -> Difference:
        if one.change is None or one.change.kind not in ("added", "removed"):
            return one
        kind: Kind = "removed" if one.change.kind == "added" else "added"
        there = places.get((kind, letters(one.change.text)), one.region)
        if there == one.region:
            return one
        return replace(one, description=f"{one.description}; it was {kind} in region {there}")

    return told


def _moves(moves: Sequence[Difference]) -> Iterator[Difference]:
    """Yields what moved, most pieces of text first; many that moved alike are counted."""
    groups: list[list[Difference]] = []
    for one in moves:
        near = next((group for group in groups if _is_near(group[0].steps, one.steps)), None)
        if near is None:
            groups.append([one])
        else:
            near.append(one)
    groups.sort(key=len, reverse=True)
    told = [one for group in groups for one in (group if len(group) <= _FEW else [_all(group)])]
    yield from told[:_MOST_MOVES]
    if more := told[_MOST_MOVES:]:
        what = "piece" if len(more) == 1 else "pieces"
        yield replace(more[0], description=f"and {len(more)} more {what} of text moved")


def _is_near(one: Steps | None, other: Steps | None) -> bool:
    pairs = zip(one or (), other or (), strict=True)
    return all(abs(first - second) <= _NEAR for first, second in pairs)


def _all(group: Sequence[Difference]) -> Difference:
    middle = sorted(one.steps or (0.0, 0.0) for one in group)[len(group) // 2]
    return replace(group[0], description=told_moves(len(group), middle) + _in(group))


def _alike(drawn: Sequence[Difference]) -> Iterator[Difference]:
    """Yields what is told in the same words once, with the regions in which it is so."""
    groups: dict[str, list[Difference]] = {}
    for one in drawn:
        groups.setdefault(one.description, []).append(one)
    for description, group in groups.items():
        yield replace(group[0], description=description + _in(group))


def _in(group: Sequence[Difference]) -> str:
    *regions, last = sorted({one.region for one in group})
    return f", in regions {', '.join(map(str, regions))} and {last}" if regions else ""
