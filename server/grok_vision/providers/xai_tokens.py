"""How xAI's models count pictures: read from public material on 2026-11-20."""

from dataclasses import replace

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.fit import Fit, Fits
from grok_vision.providers.token_rules import Cells, Flat, Tiles

# The server shrinks to 2352 patches of 32 x 32; more is uploaded in vain.
_NATIVE = Fit(max_pixels=2352 * 32 * 32)
# Measured: 1024 x 1024 is 1026 tokens at high and 258 at low, which is 512 x 512.
_FITS = Fits(low=Fit(max_side=512), auto=_NATIVE, high=_NATIVE)

# 595 x 842 is 515, recorded with grok-4.6; the rest from a probe of the same family.
PATCHES = Cells(
    name="xai: 32-pixel patches + 2",
    side=32,
    extra=2,
    fits=_FITS,
    evidence=Evidence("recorded", "pydantic-ai cassettes; live probe", "2026-09-12"),
)
# No formula is published for 4.3 and 4.20, and nothing is recorded: that of their successors.
LIKE_PATCHES = replace(
    PATCHES,
    name="xai: 32-pixel patches + 2, not verified",
    least=256,
    most=2407,
    evidence=Evidence("assumed", "as grok-4.6; no recording", "2026-11-20"),
)
# Recorded before 2026-05-15: 597 x 566, 400 x 301, 540 x 360 and a page of 595 x 842 alike. What
# answers to these names since then may count otherwise.
FAST = Flat(
    name="xai: flat 256, as grok-4-fast",
    tokens=256,
    least=256,
    most=2407,
    fits=_FITS,
    evidence=Evidence("recorded", "pydantic-ai cassettes", "2026-03"),
)
# Documented until late 2025: (tiles + 1) x 256, at most 6 tiles. How it tiles was never published.
GROK_2 = Tiles(
    name="xai: 448-pixel tiles, as grok-2-vision",
    side=448,
    base=256,
    each=256,
    most_tiles=6,
    least=256,
    most=1792,
    evidence=Evidence("documented", "docs.x.ai, removed in 2026", "2025-12"),
)
