"""The journey of a call, from sources to a result. Others import from here only."""

from grok_vision.vision.building import build_vision, readable_roots
from grok_vision.vision.journey import Vision

__all__ = ["Vision", "build_vision", "readable_roots"]
