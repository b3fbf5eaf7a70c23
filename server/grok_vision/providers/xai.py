"""xAI: facts read from public material on 2026-11-20. No live call was made."""

from dataclasses import replace

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import (
    ImageLimits,
    ModelProfile,
    Prices,
    Provider,
    Redirect,
    Retired,
)
from grok_vision.providers.fit import Fit, Fits
from grok_vision.providers.token_rules import Cells, Flat, Tiles

_MODELS_PAGE = Evidence("documented", "docs.x.ai/developers/models", "2026-09-21")
_PRICE_LIST = Evidence(
    "third party", "litellm 1.109.1, from api.x.ai/v1/language-models", "2026-11"
)
_REDIRECTED = Evidence("documented", "docs.x.ai, models retired on 2026-05-15", "2026-05")
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

# The server shrinks to 2352 patches of 32 x 32; more is uploaded in vain.
_NATIVE = Fit(max_pixels=2352 * 32 * 32)
# Measured: 1024 x 1024 is 1026 tokens at high and 258 at low, which is 512 x 512.
_FITS = Fits(low=Fit(max_side=512), auto=_NATIVE, high=_NATIVE)

# 595 x 842 is 515, recorded with grok-4.6; the rest from a probe of the same family.
_PATCHES = Cells(
    name="xai: 32-pixel patches + 2",
    side=32,
    extra=2,
    fits=_FITS,
    evidence=Evidence("recorded", "pydantic-ai cassettes; live probe", "2026-09-12"),
)
# No formula is published for 4.3 and 4.20, and nothing is recorded: that of their successors.
_LIKE_PATCHES = replace(
    _PATCHES,
    name="xai: 32-pixel patches + 2, not verified",
    least=256,
    most=2407,
    evidence=Evidence("assumed", "as grok-4.6; no recording", "2026-11-20"),
)
# Recorded before 2026-05-15: 597 x 566, 400 x 301, 540 x 360 and a page of 595 x 842 alike. What
# answers to these names since then may count otherwise.
_FAST = Flat(
    name="xai: flat, as grok-4-fast",
    tokens=256,
    least=256,
    most=2407,
    fits=_FITS,
    evidence=Evidence("recorded", "pydantic-ai cassettes", "2026-03"),
)
# Documented until late 2025: (tiles + 1) x 256, at most 6 tiles. How it tiles was never published.
_GROK_2 = Tiles(
    name="xai: 448-pixel tiles, as grok-2-vision",
    side=448,
    base=256,
    each=256,
    most_tiles=6,
    least=256,
    most=1792,
    evidence=Evidence("documented", "docs.x.ai, removed in 2026", "2025-12"),
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


def _always_reasoning(name: str, cached: float, *aliases: str) -> ModelProfile:
    """Return a profile of the 4.5 family: `reasoning_effort: none` is refused, so none is sent."""
    return ModelProfile(
        name=name,
        aliases=aliases,
        context_window=500_000,
        prices=_prices(2.00, cached, 6.00),
        tokens=_PATCHES,
        # "hi" is 637 tokens.
        hidden_tokens=630,
        always_reasons=True,
        evidence=_MODELS_PAGE,
    )


def _by_slug(name: str) -> ModelProfile:
    """Return a profile of the 4.20 family: reasoning goes by name, the parameter is refused."""
    return ModelProfile(
        name=name,
        context_window=1_000_000,
        prices=_prices(1.25, 0.20, 2.50),
        # "hi" is 185 tokens without reasoning.
        hidden_tokens=180,
        evidence=_PRICE_LIST,
    )


DEFAULT = ModelProfile(
    name="grok-4.3",
    aliases=("grok-4.3-latest",),
    context_window=1_000_000,
    prices=_prices(1.25, 0.20, 2.50),
    # Its default is "low"; "none" answers at once and is what a picture needs.
    reasoning_effort="none",
    evidence=Evidence("documented", "docs.x.ai/developers/models/grok-4.3.md", "2026-09"),
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
    base_url="https://api.x.ai/v1",
    key_field="xai_api_key",
    default_model=DEFAULT.name,
    images=_IMAGES,
    tokens=_LIKE_PATCHES,
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
    models=(
        DEFAULT,
        _always_reasoning("grok-4.7", 0.50, "grok-4.7-latest"),
        _always_reasoning("grok-4.6", 0.50, "grok-4.6-latest"),
        _always_reasoning("grok-4.5", 0.30, "grok-4.5-latest", "grok-build-latest"),
        _by_slug("grok-4.20-0309-non-reasoning"),
        _by_slug("grok-4.20-0309-reasoning"),
    ),
    redirected={
        name: Redirect(DEFAULT.name, _REDIRECTED, _FAST if "fast" in name else None)
        for name in _REDIRECTED_NAMES
    },
    retired={name: Retired(DEFAULT.name, _STOPPED, _GROK_2) for name in _STOPPED_NAMES},
    evidence=_MODELS_PAGE,
)
