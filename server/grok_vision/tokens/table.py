"""The table of known models, with what a screenshot uses of each."""

from grok_vision.providers import TokenRule, model_table
from grok_vision.results import ModelTable
from grok_vision.settings import Settings
from grok_vision.tokens.rules import image_tokens

_SCREENSHOT = (1920, 1080)


def known_models(settings: Settings) -> ModelTable:
    """Return the known models; nothing is asked and no key is needed."""
    return model_table(settings, _of_screenshot)


def _of_screenshot(rule: TokenRule) -> int:
    return image_tokens(rule, _SCREENSHOT, "auto").tokens
