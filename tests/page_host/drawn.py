"""Drawn pictures, and results of compare_images that tell of them."""

from typing import Any

from PIL import Image, ImageDraw

from grok_vision.results import (
    ChangedRegion,
    Comparison,
    PixelDifference,
    Region,
    SeenDifference,
    Shift,
)

NAVY, GREEN, WHITE = (0, 0, 128), (0, 128, 0), (255, 255, 255)
BUTTON = ChangedRegion(x=40, y=200, width=120, height=40, changed_pixels=4000)
WORD = ChangedRegion(x=300, y=60, width=60, height=16, changed_pixels=300)
ON_BUTTON = (100, 230)
"""A point of the pictures that lies on the button, left of the middle."""

SAME: dict[str, Any] = {
    "verdict": "identical",
    "changed_pixels": 0,
    "changed_ratio": 0.0,
    "similarity": 1.0,
    "regions": [],
    "regions_found": 0,
}


def drawn(
    button: tuple[int, int, int] = NAVY, word: str = "black", size: tuple[int, int] = (480, 320)
) -> Image.Image:
    """Return a white page with a button and a word."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for region, colour in ((BUTTON, button), (WORD, word)):
        right, bottom = region.x + region.width - 1, region.y + region.height - 1
        draw.rectangle((region.x, region.y, right, bottom), fill=colour)
    return image


URIS = [f"vision://comparisons/drawn/{number}" for number in (1, 2, 3)]
PAIR = {URIS[0]: drawn(), URIS[1]: drawn(GREEN, "red")}


def measured(**given: Any) -> PixelDifference:
    """Return what was measured for the pair, but for what is given."""
    values = {
        "image": 2,
        "verdict": "different",
        "changed_pixels": 4300,
        "changed_ratio": 0.028,
        "similarity": 0.973,
        "same_size": True,
        "regions": [BUTTON, WORD],
        "regions_found": 2,
        **given,
    }
    return PixelDifference(**values)


GAP = Region(x=0, y=0, width=480, height=40)
"""Where the banner stands."""


def banner_above(image: Image.Image) -> Image.Image:
    """Return the picture with a banner put in above it."""
    moved = Image.new("RGB", (image.width, image.height + GAP.height), "orange")
    moved.paste(image, (0, GAP.height))
    return moved


def shift(*regions: ChangedRegion, down: bool = True, **given: Any) -> Shift:
    """Return how the banner moved all that is below it, and what differs apart from that."""
    gap = ChangedRegion(**GAP.model_dump(), changed_pixels=GAP.width * GAP.height)
    values = {
        "dy": GAP.height if down else -GAP.height,
        "from_y": 0 if down else GAP.height,
        "matched_ratio": 1.0,
        "gap": GAP,
        "changed_pixels": sum(region.changed_pixels for region in regions),
        "regions": [gap, *regions],
        "regions_found": 1 + len(regions),
        **given,
    }
    return Shift(**values)


def seen(description: str, region: Region | None = None, **given: Any) -> SeenDifference:
    """Return a difference in a model's words, at a region that was measured or nowhere."""
    place = region and Region(**region.model_dump(include=set(Region.model_fields)))
    values = {"severity": "major", "image": 2, "region": place, **given}
    return SeenDifference(description=description, **values)


def comparison(*pixels: PixelDifference, **given: Any) -> dict[str, Any]:
    """Return the structured content of a result, of the pair unless told."""
    measures = list(pixels or [measured()])
    values = {
        "verdict": measures[0].verdict,
        "summary": "Two things changed.",
        "images": [],
        **given,
    }
    return Comparison(pixels=measures, **values).told()
