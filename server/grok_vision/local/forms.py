"""Reads which form of answer a request wants, and whether it is a preset that the engine fills."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field, JsonValue, TypeAdapter, ValidationError

from grok_vision.texts import shortened


@dataclass(frozen=True)
class Form:
    """The form of answer that is wanted.

    Attributes:
        kind: `markdown`, `json` in no set form, a preset that the engine fills, or `other`.
        name: The schema's name, where there is a schema.
        expectations: Of a checklist, in their order.
    """

    kind: Literal["markdown", "json", "table", "checklist", "other"] = "markdown"
    name: str = ""
    expectations: tuple[str, ...] = ()


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


_PRESET = TypeAdapter[_Table | _Checklist](_Table | _Checklist)


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
    expectations = preset.body.properties.checks.items.properties.expectation.enum
    return Form("checklist", preset.name, tuple(expectations))


def _name(schema: JsonValue) -> str:
    try:
        return shortened(_Named.model_validate(schema).name)
    except ValidationError:
        return ""
