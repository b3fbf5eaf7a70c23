"""From settings to the endpoint that answers, and from a model's name to what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pydantic import SecretStr

from grok_vision.errors import ConfigurationError, ProviderError
from grok_vision.providers.facts import Evidence, ModelProfile, Provider, Redirect
from grok_vision.providers.groq import GROQ
from grok_vision.providers.offline import LOCAL
from grok_vision.providers.openai import OPENAI
from grok_vision.providers.openrouter import OPENROUTER
from grok_vision.providers.self_hosted import CUSTOM, LLAMACPP, LMSTUDIO, OLLAMA, VLLM
from grok_vision.providers.together import TOGETHER
from grok_vision.providers.xai import XAI
from grok_vision.settings import Settings

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

_UNKNOWN = Evidence("assumed", "the model is not in the table", "2026-11-20")


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that a call will use, and what its caller should know about that."""

    profile: ModelProfile
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where requests go: the provider's facts with the settings applied.

    `own_address` is false where the settings name another base URL: then the names of models are
    that endpoint's affair.
    """

    provider: Provider
    base_url: str
    key: SecretStr | None
    default_model: str
    own_address: bool

    def choose(self, model: str = "") -> Choice:
        """Return the profile for `model`, or for the configured model where it is empty.

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
        redirect = self.provider.redirected.get(name) if self.own_address else None
        return self._redirected(name, redirect) if redirect else Choice(self._profile(name))

    def _profile(self, name: str) -> ModelProfile:
        return self.provider.known(name) or ModelProfile(name=name, evidence=_UNKNOWN)

    def _redirected(self, name: str, redirect: Redirect) -> Choice:
        target = self._profile(redirect.to)
        # The provider picks the effort by the retired name, so none is sent.
        profile = replace(target, name=name, aliases=(), reasoning_effort=None)
        return Choice(profile, (f"{name} is retired: {redirect.to} answers{_price(target)}.",))


def _price(profile: ModelProfile) -> str:
    prices = profile.prices
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
            `custom` has no base URL.
    """
    provider = _BY_NAME[_provider_name(settings)]
    if provider is LOCAL:
        return _offline(settings)
    base_url = settings.base_url or provider.base_url
    if base_url is None:
        raise ConfigurationError(
            "bad_setting",
            "GROK_VISION_PROVIDER=custom needs GROK_VISION_BASE_URL, such as https://host/v1.",
        )
    return Endpoint(
        provider=provider,
        base_url=base_url,
        key=_key(settings, provider),
        default_model=settings.model or provider.default_model,
        own_address=settings.base_url is None or settings.base_url == provider.base_url,
    )


def _offline(settings: Settings) -> Endpoint:
    """Return the embedded engine's endpoint: another's address, key or model is nothing to it."""
    model = settings.model if settings.model.startswith("local/") else LOCAL.default_model
    return Endpoint(
        provider=LOCAL,
        base_url=LOCAL.base_url or "",
        key=None,
        default_model=model,
        own_address=True,
    )


def _provider_name(settings: Settings) -> str:
    if settings.provider != "auto":
        return settings.provider
    for provider in _BY_NAME.values():
        if provider.key_field and getattr(settings, provider.key_field):
            return provider.name
    if settings.base_url:
        return CUSTOM.name
    return XAI.name if settings.api_key else LOCAL.name


def _key(settings: Settings, provider: Provider) -> SecretStr | None:
    own: SecretStr | None = getattr(settings, provider.key_field) if provider.key_field else None
    key = settings.api_key or own
    if key is None and provider.key_field:
        variable = settings.variable(provider.key_field)
        raise ConfigurationError(
            "missing_key",
            f"{provider.title} needs a key; set {variable} in this server's environment.",
        )
    return key
