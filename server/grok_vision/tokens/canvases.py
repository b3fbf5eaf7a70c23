"""The canvas of square tiles that a model lays over a picture, as transformers 5.23.0 finds it."""

from functools import cache

from grok_vision.providers import Canvas

Size = tuple[int, int]


def canvas_tiles(rule: Canvas, size: Size) -> int:
    """Return how many tiles the canvas of a picture has."""
    if rule.by == "shape":
        return _nearest_in_shape(rule, size)
    return _least_scaled(rule, size)


@cache
def _canvases(most: int) -> tuple[Size, ...]:
    """Return columns and rows of every canvas of at most `most` tiles, the smallest first."""
    sides = range(1, most + 1)
    every = [(columns, rows) for columns in sides for rows in sides if columns * rows <= most]
    return tuple(sorted(every, key=lambda canvas: canvas[0] * canvas[1]))


def _least_scaled(rule: Canvas, size: Size) -> int:
    """Return the tiles of the canvas which the picture fills by the least enlarging.

    Where it is larger than every canvas, by the least shrinking; of several, the smallest counts
    (`get_best_fit` of Llama 4).
    """
    width, height = size
    scales = [
        (min(columns * rule.side / width, rows * rule.side / height), columns * rows)
        for columns, rows in _canvases(rule.most_tiles)
    ]
    enlarging = [scale for scale, _ in scales if scale >= 1]
    best = min(enlarging) if enlarging else max(scale for scale, _ in scales)
    return min(tiles for scale, tiles in scales if scale == best)


def _nearest_in_shape(rule: Canvas, size: Size) -> int:
    """Return the tiles of the canvas whose ratio of sides is nearest to the picture's.

    Of several, the largest of which the picture fills more than half counts
    (`get_optimal_tiled_canvas` of GOT-OCR2, which InternVL uses).
    """
    width, height = size
    nearest, best = float("inf"), 1
    for columns, rows in _canvases(rule.most_tiles):
        tiles = columns * rows
        apart = abs(width / height - columns / rows)
        filled = width * height > 0.5 * rule.side**2 * tiles
        if apart < nearest or (apart == nearest and filled):
            nearest, best = apart, tiles
    return best
