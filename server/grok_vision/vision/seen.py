"""What a model says of a comparison: asked for by schema, and tied to what was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import JsonValue

from grok_vision.results import PixelDifference, Region, SeenDifference, Severity
from grok_vision.schemas import Schema, checked
from grok_vision.texts import counted
from grok_vision.vision.places import Place, regions_of

# A result stays far under what hosts take, whatever a model says.
_MOST_ENTRIES, _LONGEST_DESCRIPTION, _LONGEST_SUMMARY = 100, 1_000, 2_000


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
    # JSON takes 2.0 for an integer.
    entries = [
        _Entry(entry, by_number[int(entry["picture"])], int(entry["region"]))
        for entry in value["differences"]
    ]
    return Said(
        summary=_cut(value["summary"], _LONGEST_SUMMARY),
        differences=tuple(one.seen for one in entries[:_MOST_ENTRIES]),
        warnings=(*_unfounded(entries), *_missed(entries, shown), *_left_out(len(entries))),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a model said of one difference, of which picture, and in which region, or 0."""

    told: Any
    of: PixelDifference
    number: int

    @property
    def region(self) -> Region | None:
        regions = regions_of(self.of)
        return regions[self.number - 1] if 1 <= self.number <= len(regions) else None

    @property
    def is_outside(self) -> bool:
        """Whether it is said to be where no pixel changed, though changes were measured."""
        if self.of.verdict != "different" or self.region is not None:
            return False
        measured = self.of.shift or self.of
        # Where not all regions are told, or pixels were not compared, it may be right.
        all_told = measured.regions_found == len(measured.regions) and self.of.scale is None
        return all_told or self.number != 0

    @property
    def seen(self) -> SeenDifference:
        region = self.region
        return SeenDifference(
            description=_cut(self.told["description"], _LONGEST_DESCRIPTION),
            severity=self.told["severity"],
            image=self.of.image,
            region=region
            and Region(x=region.x, y=region.y, width=region.width, height=region.height),
        )


def _cut(text: str, most: int) -> str:
    text = text.strip()
    return text if len(text) <= most else f"{text[:most]}…"


def _left_out(entries: int) -> Iterator[str]:
    if entries > _MOST_ENTRIES:
        yield f"the model names {entries:,} differences; the first {_MOST_ENTRIES} are told."


def _unfounded(entries: Sequence[_Entry]) -> Iterator[str]:
    """Tell of differences where nothing was measured."""
    unchanged = sorted({one.of.image for one in entries if one.of.verdict != "different"})
    for image in unchanged:
        count = sum(one.of.image == image for one in entries)
        yield (
            f"the model names {counted(count, 'difference')} in image {image}, where no pixel "
            "changed by more than threshold: do not rely on it."
        )
    outside = sum(one.is_outside for one in entries)
    if outside:
        yield (
            f"the model ties {counted(outside, 'difference')} to no changed region: look at the "
            "pictures before you rely on it."
        )


def _missed(entries: Sequence[_Entry], shown: Sequence[tuple[int, Place]]) -> Iterator[str]:
    """Tell of regions that the model was shown, and that it says nothing of."""
    told = {(one.of.image, one.number) for one in entries}
    for image in sorted({image for image, _ in shown}):
        missed = [
            f"{place.number} (at {place.region.x},{place.region.y})"
            for shown_in, place in shown
            if shown_in == image and (image, place.number) not in told
        ]
        if missed:
            regions = f"region{'s' if len(missed) > 1 else ''} {', '.join(missed)}"
            yield f"the model says nothing of {regions} of image {image}, where pixels changed."
