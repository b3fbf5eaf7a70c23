"""What an extraction is to bring: a schema of the caller's or of ours, or any JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from grok_vision.chat import extraction_words, free_extraction_words
from grok_vision.errors import RequestError
from grok_vision.schemas import Schema, Translation, checked, expectations_of, preset_schema
from grok_vision.vocabulary import Preset


@dataclass(frozen=True, slots=True)
class Wanted:
    """The schema that the answer is to fit, and what is said of it to the model."""

    schema: Schema
    preset: Preset | Literal[""]
    prompt: str

    def words(self, translation: Translation) -> str:
        """Return the text that asks for it."""
        if self.schema.is_free:
            return free_extraction_words(self.prompt)
        return extraction_words(self.prompt, translation.words)


def wanted_of(schema: Mapping[str, JsonValue], preset: Preset | Literal[""], prompt: str) -> Wanted:
    """Return what is wanted, checked; a checklist takes its expectations from the prompt.

    Raises:
        RequestError: `bad_schema`; `bad_argument` where both a schema and a preset are given, or
            a checklist has no expectation or too many.
    """
    if schema and preset:
        raise RequestError("bad_argument", f"give either schema or preset={preset}, not both.")
    if preset == "checklist":
        expectations = expectations_of(prompt)
        told = "\n".join(["The expectations:", *(f"- {one}" for one in expectations)])
        return Wanted(preset_schema(preset, expectations), preset, told)
    return Wanted(preset_schema(preset) if preset else checked(schema), preset, prompt)
