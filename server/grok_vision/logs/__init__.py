"""Logging to stderr, with secrets taken out of every line. Others import from here only."""

from grok_vision.logs.stderr import log_to_stderr

__all__ = ["log_to_stderr"]
