"""From settings to the endpoint that answers, and from a model's name to what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pydantic import SecretStr

from grok_vision.errors import ConfigurationError, ProviderError
from grok_vision.providers.facts import ModelProfile, Prices, Provider
from grok_vision.providers.groq import GROQ
from grok_vision.providers.known_models import Choice, profile_of
from grok_vision.providers.offline import LOCAL
from grok_vision.providers.openai import OPENAI
from grok_vision.providers.openrouter import OPENROUTER
from grok_vision.providers.self_hosted import CUSTOM, LLAMACPP, LMSTUDIO, OLLAMA, VLLM
from grok_vision.providers.together import TOGETHER
from grok_vision.providers.xai import XAI
from grok_vision.settings import Settings, is_this_machine
from grok_vision.texts import shortened

_BY_NAME: Mapping[str, Provider] = MappingProxyType(
    {
        provider.name: provider
        for provider in (
            XAI,
            OPENAI,
            GROQ,
            TOGETHER,
            OPENROUTER,
            OLLAMA,
            LMSTUDIO,
            LLAMACPP,
            VLLM,
            CUSTOM,
            LOCAL,
        )
    }
)

PROVIDERS: tuple[Provider, ...] = tuple(_BY_NAME.values())
"""Every provider, in the order in which `auto` looks for a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where requests go: the provider's facts with the settings applied.

    `own_address` is false where the settings name another base URL: then the names of models are
    that endpoint's affair.
    """

    provider: Provider
    base_url: str
    key: SecretStr | None
    key_variable: str
    default_model: str
    own_address: bool

    @property
    def offline(self) -> bool:
        """Whether the embedded engine answers, which follows no instructions."""
        return self.provider is LOCAL

    @property
    def fetches_urls(self) -> bool:
        """Whether pictures may be sent as URLs.

        Not through another base URL: who fetches there, and from which network, is not known.
        """
        return self.own_address and self.provider.fetches_urls

    @property
    def on_this_machine(self) -> bool:
        """Whether requests stay on this machine, where no proxy has a part in them."""
        return is_this_machine(self.base_url)

    def choose(self, model: str = "") -> Choice:
        """Return the model that answers, `model` or the configured one where it is empty.

        An unknown name is not an error: the provider may know it.

        Raises:
            ProviderError: `model_not_found` for a name that is known to be dead.
            ConfigurationError: `bad_setting` where no model is configured at all.
        """
        name = model.strip() or self.default_model
        if not name:
            raise ConfigurationError(
                "bad_setting",
                f"{self.provider.title} has no default model; set GROK_VISION_MODEL or pass model.",
            )
        if self.own_address and (dead := self.provider.retired.get(name)):
            raise ProviderError(
                "model_not_found",
                f"{name} no longer answers ({dead.evidence.source}); use {dead.successor} instead.",
            )
        return _choice(self.provider, name, own_address=self.own_address)


def considered(settings: Settings, model: str = "") -> Choice:
    """Return the model that a call would use, whether or not it could be made now.

    No key is needed. Where the configured provider does not know the model and another does, that
    one is meant; where nobody is configured and no model is named, it is xAI's.

    Raises:
        ConfigurationError: `bad_setting` where no model is configured at all.
    """
    provider = _BY_NAME[_provider_name(settings)]
    name = model.strip()
    if provider is LOCAL and settings.provider == "auto":
        provider = XAI
    own_address = settings.base_url in {None, provider.base_url}
    if name and not _knows(provider, name) and provider.models:
        provider = next((other for other in PROVIDERS if _knows(other, name)), provider)
    name = name or (settings.model if provider is not LOCAL else "") or provider.default_model
    if not name:
        raise ConfigurationError(
            "bad_setting",
            f"{provider.title} has no default model; set GROK_VISION_MODEL or pass model.",
        )
    if own_address and (dead := provider.retired.get(name)):
        profile = ModelProfile(name=name, tokens=dead.tokens, evidence=dead.evidence)
        warning = (
            f"{name} no longer answers ({dead.evidence.source}); use {dead.successor} instead."
        )
        return Choice(provider, profile, (warning,))
    return _choice(provider, name, own_address=own_address)


def _knows(provider: Provider, name: str) -> bool:
    return bool(provider.known(name) or name in provider.redirected or name in provider.retired)


def _choice(provider: Provider, name: str, *, own_address: bool) -> Choice:
    if provider is LOCAL:
        return _only_one(provider, name)
    if own_address and (redirect := provider.redirected.get(name)):
        target = profile_of(provider, redirect.to)
        # The provider picks the effort by the retired name, so none is sent.
        profile = replace(
            target,
            name=name,
            aliases=(),
            reasoning_effort=None,
            tokens=redirect.tokens or target.tokens,
        )
        told = f"{name} is retired: {redirect.to} answers{_price(target.prices)}."
        return Choice(provider, profile, (told,))
    return Choice(provider, profile_of(provider, name, PROVIDERS))


def _only_one(provider: Provider, name: str) -> Choice:
    """Return the one model of an engine that has no other."""
    (only,) = provider.models
    if name == only.name:
        return Choice(provider, only)
    told = f"{shortened(name)} was not asked: {only.name} answers offline."
    return Choice(provider, only, (told,))


def _price(prices: Prices | None) -> str:
    if prices is None:
        return " in its place"
    return (
        f" in its place, at ${prices.input:.2f} per million input tokens"
        f" and ${prices.output:.2f} per million output tokens"
    )


def endpoint(settings: Settings) -> Endpoint:
    """Return the endpoint that the settings choose.

    Raises:
        ConfigurationError: `missing_key` where the named provider needs one; `bad_setting` where
            `custom` has no base URL, or a key would travel in clear text.
    """
    provider = _BY_NAME[_provider_name(settings)]
    if provider is LOCAL:
        return _offline()
    base_url = settings.base_url or provider.base_url
    if base_url is None:
        raise ConfigurationError(
            "bad_setting",
            "GROK_VISION_PROVIDER=custom needs GROK_VISION_BASE_URL, such as https://host/v1.",
        )
    return Endpoint(
        provider=provider,
        base_url=base_url,
        key=_key(settings, provider, base_url),
        key_variable=_key_variable(settings, provider),
        default_model=settings.model or provider.default_model,
        own_address=settings.base_url is None or settings.base_url == provider.base_url,
    )


def _offline() -> Endpoint:
    """Return the embedded engine's endpoint: another's address, key or model is nothing to it."""
    return Endpoint(
        provider=LOCAL,
        base_url=LOCAL.base_url or "",
        key=None,
        key_variable="",
        default_model=LOCAL.default_model,
        own_address=True,
    )


def _provider_name(settings: Settings) -> str:
    """Return who answers. A key for one provider never decides where the general key goes."""
    if settings.provider != "auto":
        return settings.provider
    if settings.xai_api_key:
        return XAI.name
    if settings.base_url:
        return CUSTOM.name
    if settings.api_key:
        return XAI.name
    for provider in _BY_NAME.values():
        if provider.key_field and getattr(settings, provider.key_field):
            return provider.name
    return LOCAL.name


def _key(settings: Settings, provider: Provider, base_url: str) -> SecretStr | None:
    own: SecretStr | None = getattr(settings, provider.key_field) if provider.key_field else None
    key = settings.api_key or own
    if key is None and provider.key_field:
        raise ConfigurationError(
            "missing_key",
            f"{provider.title} needs a key; set {_key_variable(settings, provider)} in this "
            "server's environment.",
        )
    if key is not None and not base_url.startswith("https:") and not is_this_machine(base_url):
        raise ConfigurationError(
            "bad_setting",
            "GROK_VISION_BASE_URL must be https where a key is sent; http is for this machine, "
            "or for a server that needs no key.",
        )
    return key


def _key_variable(settings: Settings, provider: Provider) -> str:
    """Return the variable that the key comes from, or should come from."""
    general = settings.api_key is not None or provider.key_field is None
    return settings.variable("api_key" if general else str(provider.key_field))
