"""The model that a call would use, whether or not it could be made now."""

import difflib
from dataclasses import replace

from grok_vision.errors import ConfigurationError
from grok_vision.providers.choosing import choice_of, is_dead, no_model
from grok_vision.providers.everyone import PROVIDERS
from grok_vision.providers.facts import ModelProfile, Provider
from grok_vision.providers.known_models import Choice
from grok_vision.providers.offline import LOCAL
from grok_vision.providers.registry import configured, host_of
from grok_vision.providers.xai import XAI
from grok_vision.settings import Settings
from grok_vision.texts import shortened

_NO_KEY = (
    "no key is configured, so the offline engine would answer, free of charge: these are the "
    "figures with a key.",
)


def considered(settings: Settings, model: str = "") -> Choice:
    """Return the model that a call would use, whether or not it could be made now.

    No key is needed. Where the configured provider does not know the model and another does, that
    one is meant; where nobody is configured and no model is named, it is xAI's.

    Raises:
        ConfigurationError: `bad_setting` where no model is configured at all.
    """
    ours = configured(settings)
    # The embedded engine has one model; where only the key is missing, the setting is meant.
    name = model.strip() or ("" if settings.provider == LOCAL.name else settings.model.strip())
    provider, told = _meant(settings, ours, name)
    elsewhere = host_of(provider, settings.base_url) if provider is ours else ""
    name = name or provider.default_model
    if not name:
        raise ConfigurationError("bad_setting", no_model(provider))
    dead = provider.retirement_of(name) if not elsewhere else None
    if dead is None:
        choice = choice_of(provider, name, elsewhere=elsewhere)
        strange = _strange(choice) if not told or told == _NO_KEY else ()
        return replace(choice, warnings=(*told, *choice.warnings, *strange))
    profile = provider.known(name) or ModelProfile(name=name, evidence=dead.evidence)
    profile = replace(profile, name=name, tokens=dead.tokens or profile.tokens)
    return Choice(provider, profile, (*told, is_dead(name, dead)))


def _meant(settings: Settings, ours: Provider, name: str) -> tuple[Provider, tuple[str, ...]]:
    """Return who serves the model: the configured provider where it may, and what to tell else."""
    told: tuple[str, ...] = ()
    if ours is LOCAL and settings.provider == "auto":
        ours = XAI
        told = _NO_KEY
    # What another address serves is its own affair.
    if ours is not LOCAL and host_of(ours, settings.base_url):
        return ours, told
    # Where a table is empty, any name may be known.
    if not name or not ours.models or _knows(ours, name):
        return ours, told
    for other in PROVIDERS:
        if _knows(other, name):
            elsewhere = f"{ours.title} is configured and does not serve {shortened(name)}."
            return other, told or (elsewhere,)
    return ours, told


def _strange(choice: Choice) -> tuple[str, ...]:
    """Say so where the provider's own table does not hold the model, nor its family is known."""
    name, provider = choice.profile.name, choice.provider
    if choice.profile.tokens or choice.redirected or choice.elsewhere or _knows(provider, name):
        return ()
    names = [known for other in PROVIDERS for one in other.models for known in one.names]
    near = difflib.get_close_matches(name.lower().replace(" ", "-"), names, 1)
    meant = f"; did you mean {near[0]}?" if near else "."
    return (f"{shortened(name)} is not a model that is known here: its figures are assumed{meant}",)


def _knows(provider: Provider, name: str) -> bool:
    return bool(provider.known(name) or provider.redirect_of(name) or provider.retirement_of(name))
