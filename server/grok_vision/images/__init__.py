"""From what a caller wrote to a picture that may be sent. Other rooms import from here only."""

from grok_vision.images.extras import missing_formats
from grok_vision.images.measured import MeasuredImage
from grok_vision.images.policy import Policy
from grok_vision.images.prepared import PreparedImage, RemotePart, SentPart
from grok_vision.images.room import Images
from grok_vision.images.roots import default_roots

__all__ = [
    "Images",
    "MeasuredImage",
    "Policy",
    "PreparedImage",
    "RemotePart",
    "SentPart",
    "default_roots",
    "missing_formats",
]
