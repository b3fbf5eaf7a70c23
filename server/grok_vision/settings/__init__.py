"""The settings: the only reader of the environment. Others import from here only."""

from grok_vision.settings.environment import ENV_FILE, PREFIX, Settings
from grok_vision.settings.kinds import is_this_machine

__all__ = ["ENV_FILE", "PREFIX", "Settings", "is_this_machine"]
