"""From a completion to an answer. Other rooms import from here only."""

from grok_vision.answers.extraction import JsonAnswer, JsonReader
from grok_vision.answers.json_text import rounded
from grok_vision.answers.text import Answer, check_said, check_seen, is_filtered, read_text

__all__ = [
    "Answer",
    "JsonAnswer",
    "JsonReader",
    "check_said",
    "check_seen",
    "is_filtered",
    "read_text",
    "rounded",
]
