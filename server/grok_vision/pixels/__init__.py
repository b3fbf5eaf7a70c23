"""How two pictures differ, measured in pixels. Other rooms import from here only."""

from grok_vision.pixels.boxes import Box
from grok_vision.pixels.comparison import Compared, compare
from grok_vision.pixels.picture import drawn
from grok_vision.pixels.stopping import StoppedError

__all__ = ["Box", "Compared", "StoppedError", "compare", "drawn"]
