"""What every command begins with."""

from grok_vision.logs import log_to_stderr
from grok_vision.settings import Settings


def read_settings() -> Settings:
    """Return the settings, and have the log of the command go to stderr as they say.

    Raises:
        ConfigurationError: `bad_setting`.
    """
    settings = Settings.read()
    log_to_stderr(settings.log_level, settings.secrets(), form=settings.log_format)
    settings.warn_of_unknown_variables()
    return settings
