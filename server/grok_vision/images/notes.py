"""What is kept beside the bytes of a picture, so that it can be worked on again elsewhere."""

import json
from dataclasses import asdict

from grok_vision.images.loading import Loaded
from grok_vision.images.opened import OpenedImage
from grok_vision.images.selection import Crop, Selection


def note(opened: OpenedImage) -> bytes:
    """Return how messages name the picture, and what of it is selected."""
    loaded = opened.loaded
    return json.dumps({"label": loaded.label, "selection": asdict(loaded.selection)}).encode()


def noted(number: int, told: bytes, data: bytes) -> OpenedImage:
    """Return the picture as it was, from `note` and its bytes."""
    kept = json.loads(told)
    label, selection = kept["label"], kept["selection"]
    crop = selection.pop("crop")
    wanted = Selection(crop=Crop(**crop) if crop else None, **selection)
    return OpenedImage(number, Loaded(data, wanted, label, label, len(data)))
