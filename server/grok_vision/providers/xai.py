"""xAI: facts read from public material on 2026-11-20. No live call was made."""

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import (
    ImageLimits,
    ModelProfile,
    Prices,
    Provider,
    Redirect,
    Retired,
)
from grok_vision.providers.xai_tokens import FAST, GROK_2, LIKE_PATCHES, PATCHES

_MODELS_PAGE = Evidence("documented", "docs.x.ai/developers/models", "2026-09-21")
_PRICE_LIST = Evidence(
    "third party", "litellm 1.109.1, from api.x.ai/v1/language-models", "2026-11"
)
_REDIRECTED = Evidence("documented", "docs.x.ai, models retired on 2026-05-15", "2026-05")
# The migration guide names grok-4.3; the catalogue has these names at grok-build-0.1's price.
_REDIRECTED_CODE = Evidence(
    "third party", "pydantic-ai 2.68.0; litellm 1.109.1, from api.x.ai", "2026-11"
)
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

_REDIRECTED_NAMES = (
    "grok-4-0709",
    "grok-4-fast",
    "grok-4-fast-reasoning",
    "grok-4-fast-non-reasoning",
    "grok-4-1-fast",
    "grok-4-1-fast-reasoning",
    "grok-4-1-fast-non-reasoning",
    "grok-3",
)

_CODE_NAMES = ("grok-code-fast-1", "grok-code-fast-1-0825", "grok-code-fast")

_STOPPED_NAMES = (
    "grok-2-vision-latest",
    "grok-2-vision-1212",
    "grok-2-vision",
    "grok-vision-beta",
    "grok-beta",
)

XAI = Provider(
    name="xai",
    title="xAI",
    # https://us.api.x.ai/v1 serves 4.6 and 4.7 within the United States, 10 % dearer (2026-09).
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
    json_answers="json_schema",
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
    redirected={
        name: Redirect(DEFAULT.name, _REDIRECTED, FAST if "fast" in name else None)
        for name in _REDIRECTED_NAMES
    }
    | {name: Redirect(_BUILD.name, _REDIRECTED_CODE) for name in _CODE_NAMES},
    retired={name: Retired(DEFAULT.name, _STOPPED, GROK_2) for name in _STOPPED_NAMES},
    evidence=_MODELS_PAGE,
)
