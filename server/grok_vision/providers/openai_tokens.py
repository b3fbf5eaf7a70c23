"""How OpenAI's models count pictures: read from public material on 2026-11-20.

The vision guide has two ways: tiles of 512 pixels for older models, patches of 32 for newer ones.
"""

from dataclasses import replace
from typing import get_args

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.fit import Fit, Fits
from grok_vision.providers.token_rules import Patches, Tiles
from grok_vision.vocabulary import Detail

GUIDE = Evidence("documented", "OpenAI vision guide", "2026-09-29")

# Tiles: shrunk into 2048 x 2048, then to a shorter side of 768, and never enlarged. Older pages
# enlarge to 768; OpenAI's price calculator and recordings do not.
_TILED = Fit(max_side=2048, max_short_side=768)
_TILE_FITS = Fits(low=Fit(max_side=512), auto=_TILED, high=_TILED)

# Patches of 32 x 32: how many a model looks at, by detail. `auto` is `high` up to 5.4, and the
# picture's own size from 5.5 on (recorded: 4000 x 2500 is 11,850 tokens with gpt-5.6-sol).
_PATCH = 32 * 32
_SMALL = Fit(max_side=512)
_1536 = Fit(max_side=2048, max_pixels=1_536 * _PATCH)
_2500 = Fit(max_side=2048, max_pixels=2_500 * _PATCH)
_6144 = Fit(max_side=2048, max_pixels=6_144 * _PATCH)
# 30,000 patches are the most that it takes. Those that a picture fills in part count as well, which
# adds up to 373 where the longer side is 8192.
_NATIVE = Fit(max_side=65_535, max_pixels=29_600 * _PATCH)
_FITS_52 = Fits(low=_6144, auto=_6144, high=_6144)
_FITS_54 = Fits(low=_6144, auto=_2500, high=_2500)
_FITS_55 = Fits(low=_SMALL, auto=Fit(max_side=6000, max_pixels=10_000 * _PATCH), high=_2500)
_FITS_56 = Fits(low=_SMALL, auto=_NATIVE, high=_2500)
_FITS_6 = Fits(low=_SMALL, auto=_NATIVE, high=Fit(max_side=65_535, max_pixels=2_500 * _PATCH))
_FITS_OLD = Fits(low=_1536, auto=_1536, high=_1536)


def _tiles(base: int, each: int) -> Tiles:
    return Tiles(
        name=f"openai: {base} + {each} for each 512-pixel tile",
        side=512,
        base=base,
        each=each,
        low=base,
        fits=_TILE_FITS,
        evidence=GUIDE,
    )


def _patches(multiplier: float, fits: Fits) -> Patches:
    return Patches(
        name=f"openai: 32-pixel patches x {multiplier:g}",
        multiplier=multiplier,
        native=frozenset(detail for detail in get_args(Detail) if fits.at(detail) is _NATIVE),
        fits=fits,
        evidence=GUIDE,
    )


GPT_4O = _tiles(85, 170)
GPT_4O_MINI = _tiles(2833, 5667)
GPT_5 = _tiles(70, 140)
O_SERIES = _tiles(75, 150)
COMPUTER_USE = _tiles(65, 129)

# The guide of July 2026 says 1.62 for gpt-5-mini; recorded is a difference of 255 between pictures
# of 342 and 130 patches (pydantic-ai cassettes, 2026-03-16), which only 1.2 gives.
GPT_5_MINI = replace(
    _patches(1.2, _FITS_OLD),
    evidence=Evidence("recorded", "OpenAI vision guide; pydantic-ai cassettes", "2026-03-16"),
)
GPT_5_NANO = _patches(1.5, _FITS_OLD)
# Its budget was 1,536 patches until the newest guide.
GPT_4_1_MINI = _patches(1.62, _FITS_52)
GPT_4_1_NANO = _patches(2.46, _FITS_OLD)
O4_MINI = _patches(1.72, _FITS_OLD)
GPT_5_2 = _patches(1.2, _FITS_52)
GPT_5_4 = _patches(1.2, _FITS_54)
GPT_5_5 = _patches(1.2, _FITS_55)
GPT_5_6 = _patches(1.2, _FITS_56)
GPT_6 = _patches(1.2, _FITS_6)
# The guide names gpt-6-astra alone of its generation.
LIKE_GPT_6 = replace(
    GPT_6,
    name="openai: 32-pixel patches x 1.2, not verified",
    doubt=0.5,
    evidence=Evidence("assumed", "as gpt-6-astra; the guide does not name it", "2026-11-21"),
)
# Of a model that is not in the table, the newest common rule.
LIKE_GPT = replace(
    GPT_5_4,
    name="openai: 32-pixel patches x 1.2, not verified",
    doubt=0.7,
    evidence=Evidence("assumed", "as gpt-5.4", "2026-11-20"),
)
