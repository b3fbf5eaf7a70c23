"""What an extraction is to bring: a schema of the caller's or of ours, or any JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from grok_vision.chat import extraction_words, free_extraction_words
from grok_vision.errors import RequestError
from grok_vision.schemas import Schema, Translation, checked, expectations_of, preset_schema
from grok_vision.vocabulary import Preset

_EXPECTATIONS = "The expectations:\n"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The schema that the answer is to fit, and what the caller says of it."""

    schema: Schema
    preset: Preset | Literal[""]
    prompt: str

    def words(self, translation: Translation) -> str:
        """Return the text that asks for it."""
        if self.schema.is_free:
            return free_extraction_words(self.prompt)
        if self.preset == "checklist":
            listed = "\n".join(f"- {one}" for one in expectations_of(self.prompt))
            return extraction_words(f"{_EXPECTATIONS}{listed}", translation.words)
        return extraction_words(self.prompt, translation.words)


def wanted_of(
    schema: Mapping[str, JsonValue], preset_name: Preset | Literal[""], prompt: str
) -> Wanted:
    """Return what is wanted, checked.

    Raises:
        RequestError: `bad_schema`; `bad_argument` where both a schema and a preset are given, or
            the preset takes something from the prompt that is not there.
    """
    if schema and preset_name:
        raise RequestError("bad_argument", f"give either schema or preset={preset_name}, not both.")
    made = preset_schema(preset_name, prompt) if preset_name else checked(schema)
    return Wanted(made, preset_name, prompt)
