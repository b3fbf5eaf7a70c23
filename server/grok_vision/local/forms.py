"""Reads which form of answer a request wants, and whether it is a preset that the engine fills."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field, JsonValue, TypeAdapter, ValidationError

from grok_vision.texts import shortened


@dataclass(frozen=True)
class Form:
    """The form of answer that is wanted.

    Attributes:
        kind: `markdown`, `json` in no set form, a preset that the engine fills, what differs
            between pictures, or `other`.
        name: The schema's name, where there is a schema.
        expectations: Of a checklist, in their order.
        pictures: Of a comparison, the numbers of those that are compared with the first.
    """

    kind: Literal["markdown", "json", "table", "checklist", "comparison", "other"] = "markdown"
    name: str = ""
    expectations: tuple[str, ...] = ()
    pictures: tuple[int, ...] = ()


class ResponseFormat(BaseModel):
    """The `response_format` of a request, its schema not yet read."""

    type: str = "text"
    json_schema: JsonValue = None


class _Named(BaseModel):
    name: str


class _Text(BaseModel):
    type: Literal["string"]


class _Texts(BaseModel):
    type: Literal["array"]
    items: _Text


class _Rows(BaseModel):
    type: Literal["array"]
    items: _Texts


class _Cells(BaseModel):
    columns: _Texts
    rows: _Rows


class _TableSchema(BaseModel):
    properties: _Cells
    required: list[Literal["columns", "rows"]]


class _Table(BaseModel):
    name: Literal["table"]
    body: _TableSchema = Field(alias="schema")


class _Expectation(BaseModel):
    enum: list[str] = Field(min_length=1)


class _Result(BaseModel):
    enum: list[Literal["pass", "fail", "unclear"]] = Field(min_length=3)


class _CheckFields(BaseModel):
    expectation: _Expectation
    evidence: _Text
    result: _Result


class _Check(BaseModel):
    properties: _CheckFields
    required: list[Literal["expectation", "evidence", "result"]]


class _Checks(BaseModel):
    type: Literal["array"]
    items: _Check


class _Checked(BaseModel):
    checks: _Checks


class _ChecklistSchema(BaseModel):
    properties: _Checked
    required: list[Literal["checks"]]


class _Checklist(BaseModel):
    name: Literal["checklist"]
    body: _ChecklistSchema = Field(alias="schema")


class _Severity(BaseModel):
    enum: list[Literal["minor", "major", "critical"]] = Field(min_length=3)


class _Number(BaseModel):
    type: Literal["integer"]


class _Picture(_Number):
    enum: list[int] = Field(min_length=1)


class _DifferenceFields(BaseModel):
    description: _Text
    severity: _Severity
    picture: _Picture
    region: _Number


class _Difference(BaseModel):
    properties: _DifferenceFields
    required: list[Literal["description", "severity", "picture", "region"]]


class _Differences(BaseModel):
    type: Literal["array"]
    items: _Difference


class _Told(BaseModel):
    summary: _Text
    differences: _Differences


class _ComparisonSchema(BaseModel):
    title: Literal["comparison"]
    properties: _Told
    required: list[Literal["summary", "differences"]]


class _Comparison(BaseModel):
    name: str
    body: _ComparisonSchema = Field(alias="schema")


_Known = _Table | _Checklist | _Comparison
_PRESET = TypeAdapter[_Known](_Known)


def form_of(wanted: ResponseFormat | None) -> Form:
    """Returns the form of answer that a request wants."""
    if wanted is None or wanted.type not in ("json_schema", "json_object"):
        return Form()
    if wanted.type == "json_object":
        return Form("json")
    return _preset(wanted.json_schema)


def _preset(schema: JsonValue) -> Form:
    """Reads which preset a schema is. One of another shape is none, whatever its name."""
    try:
        preset = _PRESET.validate_python(schema)
    except ValidationError:
        return Form("other", _name(schema))
    if isinstance(preset, _Table):
        return Form("table", preset.name)
    if isinstance(preset, _Comparison):
        compared = preset.body.properties.differences.items.properties.picture.enum
        return Form("comparison", shortened(preset.name), pictures=tuple(compared))
    expectations = preset.body.properties.checks.items.properties.expectation.enum
    return Form("checklist", preset.name, tuple(expectations))


def _name(schema: JsonValue) -> str:
    try:
        return shortened(_Named.model_validate(schema).name)
    except ValidationError:
        return ""
