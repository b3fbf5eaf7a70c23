"""Which installed fonts stand for the families that a drawing may name."""

from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import Image

# Most wanted first: those of the browsers, those that are drawn to measure like them, others.
_SANS = (
    "Arial", "Helvetica", "Liberation Sans", "Arimo", "DejaVu Sans", "Noto Sans", "Segoe UI",
    "Roboto", "Open Sans", "Ubuntu", "Cantarell", "FreeSans", "Nimbus Sans", "Droid Sans",
)  # fmt: skip
_SERIF = (
    "Times New Roman", "Times", "Liberation Serif", "Tinos", "DejaVu Serif", "Noto Serif",
    "FreeSerif", "Nimbus Roman", "Georgia",
)  # fmt: skip
_MONOSPACE = (
    "Courier New", "Liberation Mono", "Cousine", "DejaVu Sans Mono", "Noto Sans Mono", "Menlo",
    "Consolas", "FreeMono", "Nimbus Mono PS", "Ubuntu Mono", "Roboto Mono",
)  # fmt: skip
_ROW = 20


@dataclass(frozen=True, slots=True)
class Families:
    """An installed family for each generic one."""

    sans: str
    serif: str
    monospace: str


@cache
def installed_families() -> Families | None:
    """Return what stands for the generic families; None where none of the usual is installed.

    Without them resvg draws no text at all where a family that is named is not installed.
    """
    found = _installed((*_SANS, *_SERIF, *_MONOSPACE))
    if not found:
        return None
    sans = next(name for name in (*_SANS, *_SERIF, *_MONOSPACE) if name in found)
    return Families(
        sans=sans,
        serif=next((name for name in _SERIF if name in found), sans),
        monospace=next((name for name in _MONOSPACE if name in found), sans),
    )


def _installed(names: tuple[str, ...]) -> set[str]:
    """Return those that draw something; resvg itself cannot be asked."""
    import resvg_py

    rows = "".join(
        f'<text x="2" y="{_ROW * number + 15}" font-family="{name}">o</text>'
        for number, name in enumerate(names)
    )
    size = f'width="{_ROW}" height="{_ROW * len(names)}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{rows}</svg>'
    drawn = resvg_py.svg_to_bytes(svg_string=svg, serif_family="none")
    with Image.open(BytesIO(drawn), formats=["PNG"]) as image:
        ink = image.getchannel("A")
    return {
        name
        for number, name in enumerate(names)
        if ink.crop((0, _ROW * number, _ROW, _ROW * (number + 1))).getbbox()
    }
