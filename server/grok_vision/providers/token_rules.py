"""The rules by which models count the tokens of a picture, as data; `tokens` does the arithmetic.

Every rule first shrinks the picture to its `fits`, then counts. Sides are in pixels.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.fit import UNLIMITED, Fits
from grok_vision.vocabulary import Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """What all rules have in common.

    `name` is how results call the formula. `least` and `most` are how far the tokens of one picture
    may lie from it where the formula itself is in doubt; None where it is not. `doubt` is the same
    as a share of the figure.
    """

    name: str
    evidence: Evidence
    fits: Fits = UNLIMITED
    least: int | None = None
    most: int | None = None
    doubt: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells(_Rule):
    """Columns times rows of square cells, each side rounded up to whole cells, plus `extra`.

    `row_ends` adds one token for each row. A picture of more than `budget` cells is shrunk to the
    largest of no more.
    """

    side: int
    extra: int = 0
    row_ends: bool = False
    budget: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizedCells(_Rule):
    """Like `Cells`, but the picture is resized to the nearest whole cells, plus `extra`.

    It is enlarged to `min_pixels` and shrunk to `max_pixels` (Qwen's `smart_resize`).
    """

    side: int
    extra: int = 0
    min_pixels: int
    max_pixels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Patches(_Rule):
    """Cells of `side`, times `multiplier`, rounded up; within `fits`' pixels as OpenAI shrinks.

    At the details of `native` nothing is shrunk, and more than `most_patches` are refused; there
    `fits` says what to send so that it never comes to that.
    """

    multiplier: float
    side: int = 32
    native: frozenset[Detail] = frozenset()
    most_patches: int = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles(_Rule):
    """`base` tokens and `each` for every square tile, sides rounded up to whole tiles.

    `most_tiles` caps them; `low` is the whole count at low detail, where that is flat.
    """

    side: int
    base: int
    each: int
    most_tiles: int | None = None
    low: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas(_Rule):
    """Tiles of the canvas, of at most `most_tiles`, that suits the picture best.

    `base` tokens, which are those of a thumbnail, and `each` for every tile; a lone tile has `base`
    alone. `by` is what suits: `size`, the canvas that takes the picture with the least enlarging,
    else with the least shrinking (Llama), or `shape`, the canvas of the nearest ratio (InternVL).
    """

    side: int
    base: int
    each: int
    most_tiles: int
    by: Literal["size", "shape"] = "size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat(_Rule):
    """The same for every picture."""

    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps(_Rule):
    """By the longer side: the tokens of the first step that it does not pass, else `beyond`."""

    steps: tuple[tuple[int, int], ...]
    beyond: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped(_Rule):
    """Cells of the shape of the picture, as many as `budget` allows, whatever its size (Gemini)."""

    budget: int


TokenRule: TypeAlias = Shaped | Cells | ResizedCells | Patches | Tiles | Canvas | Flat | Steps
