"""What came back: the wire types of a chat completion, read leniently where nothing is lost."""

import json
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from grok_vision.relay.reply import Broken
from grok_vision.texts import sendable


def _count(value: object) -> int | None:
    """Read a token count; what is not one counts as unreported rather than spoil the answer."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
        return None
    return int(value)


def _dollars(value: object) -> float | None:
    """Read a sum of money, in the same spirit; the comparison is false for NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        return None
    return float(value)


def _details(value: object) -> object:
    return value if isinstance(value, dict) else {}


def words(content: object) -> str:
    """Return the words of a message's content, which is text, a list of text parts, or nothing."""
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _text(value: object) -> str:
    # A lone surrogate would later break the encoder of the protocol.
    return sendable(words(value))


def _word(value: object) -> str:
    return _text(value) if isinstance(value, str) else ""


def _object(value: object) -> object:
    return value if isinstance(value, dict) else None


def _first(value: object) -> object:
    """Reduce the list of choices to the one that is read."""
    return value[:1] if isinstance(value, list) else []


Count = Annotated[int | None, BeforeValidator(_count)]
Dollars = Annotated[float | None, BeforeValidator(_dollars)]
Flag = Annotated[bool, BeforeValidator(lambda value: value is True)]
Text = Annotated[str, BeforeValidator(_text)]
Word = Annotated[str, BeforeValidator(_word)]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class InputDetails(_Wire):
    """How the input tokens divide."""

    image_tokens: Count = None
    cached_tokens: Count = None


class OutputDetails(_Wire):
    """How the output tokens divide."""

    reasoning_tokens: Count = None


class CostDetails(_Wire):
    """What the cost consists of."""

    upstream_inference_cost: Dollars = None


class WireUsage(_Wire):
    """Token counts and cost in the provider's own terms.

    `is_byok` says that the model's maker bills the caller's own key, beside the `cost`.
    """

    prompt_tokens: Count = None
    completion_tokens: Count = None
    total_tokens: Count = None
    prompt_tokens_details: Annotated[InputDetails, BeforeValidator(_details)] = InputDetails()
    completion_tokens_details: Annotated[OutputDetails, BeforeValidator(_details)] = OutputDetails()
    cost_in_usd_ticks: Count = None
    cost: Dollars = None
    is_byok: Flag = False
    cost_details: Annotated[CostDetails, BeforeValidator(_details)] = CostDetails()


class _Message(_Wire):
    content: Text = ""
    refusal: Word = ""


class _Choice(_Wire):
    message: Annotated[_Message, BeforeValidator(_details)] = _Message()
    finish_reason: Word = ""


class _WireCompletion(_Wire):
    model: Word = ""
    choices: Annotated[tuple[_Choice, ...], BeforeValidator(_first)]


class _Account(_Wire):
    model: Word = ""
    usage: Annotated[WireUsage | None, BeforeValidator(_object)] = None


@dataclass(frozen=True, slots=True)
class Completion:
    """One finished completion. Empty text is possible; an empty model means that none was named.

    `broken_off` tells what ended it before its end: the provider that failed, the connection, the
    time of the call, or its size.
    """

    text: str
    refusal: str
    finish_reason: str
    model: str
    broken_off: Broken = ""


def read(document: Any, broken: Broken = "") -> Completion | None:
    """Return the completion in a parsed response, or None where it is something else.

    An error beside a choice that has no words is an error; beside words, they were paid for.
    """
    try:
        wire = _WireCompletion.model_validate(document)
    except ValidationError:
        return None
    choice = wire.choices[0] if wire.choices else _Choice()
    failed = bool(document.get("error")) or choice.finish_reason == "error"
    if failed and not choice.message.content.strip():
        return None
    return Completion(
        text=choice.message.content,
        refusal=choice.message.refusal,
        finish_reason=choice.finish_reason,
        model=wire.model,
        broken_off=broken or ("provider" if failed else ""),
    )


def in_vain(document: Any) -> Completion | None:
    """Return what a model wrote that its provider withheld, because it did not fit the schema.

    Groq answers so with 400: `error.code` is json_validate_failed, and `error.failed_generation`
    the text (console.groq.com/docs/structured-outputs, 2026).
    """
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict) or error.get("code") != "json_validate_failed":
        return None
    written = error.get("failed_generation")
    text = json.dumps(written) if isinstance(written, dict | list) else _word(written)
    return Completion(text=text, refusal="", finish_reason="", model="") if text.strip() else None


def reported(document: Any) -> tuple[str, WireUsage | None]:
    """Return the model that any reply names, and its usage, or None where that tells nothing."""
    if not isinstance(document, dict):
        return "", None
    account = _Account.model_validate(document)
    return account.model, None if account.usage == WireUsage() else account.usage
