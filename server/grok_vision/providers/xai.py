"""xAI: facts read from public material on 2026-11-20. No live call was made."""

from dataclasses import replace

from grok_vision.providers import schema_dialects
from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import (
    ImageLimits,
    ModelProfile,
    Provider,
    Redirect,
    Region,
    Retired,
)
from grok_vision.providers.prices import Prices
from grok_vision.providers.xai_tokens import FAST, GROK_2, LIKE_PATCHES, PATCHES

_MODELS_PAGE = Evidence("documented", "docs.x.ai/developers/models", "2026-09-21")
_PRICE_LIST = Evidence(
    "third party", "litellm 1.109.1, from api.x.ai/v1/language-models", "2026-11"
)
_REDIRECTED = Evidence(
    "documented", "docs.x.ai/developers/migration/may-15-retirement.md", "2026-05"
)
_REDIRECTED_TOO = Evidence(
    "third party", "genai-prices 0.2.3, as other names of these; models.dev#1790", "2026-05"
)
# The migration guide names grok-4.3; the catalogue has these names at grok-build-0.1's price.
_REDIRECTED_CODE = Evidence(
    "third party", "pydantic-ai 2.68.0; litellm 1.109.1, from api.x.ai", "2026-11"
)
_REGIONAL = Evidence("documented", "docs.x.ai, regional endpoints", "2026-09")
_FLOATING = Evidence("third party", "pydantic-ai 2.68.0, verified with live calls", "2026-10")
_STOPPED = Evidence("documented", "docs.x.ai changelog, stopped on 2026-02-28", "2026-02")

_MIB = 1024 * 1024

_IMAGES = ImageLimits(
    # WebP and ICO are accepted in practice but not documented; JPEG and PNG always are.
    formats=("JPEG", "PNG"),
    # "Image has 255 total pixels (15x17), which is below the minimum of 512 pixels."
    min_side=8,
    min_pixels=512,
    # 10 MiB in the proto and the SDK, 20 MiB on the models page: the smaller one is safe.
    max_bytes=10 * _MIB,
    # A request has 50 MiB, of which base64 leaves three quarters, and the words some.
    max_total_bytes=36 * _MIB,
    max_side=8192,
    evidence=Evidence(
        "vendor source", "grok-build image_normalize.rs; live error texts", "2026-08-19"
    ),
)


def _prices(prompt: float, cached: float, output: float) -> Prices:
    return Prices(
        input=prompt,
        cached=cached,
        output=output,
        long_context_from=200_000,
        long_context_factor=2.0,
        evidence=_PRICE_LIST,
    )


def _always_reasoning(
    name: str, cached: float, *aliases: str, evidence: Evidence = _MODELS_PAGE
) -> ModelProfile:
    """Return a profile of the 4.5 family: `reasoning_effort: none` is refused, so none is sent."""
    return ModelProfile(
        name=name,
        aliases=aliases,
        matches=(f"{name}-20??????", f"{name}-latest"),
        context_window=500_000,
        prices=_prices(2.00, cached, 6.00),
        tokens=PATCHES,
        # "hi" is 637 tokens.
        hidden_tokens=630,
        always_reasons=True,
        evidence=evidence,
    )


def _by_slug(name: str, pattern: str, *, always_reasons: bool = False) -> ModelProfile:
    """Return a profile of the 4.20 family: reasoning goes by name, the parameter is refused."""
    return ModelProfile(
        name=name,
        matches=(pattern,),
        always_reasons=always_reasons,
        context_window=1_000_000,
        prices=_prices(1.25, 0.20, 2.50),
        # "hi" is 185 tokens without reasoning.
        hidden_tokens=180,
        evidence=_PRICE_LIST,
    )


DEFAULT = ModelProfile(
    name="grok-4.3",
    aliases=("grok-4.3-latest",),
    matches=("grok-4.3-20??????",),
    context_window=1_000_000,
    prices=_prices(1.25, 0.20, 2.50),
    # Not recorded: that of 4.20, its like in price.
    hidden_tokens=180,
    # Its default is "low"; "none" answers at once and is what a picture needs.
    reasoning_effort="none",
    evidence=Evidence("documented", "docs.x.ai/developers/models/grok-4.3.md", "2026-09"),
)

# Takes pictures by its flag in /v1/language-models; how it counts them is not known.
_BUILD = ModelProfile(
    name="grok-build-0.1",
    context_window=256_000,
    prices=_prices(1.00, 0.20, 2.00),
    # Reasoning cannot be turned off (docs.apiyi.com, tried on 2026-07-13).
    always_reasons=True,
    evidence=_PRICE_LIST,
)

# The names that the guide has, with their other names. Those that reason get an effort of "low",
# the rest "none". It is silent about the other kinds of grok-3.
_REDIRECTED_NAMES = {
    "grok-4-0709": ("grok-4", "grok-4-latest"),
    "grok-4-fast-reasoning": ("grok-4-fast", "grok-4-fast-reasoning-latest"),
    "grok-4-fast-non-reasoning": ("grok-4-fast-non-reasoning-latest",),
    "grok-4-1-fast-reasoning": ("grok-4-1-fast", "grok-4-1-fast-reasoning-latest"),
    "grok-4-1-fast-non-reasoning": ("grok-4-1-fast-non-reasoning-latest",),
    "grok-3": ("grok-3-latest", "grok-3-beta"),
}

_CODE_NAMES = ("grok-code-fast-1", "grok-code-fast-1-0825", "grok-code-fast")

_STOPPED_NAMES = (
    "grok-2-vision-latest",
    "grok-2-vision-1212",
    "grok-2-vision",
    "grok-vision-beta",
    "grok-beta",
)


def _redirects() -> dict[str, Redirect]:
    found = {name: Redirect(_BUILD.name, _REDIRECTED_CODE) for name in _CODE_NAMES}
    for name, others in _REDIRECTED_NAMES.items():
        told = Redirect(
            DEFAULT.name,
            _REDIRECTED,
            FAST if "fast" in name else None,
            reasons=name != "grok-3" and "non-reasoning" not in name,
        )
        found[name] = told
        found |= {other: replace(told, evidence=_REDIRECTED_TOO) for other in others}
    return found


XAI = Provider(
    name="xai",
    title="xAI",
    base_url="https://api.x.ai/v1",
    key_field="xai_api_key",
    default_model=DEFAULT.name,
    images=_IMAGES,
    tokens=LIKE_PATCHES,
    # nginx answers 413 or resets the connection above this.
    max_body_bytes=50 * _MIB,
    # At every call, uncached, within 5 s and up to 10 MiB, as XaiImageApiFetch/1.0, which many
    # hosts refuse (comment in xai-proto, 2026-05-17).
    fetches_urls=True,
    # completion_tokens excludes reasoning, and total = prompt + completion + reasoning.
    reasoning_in_output=False,
    # chenyme/grok2api#118: a relay that dropped the pictures answered with image_tokens 0.
    reports_image_tokens=True,
    reports_cost="ticks",
    json_forms=frozenset({"json_schema", "json_object"}),
    schema_dialect=schema_dialects.XAI,
    error_shape="flat",
    # Prices are in both, modalities in the first only and context windows in the second only
    # (docs.x.ai/developers/rest-api-reference/inference/models).
    catalogues=("language-models", "models"),
    models=(
        DEFAULT,
        _always_reasoning("grok-4.7", 0.50),
        _always_reasoning("grok-4.6", 0.50),
        _always_reasoning("grok-4.5", 0.30, "grok-4.5-latest", "grok-build-latest"),
        # Served 4.6 in October 2026, and 4.3 where an effort of "none" was asked for.
        _always_reasoning("grok-latest", 0.50, evidence=_FLOATING),
        # Some twenty names; all that do not say `non-reasoning` reason. `multi-agent` answers at
        # /v1/responses only.
        _by_slug("grok-4.20-0309-non-reasoning", "grok-4.20*non-reasoning*"),
        _by_slug("grok-4.20-0309-reasoning", "grok-4.20*", always_reasons=True),
        _BUILD,
    ),
    # It serves 4.6 and 4.7 within the United States.
    regions={"us.api.x.ai": Region(1.1, _REGIONAL)},
    # What answers to these names now costs otherwise.
    mispriced=("grok-[23]*", "grok-4", "grok-4-*", "grok-code*"),
    redirected=_redirects(),
    retired={name: Retired(DEFAULT.name, _STOPPED, GROK_2) for name in _STOPPED_NAMES},
    evidence=_MODELS_PAGE,
)
