"""OpenAI: facts read from public material on 2026-11-20. No live call was made."""

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, ModelProfile, Provider
from grok_vision.providers.fit import Fit, Fits
from grok_vision.providers.token_rules import Patches, Tiles

_MIB = 1024 * 1024
_GUIDE = Evidence("documented", "OpenAI vision guide", "2026-09-29")

# Tiles: shrunk into 2048 x 2048, then to a shorter side of 768, and never enlarged. Older pages
# enlarge to 768; OpenAI's price calculator and recordings do not.
_TILED = Fit(max_side=2048, max_short_side=768)
_TILE_FITS = Fits(low=Fit(max_side=512), auto=_TILED, high=_TILED)

# Patches of 32 x 32: how many a model looks at, by detail. `auto` is `high` up to 5.4, and the
# picture's own size from 5.5 on (recorded: 4000 x 2500 is 11,850 tokens with gpt-5.6-sol).
_PATCH = 32 * 32
_SMALL = Fit(max_side=512)
_2500 = Fit(max_side=2048, max_pixels=2_500 * _PATCH)
_6144 = Fit(max_side=2048, max_pixels=6_144 * _PATCH)
_NATIVE = Fit(max_side=65_535, max_pixels=30_000 * _PATCH)
_FITS_52 = Fits(low=_6144, auto=_6144, high=_6144)
_FITS_54 = Fits(low=_6144, auto=_2500, high=_2500)
_FITS_55 = Fits(low=_SMALL, auto=Fit(max_side=6000, max_pixels=10_000 * _PATCH), high=_2500)
_FITS_56 = Fits(low=_SMALL, auto=_NATIVE, high=_2500)
_FITS_6 = Fits(low=_SMALL, auto=_NATIVE, high=Fit(max_side=65_535, max_pixels=2_500 * _PATCH))
_FITS_OLD = Fits(
    low=Fit(max_side=2048, max_pixels=1_536 * _PATCH),
    auto=Fit(max_side=2048, max_pixels=1_536 * _PATCH),
    high=Fit(max_side=2048, max_pixels=1_536 * _PATCH),
)


def _tiles(base: int, each: int) -> Tiles:
    return Tiles(
        name=f"openai: {base} + {each} for each 512-pixel tile",
        side=512,
        base=base,
        each=each,
        low=base,
        fits=_TILE_FITS,
        evidence=_GUIDE,
    )


def _patches(multiplier: float, fits: Fits) -> Patches:
    return Patches(
        name=f"openai: 32-pixel patches x {multiplier:g}",
        multiplier=multiplier,
        fits=fits,
        evidence=_GUIDE,
    )


OPENAI = Provider(
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com/v1",
    key_field="openai_api_key",
    default_model="gpt-5.4-mini",
    images=ImageLimits(max_bytes=20 * _MIB, max_side=8192, max_images=1500, evidence=_GUIDE),
    tokens=_patches(1.2, _FITS_54),
    max_body_bytes=512 * _MIB,
    # The vision guide; slow hosts time out (glific #5213, 2026-06).
    fetches_urls=True,
    json_answers="json_schema",
    evidence=_GUIDE,
    models=(ModelProfile(name="gpt-5.4-mini", tokens=_patches(1.2, _FITS_54), evidence=_GUIDE),),
)
