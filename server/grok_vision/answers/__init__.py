"""From a completion to an answer. Other rooms import from here only."""

from grok_vision.answers.text import Answer, check_seen, read_text

__all__ = ["Answer", "check_seen", "read_text"]
