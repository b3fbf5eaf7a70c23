"""The sixteen colours of the picture of what changed: two pixels to a byte, quick to encode."""

from bisect import bisect

from PIL import ImageColor

_SHADES = ("#bcbcbc", "#cacaca", "#d8d8d8", "#e5e5e5", "#f2f2f2", "#ffffff")
_CHANGED = ("#a8001c", "#d4002a", "#ff2d46")
_LABEL = ("#1d4ed8", "#6485e4", "#adbff1", "#ffffff")

# Where shades end. Most pages are very light or very dark: cards are told from paper there.
_ENDS = (24, 72, 150, 236, 252, 256)

FADED = [bisect(_ENDS, value) for value in range(256)]
"""The index of a brightness, faded."""
# What the reference showed stays visible in red as well.
RED = [len(_SHADES) + bisect(_ENDS, value) // 2 for value in range(256)]
"""The index of a brightness that changed."""
BLUE = len(_SHADES) + len(_CHANGED)
WHITE = BLUE + len(_LABEL) - 1
"""Letters on a label; what lies between it and `BLUE` are their smooth edges."""
LETTERS = [BLUE + round(value / 255 * (WHITE - BLUE)) for value in range(256)]
"""The index of a label's pixel, by how much of it a letter covers."""
YELLOW, HATCHED, OUTSIDE = WHITE + 1, WHITE + 2, WHITE + 3

_NAMES = (*_SHADES, *_CHANGED, *_LABEL, "#ffd000", "#7c8da6", "#9a9a9a")
COLOURS = [channel for name in _NAMES for channel in ImageColor.getrgb(name)]
