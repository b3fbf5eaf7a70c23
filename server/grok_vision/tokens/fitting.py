"""The line through what answers reported: how a model really counts, from a rule that is assumed.

Points are averages over the parts of one answer: tokens by the rule, and tokens as reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean, linear_regression, median

from grok_vision.tokens.count import NEAR, Correction
from grok_vision.tokens.observation import Observation

Point = tuple[float, float]

# Sizes this far apart show of what shape the formula is: flat, proportional or with a part of both.
_WIDE = 1.5
_SIZES_OF_A_LINE = 3
# Narrowest ranges: rounding to cells, and a shape that was not seen yet.
_KNOWN_SHAPE = 0.02
_UNKNOWN_SHAPE = 0.25

# A change of the formula is believed of this many answers, and where most of them disagree by more
# than this, or by twice what the older ones differ among themselves.
_FEW = 3
_MOST = 0.75
_CHANGE = 0.10


@dataclass(frozen=True, slots=True)
class _Line:
    slope: float
    intercept: float

    def at(self, estimated: float) -> float:
        return self.slope * estimated + self.intercept

    def deviations(self, points: Sequence[Point]) -> list[float]:
        return [abs(y - self.at(x)) / self.at(x) for x, y in points]

    def deviation(self, points: Sequence[Point]) -> float:
        return max(self.deviations(points))


@lru_cache(maxsize=64)
def fitted(seen: tuple[Observation, ...]) -> Correction | None:
    """Return the correction that the observations, newest first, speak for; None without any.

    One answer is evidence, where there was none: its range is ±50 %. It narrows with their number
    (±25 % at three, ±9 % at ten), never below what they differ from the line, nor below ±25 %
    while all are of about one size.
    """
    if not seen:
        return None
    points = _since_change([(one.estimated / one.parts, one.reported / one.parts) for one in seen])
    line = _best(points)
    narrowest = _KNOWN_SHAPE if _is_wide(points) else _UNKNOWN_SHAPE
    spread = max(line.deviation(points), narrowest, 1 / (1 + len(points)))
    sizes = [x for x, _ in points]
    return Correction(
        line.slope,
        line.intercept,
        spread,
        len(points),
        smallest=min(sizes),
        largest=max(sizes),
    )


def _since_change(points: list[Point]) -> list[Point]:
    """Return the points, newest first, that came after the formula last changed."""
    if _best(points).deviation(points) <= _CHANGE / 2:
        return points
    for newer in range(_FEW, len(points) - _FEW + 1):
        if _disagree(points[:newer], points[newer:]):
            return _since_change(points[:newer])
    return points


def _disagree(newer: list[Point], older: list[Point]) -> bool:
    line = _best(older)
    allowed = max(_CHANGE, 2 * line.deviation(older))
    least, most = min(x for x, _ in older) / NEAR, max(x for x, _ in older) * NEAR
    seen = [point for point in newer if least <= point[0] <= most]
    off = [deviation > allowed for deviation in line.deviations(seen)]
    return len(off) >= _FEW and sum(off) >= _MOST * len(off)


def _best(points: list[Point]) -> _Line:
    """Return the line that is nearest on average; of equally near ones, the simplest."""
    proportional = _Line(median(y / x for x, y in points), 0.0)
    if not _is_wide(points):
        return proportional
    flat = _Line(0.0, median(y for _, y in points))
    lines = [flat, proportional, *_least_squares(points)]
    return min(lines, key=lambda line: round(fmean(line.deviations(points)), 3))


def _least_squares(points: list[Point]) -> list[_Line]:
    """Return the line with an intercept, where it makes sense also for smaller pictures."""
    sizes = [x for x, _ in points]
    if len(set(sizes)) < _SIZES_OF_A_LINE:
        return []
    line = _Line(*linear_regression(sizes, [y for _, y in points]))
    return [line] if line.slope > 0 and line.at(min(sizes) / 4) > 0 else []


def _is_wide(points: list[Point]) -> bool:
    return max(x for x, _ in points) >= _WIDE * min(x for x, _ in points)
