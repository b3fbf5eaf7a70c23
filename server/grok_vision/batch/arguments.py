"""The arguments of a job: those of the tool, as a line of JSON gives them."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from grok_vision.vocabulary import CompareMode, Detail, Preset, Task

ToolName = Literal["describe_image", "extract_json", "compare_images"]

# Shorter ones are no picture. What is longer than any path or URL is told in short in any case.
_SHORT_DATA, _LONGEST_SOURCE = 256, 8192


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Source = Annotated[str, Field(min_length=1)]
Pages = Annotated[list[Source], Field(min_length=1), BeforeValidator(_as_list)]
Several = Annotated[list[Source], Field(min_length=2), BeforeValidator(_as_list)]


class Arguments(BaseModel):
    """The base of the arguments of a tool; `tool` is its name."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)
    tool: ClassVar[ToolName]

    def told(self) -> dict[str, JsonValue]:
        """Return what differs from the tool's own defaults, short enough for a line of results.

        A long data URI and a schema are told by their digest. The same arguments are told alike.
        """
        told: dict[str, JsonValue] = self.model_dump(
            mode="json", by_alias=True, exclude_defaults=True
        )
        if isinstance(image := told.get("image"), str):
            told["image"] = _short(image)
        if isinstance(images := told.get("images"), list):
            told["images"] = [_short(str(source)) for source in images]
        return told


class DescribeArguments(Arguments):
    """Those of describe_image."""

    tool = "describe_image"
    image: Source
    prompt: str = ""
    task: Task = "describe"
    detail: Detail = "auto"
    model: str = ""
    max_tokens: Annotated[int, Field(ge=0)] = 0


class ExtractArguments(Arguments):
    """Those of extract_json."""

    tool = "extract_json"
    images: Pages
    # `schema` is a method of pydantic's.
    answer_schema: Annotated[dict[str, JsonValue], Field(alias="schema")] = {}
    preset: Annotated[Preset | None, BeforeValidator(lambda value: value or None)] = None
    prompt: str = ""
    detail: Detail = "auto"
    model: str = ""

    def told(self) -> dict[str, JsonValue]:
        """Return the same with the digest of the schema: as columns it would be hundreds."""
        told = super().told()
        if "schema" in told:
            # In the order in which it is written: models are asked in it.
            told["schema"] = _digest(self.model_dump_json(include={"answer_schema"}))
        return told


class CompareArguments(Arguments):
    """Those of compare_images."""

    tool = "compare_images"
    images: Several
    prompt: str = ""
    mode: CompareMode = "auto"
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.1
    ignore: Annotated[list[str], BeforeValidator(_as_list)] = []
    detail: Detail = "auto"
    model: str = ""


AnyArguments = DescribeArguments | ExtractArguments | CompareArguments
KINDS: Mapping[ToolName, type[AnyArguments]] = {
    "describe_image": DescribeArguments,
    "extract_json": ExtractArguments,
    "compare_images": CompareArguments,
}
"""What a line is read as, by the tool."""


def effective(
    tool: ToolName, line: Mapping[str, JsonValue], defaults: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return the arguments of a line over the defaults; null is nothing given."""
    given = {name: value for name, value in line.items() if value is not None}
    if tool == "extract_json":
        if "image" in given and "images" not in given:
            given["images"] = given.pop("image")
        if given.keys() & {"schema", "preset"}:
            # Either stands in the place of the other.
            defaults = {name: defaults[name] for name in defaults.keys() - {"schema", "preset"}}
    return {**defaults, **given}


def _short(source: str) -> str:
    is_data = source[:64].lstrip(" \t\"'<@").lower().startswith("data:")
    if len(source) <= (_SHORT_DATA if is_data else _LONGEST_SOURCE):
        return source
    kind = source[:_SHORT_DATA].partition(",")[0] if is_data else "data:"
    return f"{kind[:_SHORT_DATA]},{_digest(source)}"


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
