"""What is known of a model by its name, whoever serves it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, ModelProfile, Provider
from grok_vision.providers.families import FAMILIES
from grok_vision.providers.token_rules import TokenRule

_UNKNOWN = Evidence("assumed", "the model is not in the table", "2026-11-20")


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that a call will use, and what its caller should know about that.

    `tokens` is the rule by which it counts pictures, and `images` what may be sent of one.
    """

    provider: Provider
    profile: ModelProfile
    warnings: tuple[str, ...] = ()

    @property
    def tokens(self) -> TokenRule:
        """The rule by which the model counts the tokens of a picture."""
        return self.profile.tokens or self.provider.tokens

    @property
    def images(self) -> ImageLimits:
        """The provider's limits, with the sizes that this model can use."""
        return replace(self.provider.images, fits=self.tokens.fits)


def profile_of(provider: Provider, name: str, others: Sequence[Provider] = ()) -> ModelProfile:
    """Return what is known of a model that `provider` serves, under the name that was asked for.

    An alias goes on the wire as it is: a relay may know no other name. A model that the provider's
    own table does not hold has the window and the token rule of its like among `others` and the
    open families, never their prices or parameters: those are its server's affair.
    """
    if own := provider.known(name):
        return replace(own, name=name)
    profile = ModelProfile(name=name, evidence=_UNKNOWN)
    for like in _likes(name, others):
        return replace(profile, tokens=like.tokens, context_window=like.context_window)
    return profile


def _likes(name: str, others: Sequence[Provider]) -> Iterator[ModelProfile]:
    bare = name.rpartition("/")[2]
    for spelled in dict.fromkeys((name, bare)):
        for provider in others:
            if known := provider.known(spelled):
                yield replace(known, tokens=known.tokens or provider.tokens)
            elif redirect := provider.redirected.get(spelled):
                yield ModelProfile(name=name, tokens=redirect.tokens, evidence=redirect.evidence)
    for family in FAMILIES:
        if family.is_of_family(bare):
            yield family
