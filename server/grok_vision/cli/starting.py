"""What every command begins with."""

from typing import Any

from grok_vision.logs import log_to_stderr
from grok_vision.settings import Settings


def read_settings(**given: Any) -> Settings:
    """Return the settings, and have the log of the command go to stderr as they say.

    What is `given` wins over the environment.

    Raises:
        ConfigurationError: `bad_setting`.
    """
    settings = Settings.read(**given)
    log_to_stderr(settings.log_level, settings.secrets(), form=settings.log_format)
    settings.warn_of_unknown_variables()
    return settings
