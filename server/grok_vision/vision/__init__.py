"""The journey of a call, from sources to a result. Others import from here only."""

from grok_vision.vision.front import Books, Vision, build_vision, readable_roots
from grok_vision.vision.gallery import Gallery
from grok_vision.vision.outcome import Drawing, Outcome

__all__ = ["Books", "Drawing", "Gallery", "Outcome", "Vision", "build_vision", "readable_roots"]
