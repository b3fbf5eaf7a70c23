"""From what a caller wrote to a picture that may be sent. Other rooms import from here only."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from grok_vision.images.extras import missing_formats
from grok_vision.images.measured import MeasuredImage
from grok_vision.images.policy import Policy
from grok_vision.images.prepared import PreparedImage, RemotePart, SentPart
from grok_vision.images.room import Images
from grok_vision.images.roots import default_roots, working_folder

if TYPE_CHECKING:
    from grok_vision.images.checking import CheckedImage
    from grok_vision.images.decoded import Cut, DecodedImage, check_comparable
    from grok_vision.images.listing import PICTURES
    from grok_vision.images.notes import note, noted
    from grok_vision.images.opened import OpenedImage
    from grok_vision.images.readable import readable_formats
    from grok_vision.images.selection import Crop, parse_crop
    from grok_vision.images.suggesting import suggested

__all__ = [
    "PICTURES",
    "CheckedImage",
    "Crop",
    "Cut",
    "DecodedImage",
    "Images",
    "MeasuredImage",
    "OpenedImage",
    "Policy",
    "PreparedImage",
    "RemotePart",
    "SentPart",
    "check_comparable",
    "default_roots",
    "missing_formats",
    "note",
    "noted",
    "parse_crop",
    "readable_formats",
    "suggested",
    "working_folder",
]

# Needed by some calls only: a server that starts does not wait for it.
_LATER = {
    "PICTURES": "listing",
    "CheckedImage": "checking",
    "Crop": "selection",
    "Cut": "decoded",
    "DecodedImage": "decoded",
    "OpenedImage": "opened",
    "check_comparable": "decoded",
    "note": "notes",
    "noted": "notes",
    "parse_crop": "selection",
    "readable_formats": "readable",
    "suggested": "suggesting",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
