"""How two pictures differ, measured in pixels. Other rooms import from here only."""

from grok_vision.pixels.comparison import Compared, compare
from grok_vision.pixels.masks import Box
from grok_vision.pixels.picture import drawn

__all__ = ["Box", "Compared", "compare", "drawn"]
