"""From a completion to an answer. Other rooms import from here only."""

from grok_vision.answers.text import Answer, read_text

__all__ = ["Answer", "read_text"]
