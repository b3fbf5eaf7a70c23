"""Draws `icon.png`, the mark that hosts show: `python scripts/draw_icon.py`.

An eye whose iris is a lens. Drawn four times larger and reduced, since Pillow's edges are hard.
"""

import math
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

SIZE = 512
SCALE = 4
FULL = SIZE * SCALE

GROUND = "#111827"
WHITE = "#f9fafb"
IRIS = "#4f46e5"
RING = "#c7d2fe"

# The lids are two arcs that meet in the corners of the eye: half its width and half its height,
# in parts of the icon's side.
EYE_HALF_WIDTH = 0.375
EYE_HALF_HEIGHT = 0.225


def disc(radius: float, x: float = 0.5, y: float = 0.5) -> Image.Image:
    """Return a mask of a disc; all measures are parts of the icon's side."""
    mask = Image.new("L", (FULL, FULL))
    box = [(at + side * radius) * FULL for side in (-1, 1) for at in (x, y)]
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return mask


def eye() -> Image.Image:
    """Return a mask of the opening between the lids."""
    radius = (EYE_HALF_WIDTH**2 + EYE_HALF_HEIGHT**2) / (2 * EYE_HALF_HEIGHT)
    below = math.sqrt(radius**2 - EYE_HALF_WIDTH**2)
    return ImageChops.multiply(disc(radius, y=0.5 + below), disc(radius, y=0.5 - below))


def rounded_square() -> Image.Image:
    """Return a mask of the ground."""
    mask = Image.new("L", (FULL, FULL))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, FULL - 1, FULL - 1), 0.22 * FULL, fill=255)
    return mask


def draw() -> Image.Image:
    """Return the icon."""
    icon = Image.new("RGBA", (FULL, FULL))
    for colour, mask in (
        (GROUND, rounded_square()),
        (WHITE, eye()),
        (GROUND, disc(0.19)),
        (RING, disc(0.165)),
        (IRIS, disc(0.14)),
        (GROUND, disc(0.065)),
        (WHITE, disc(0.032, x=0.555, y=0.44)),
    ):
        icon.paste(colour, mask=mask)
    return icon.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    draw().save(Path(__file__).parent.parent / "icon.png", optimize=True)
