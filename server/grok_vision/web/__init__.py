"""The server over HTTP: who may call, how much, and what operators see. Others import from here."""

from grok_vision.web.app import serve
from grok_vision.web.tokens import generated_token

__all__ = ["generated_token", "serve"]
