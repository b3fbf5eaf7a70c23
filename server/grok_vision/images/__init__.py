"""From what a caller wrote to a picture that may be sent. Other rooms import from here only."""

from grok_vision.images.prepared import PreparedImage, SentPart
from grok_vision.images.room import Images, Policy
from grok_vision.images.roots import default_roots

__all__ = ["Images", "Policy", "PreparedImage", "SentPart", "default_roots"]
