"""What a model says of a comparison: asked for by schema, and tied to what was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import JsonValue

from grok_vision.results import PixelDifference, Region, SeenDifference, Severity
from grok_vision.schemas import Schema, checked
from grok_vision.vision.places import Place, regions_of


def comparison_schema(pictures: int) -> Schema:
    """Return the schema of an answer about so many pictures, of which the first is the reference.

    Raises:
        RequestError: never for the number of pictures that a call takes.
    """
    return checked(
        {
            "title": "comparison",
            "type": "object",
            "additionalProperties": False,
            "required": ["summary", "differences"],
            "properties": {
                "summary": {"type": "string"},
                "differences": {"type": "array", "items": _difference(pictures)},
            },
        },
        name="comparison",
    )


def _difference(pictures: int) -> dict[str, JsonValue]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["description", "severity", "picture", "region"],
        "properties": {
            "description": {"type": "string"},
            "severity": {"type": "string", "enum": list(get_args(Severity))},
            "picture": {"type": "integer", "enum": list(range(2, pictures + 1))},
            "region": {
                "type": "integer",
                "description": "Number of the region in that picture; 0 for none of them.",
            },
        },
    }


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said, and what of it does not agree with what was measured."""

    summary: str
    differences: tuple[SeenDifference, ...]
    warnings: tuple[str, ...]


def said(
    value: Any, measured: Sequence[PixelDifference], shown: Sequence[tuple[int, Place]]
) -> Said:
    """Return what an answer says that fits the schema.

    `shown` are the regions that the model was shown enlarged, by the number of their picture.
    """
    by_number = {one.image: one for one in measured}
    entries = [(entry, by_number[entry["picture"]]) for entry in value["differences"]]
    return Said(
        summary=value["summary"].strip(),
        differences=tuple(_seen(entry, of) for entry, of in entries),
        warnings=(*_unfounded(entries), *_missed(entries, shown)),
    )


def _seen(entry: Any, measured: PixelDifference) -> SeenDifference:
    number, regions = entry["region"], regions_of(measured)
    region = regions[number - 1] if 1 <= number <= len(regions) else None
    return SeenDifference(
        description=entry["description"].strip(),
        severity=entry["severity"],
        image=measured.image,
        region=region and Region(x=region.x, y=region.y, width=region.width, height=region.height),
    )


def _unfounded(entries: Sequence[tuple[Any, PixelDifference]]) -> Iterator[str]:
    """Tell of differences where nothing was measured."""
    unchanged = sorted({of.image for _, of in entries if of.verdict != "different"})
    for image in unchanged:
        count = sum(of.image == image for _, of in entries)
        yield (
            f"the model names {_counted(count, 'difference')} in image {image}, where no pixel "
            "changed by more than threshold: do not rely on it."
        )
    placeless = sum(
        of.verdict == "different" and not 1 <= entry["region"] <= len(regions_of(of))
        for entry, of in entries
    )
    if placeless:
        yield (
            f"the model ties {_counted(placeless, 'difference')} to no changed region: look at "
            "the pictures before you rely on it."
        )


def _missed(
    entries: Sequence[tuple[Any, PixelDifference]], shown: Sequence[tuple[int, Place]]
) -> Iterator[str]:
    """Tell of regions that the model was shown, and that it says nothing of."""
    told = {(of.image, entry["region"]) for entry, of in entries}
    for image in sorted({image for image, _ in shown}):
        missed = [
            f"{place.number} (at {place.region.x},{place.region.y})"
            for shown_in, place in shown
            if shown_in == image and (image, place.number) not in told
        ]
        if missed:
            regions = f"region{'s' if len(missed) > 1 else ''} {', '.join(missed)}"
            yield f"the model says nothing of {regions} of image {image}, where pixels changed."


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count > 1 else ''}"
