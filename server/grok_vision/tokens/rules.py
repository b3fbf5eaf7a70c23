"""The tokens of a picture by its model's rule: arithmetic only, sides in pixels."""

import math
from bisect import bisect_right
from collections.abc import Callable

from grok_vision.providers import (
    Canvas,
    Cells,
    Fit,
    Flat,
    Patches,
    ResizedCells,
    Shaped,
    Steps,
    Tiles,
    TokenRule,
)
from grok_vision.tokens.canvases import canvas_tiles
from grok_vision.tokens.count import Count, exactly
from grok_vision.vocabulary import Detail

Size = tuple[int, int]

# A side that was scaled to whole pixels may come out a hair beside them.
_HAIR = 1e-6


def image_tokens(rule: TokenRule, size: Size, detail: Detail) -> Count:
    """Return the tokens of one part, as the model counts a picture of this size.

    Sides are 1 or more. The rule's own bounds widen the range, and its `most` caps the figure.
    """
    count = _counted(rule, size, detail)
    most = math.ceil(count.most * (1 + rule.doubt)) if rule.most is None else rule.most
    tokens = min(count.tokens, most)
    least = math.floor(count.least * (1 - rule.doubt))
    least = least if rule.least is None else min(rule.least, least)
    return Count(tokens, min(least, tokens), most)


def _counted(rule: TokenRule, size: Size, detail: Detail) -> Count:
    match rule:
        case Flat():
            return exactly(rule.tokens)
        case Steps():
            return exactly(_step(rule, max(size)))
        case Canvas():
            return exactly(_canvas(rule, size))
        case ResizedCells():
            return exactly(_resized(rule, _shrunk(size, rule.fits.at(detail), math.floor)))
        case Shaped():
            return exactly(_shaped(rule, size))
        case Patches():
            return exactly(_patches(rule, size, detail))
        case Tiles():
            return _tiles(rule, size, detail)
    return _cells(rule, size, detail)


def _shrunk(size: Size, fit: Fit, rounded: Callable[[float], int]) -> Size:
    """Return the size that fits, at least a pixel a side; no picture is enlarged."""
    scale = min(1.0, fit.scale(*size))
    width, height = (max(1, rounded(side * scale)) for side in size)
    return width, height


def _down(side: float) -> int:
    return math.floor(side + _HAIR)


def _up(side: float) -> int:
    return math.ceil(side - _HAIR)


def _grid(size: Size, side: int) -> Size:
    """Return columns and rows, cells that are filled in part included."""
    return -(-size[0] // side), -(-size[1] // side)


def _step(rule: Steps, longer: int) -> int:
    return next((tokens for side, tokens in rule.steps if longer <= side), rule.beyond)


def _shaped(rule: Shaped, size: Size) -> int:
    ratio = size[0] / size[1]
    columns, rows = (math.floor(math.sqrt(rule.budget * each)) for each in (ratio, 1 / ratio))
    return max(1, columns) * max(1, rows)


def _canvas(rule: Canvas, size: Size) -> int:
    tiles = canvas_tiles(rule, size)
    return rule.base + (tiles * rule.each if tiles > 1 else 0)


def _resized(rule: ResizedCells, size: Size) -> int:
    """Return the cells of the picture as `smart_resize` of transformers 5.23.0 leaves it.

    It rounds halves to even, as Python does, and refuses a ratio above 200: that is not told here.
    """
    columns, rows = (round(side / rule.side) for side in size)
    pixels = columns * rows * rule.side**2
    if pixels > rule.max_pixels:
        beta = math.sqrt(size[0] * size[1] / rule.max_pixels)
        columns, rows = (max(1, math.floor(side / beta / rule.side)) for side in size)
    elif pixels < rule.min_pixels:
        beta = math.sqrt(rule.min_pixels / (size[0] * size[1]))
        columns, rows = (math.ceil(side * beta / rule.side) for side in size)
    return columns * rows + rule.extra


def _patches(rule: Patches, size: Size, detail: Detail) -> int:
    """Return the tokens of as many patches as OpenAI's guide counts.

    Where it refuses a picture, the figure is that of the largest it takes: nothing larger is sent.
    """
    fit = rule.fits.at(detail)
    fitted = _shrunk(size, Fit(max_side=fit.max_side), round)
    patches = math.prod(_grid(fitted, rule.side))
    if detail not in rule.native and fit.max_pixels is not None:
        budget = fit.max_pixels // rule.side**2
        if patches > budget:
            patches = _within(fitted, rule.side, budget)
    # Rounded first: 150 times 1.62 is 243, and a hair more in floating point.
    return math.ceil(round(min(patches, rule.most_patches) * rule.multiplier, 6))


def _within(size: Size, side: int, budget: int) -> int:
    """Return the patches of a picture shrunk to a budget, then until one side is whole patches."""
    shrink = math.sqrt(side**2 * budget / (size[0] * size[1]))
    whole = [edge * shrink / side for edge in size]
    shrink *= min(math.floor(each) / each for each in whole)
    width, height = (max(1, math.floor(edge * shrink)) for edge in size)
    return math.prod(_grid((width, height), side))


def _tiles(rule: Tiles, size: Size, detail: Detail) -> Count:
    """Return the count of tiles; sides are rounded down, which one program in four does not do.

    4001x3000 is 765 tokens with gpt-4o so (OpenAI's guide, litellm), and 1,105 with fractions kept.
    """
    if detail == "low" and rule.low is not None:
        return exactly(rule.low)
    fit = rule.fits.at(detail)
    down, up = (_tiled(rule, _shrunk(size, fit, rounded)) for rounded in (_down, _up))
    return Count(down, down, up)


def _tiled(rule: Tiles, size: Size) -> int:
    tiles = math.prod(_grid(size, rule.side))
    return rule.base + rule.each * min(tiles, rule.most_tiles or tiles)


def _cells(rule: Cells, size: Size, detail: Detail) -> Count:
    """Return the count of cells; how a shrunk side is rounded is known of no model that does so."""
    fit = rule.fits.at(detail)
    if rule.budget is not None:
        return exactly(_budgeted(rule.budget, rule.side, fit, size) + rule.extra)
    least, tokens, most = (
        _in_cells(rule, _grid(_shrunk(size, fit, rounded), rule.side))
        for rounded in (_down, round, _up)
    )
    if fit.max_pixels is not None and tokens - rule.extra > fit.max_pixels // rule.side**2:
        # More cells than the pixels allow: a server may just as well cut to whole cells.
        width, height = _shrunk(size, fit, _down)
        cut = max(1, width // rule.side), max(1, height // rule.side)
        least = min(least, _in_cells(rule, cut))
    return Count(tokens, least, most)


def _in_cells(rule: Cells, grid: Size) -> int:
    columns, rows = grid
    return (columns + 1 if rule.row_ends else columns) * rows + rule.extra


def _budgeted(budget: int, side: int, fit: Fit, size: Size) -> int:
    """Return the cells of the largest picture of this shape that has no more than `budget`."""
    longer, shorter = max(size), min(size)

    def cells(edge: int) -> int:
        return math.prod(_grid((edge, max(round(edge * shorter / longer), 1)), side))

    edges = range(1, min(longer, fit.max_side or longer) + 1)
    return cells(max(bisect_right(edges, budget, key=cells), 1))
