"""Pairs of pictures drawn by this script, each with what a person would say of them.

A web page of an account is drawn in states that differ as pages do from one release to the next.
Drawing again gives the same pixels. `python -m tests.rendered_pairs FOLDER` saves them all.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw

from examples.make_examples import AFTER, BEFORE, Anchor, Sheet, dashboard, page, table

Box = tuple[int, int, int, int]  # left, top, right, bottom

WIDTH, HEIGHT = 960, 720
BANNER = 64
ROW = 40
ORDERS = (
    ("10481", "Walnut shelf", "Ada Moreau", "184.00"),
    ("10482", "Linen curtain", "Jonas Lind", "62.50"),
    ("10483", "Reading lamp", "Mina Okafor", "129.00"),
    ("10484", "Oak stool", "Petra Novak", "89.90"),
    ("10485", "Wool blanket", "Li Wei", "75.00"),
    ("10486", "Wall clock", "Sam Ortiz", "48.20"),
)
RETURNED = ("10479", "Copper kettle", "Noor Haddad", "57.30")


@dataclass(frozen=True)
class Theme:
    """The colours of a page."""

    paper: str = "#f8fafc"
    card: str = "#ffffff"
    line: str = "#e2e8f0"
    stripe: str = "#f1f5f9"
    ink: str = "#0f172a"
    faint: str = "#64748b"
    accent: str = "#2563eb"


DARK = Theme(
    paper="#0b1120",
    card="#111c33",
    line="#24314d",
    stripe="#16223c",
    ink="#e2e8f0",
    faint="#94a3b8",
    accent="#60a5fa",
)


@dataclass(frozen=True)
class Account:
    """What is on the page of an account."""

    orders: tuple[tuple[str, ...], ...] = ORDERS
    clock: str = "09:41:07"
    total: str = "$588.60"
    button: tuple[int, int] = (720, 190)
    banner: bool = False
    notes: bool = False
    height: int = HEIGHT
    theme: Theme = Theme()


class Scaled(Sheet):
    """A sheet whose places and letters are drawn larger, as a retina display does."""

    def __init__(self, scale: float, width: int, height: int, background: str) -> None:
        self.scale = scale
        super().__init__(self._to(width), self._to(height), background)

    def _to(self, length: float) -> int:
        return round(length * self.scale)

    def text(
        self,
        place: tuple[float, float],
        words: str,
        size: int = 15,
        fill: str = "#111827",
        *,
        bold: bool = False,
        anchor: Anchor = "ls",
    ) -> float:
        x, y = place[0] * self.scale, place[1] * self.scale
        return super().text((x, y), words, self._to(size), fill, bold=bold, anchor=anchor)

    def box(self, area: Box, fill: str, *, radius: int = 0, border: str = "") -> None:
        x, y, width, height = area
        left, top = self._to(x), self._to(y)
        size = (self._to(x + width) - left, self._to(y + height) - top)
        if border:
            edge = self._to(1)
            super().box((left, top, *size), border, radius=self._to(radius))
            left, top, size = left + edge, top + edge, (size[0] - 2 * edge, size[1] - 2 * edge)
        super().box((left, top, *size), fill, radius=self._to(radius))


def account(state: Account, scale: float = 1) -> Image.Image:
    """Draw the page."""
    theme = state.theme
    sheet = Scaled(scale, WIDTH, state.height, theme.paper)
    sheet.box((0, 0, WIDTH, 56), theme.card)
    sheet.box((0, 56, WIDTH, 1), theme.line)
    sheet.text((32, 36), "Hearth & Loom", 20, theme.ink, bold=True)
    sheet.text((WIDTH - 32, 35), state.clock, 15, theme.faint, anchor="rs")
    down = BANNER if state.banner else 0
    if state.banner:
        sheet.box((0, 57, WIDTH, BANNER), "#fde68a")
        sheet.text((32, 95), "Delivery is delayed by two days this week", 17, "#78350f")
    sheet.text((32, 110 + down), "Orders of November", 28, theme.ink, bold=True)
    sheet.text((32, 142 + down), "All amounts in dollars, taxes included", 15, theme.faint)
    sheet.text((32, 214 + down), "Total", 17, theme.faint)
    sheet.text((92, 214 + down), state.total, 22, theme.ink, bold=True)
    x, y = state.button
    sheet.box((x, y + down, 180, 40), theme.accent, radius=8)
    sheet.text((x + 90, y + 26 + down), "Export as CSV", 15, "#ffffff", bold=True, anchor="ms")
    end = _orders(sheet, state, 250 + down)
    sheet.text((32, end + 40), "Questions? Write to help@hearth.example", 15, theme.faint)
    if state.notes:
        for index in range(6):
            words = f"Note {index + 1}: kept in the warehouse until the customer calls back"
            sheet.text((32, 760 + index * 32), words, 15, theme.ink)
    return sheet.image


def _orders(sheet: Sheet, state: Account, top: int) -> int:
    theme = state.theme
    rows = (("Order", "Item", "Customer", "Amount"), *state.orders)
    sheet.box((32, top, WIDTH - 64, ROW * len(rows) + 2), theme.card, border=theme.line, radius=6)
    for index, row in enumerate(rows):
        place = top + 1 + index * ROW
        if index % 2 and index:
            sheet.box((33, place, WIDTH - 66, ROW), theme.stripe)
        for x, words in zip((52, 200, 470), row, strict=False):
            sheet.text((x, place + 26), words, 15, theme.ink, bold=not index)
        sheet.text((WIDTH - 52, place + 26), row[-1], 15, theme.ink, bold=not index, anchor="rs")
    return top + ROW * len(rows) + 2


@lru_cache(maxsize=4)
def fine(dx: int, dy: int) -> Image.Image:
    """Draw the page at four times its size, moved by so many of these finer pixels."""
    large = account(Account(), 4)
    moved = Image.new("RGB", large.size, Theme().paper)
    moved.paste(large, (dx, dy))
    return moved


def shapes(smooth: int) -> Image.Image:
    """Draw discs and slanted bars, with edges smoothed from so many times the size."""
    image = Image.new("RGB", (480 * smooth, 320 * smooth), "white")
    draw = ImageDraw.Draw(image)
    for index, colour in enumerate(("#2563eb", "#059669", "#dc2626")):
        left = (40 + 140 * index) * smooth
        draw.ellipse((left, 30 * smooth, left + 110 * smooth, 140 * smooth), colour)
        bar = ((0, 290), (30, 290), (110, 180), (80, 180))
        draw.polygon([(left + x * smooth, y * smooth) for x, y in bar], colour)
    return image.reduce(smooth)


def tinted(image: Image.Image, box: Box, by: int) -> Image.Image:
    """Return the picture with a rectangle a little darker."""
    copy = image.copy()
    copy.paste(copy.crop(box).point([max(0, value - by) for value in range(256)] * 3), box)
    return copy


def striped(height: int, shift: int = 0) -> Image.Image:
    """A table without words: stripes of 40 rows."""
    image = Image.new("RGB", (640, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 4, height), "#1e3a5f")
    for top in range(-80 + shift, height, 80):
        draw.rectangle((5, top, 640, top + 39), "#dbeafe")
    return image


def see_through(image: Image.Image, box: Box) -> Image.Image:
    """Return the picture with a rectangle half transparent."""
    copy = image.convert("RGBA")
    alpha = Image.new("L", image.size, 255)
    alpha.paste(128, box)
    copy.putalpha(alpha)
    return copy


@dataclass(frozen=True)
class Pair:
    """Two pictures, and what a person would say of them."""

    said: str
    draw: Callable[[], tuple[Image.Image, Image.Image]]
    ignore: tuple[Box, ...] = ()


def _states(**changes: object) -> Callable[[], tuple[Image.Image, Image.Image]]:
    return lambda: (account(Account()), account(replace(Account(), **changes)))  # type: ignore[arg-type]


def _order(index: int, **cells: str) -> tuple[tuple[str, ...], ...]:
    place = ("order", "item", "customer", "amount")
    row = tuple(cells.get(name, ORDERS[index][at]) for at, name in enumerate(place))
    return (*ORDERS[:index], row, *ORDERS[index + 1 :])


CLOCK = (850, 16, 936, 44)
EXTRA_ROW = (*ORDERS[:3], RETURNED, *ORDERS[3:])

PAIRS: dict[str, Pair] = {
    "identical": Pair("nothing differs", _states()),
    "one character": Pair(
        "one digit of an amount differs", _states(orders=_order(2, amount="126.00"))
    ),
    "colour by 3": Pair(
        "a row is darker, by less than anyone sees",
        lambda: (account(Account()), tinted(account(Account()), (33, 291, 927, 331), 3)),
    ),
    "moved button": Pair("the button stands 160 further left", _states(button=(560, 190))),
    "drawn anew": Pair(
        "the same, drawn a quarter of a pixel further right",
        lambda: (fine(0, 0).reduce(4), fine(1, 0).reduce(4)),
    ),
    "shapes drawn anew": Pair(
        "the same shapes, their edges smoothed in another way", lambda: (shapes(3), shapes(8))
    ),
    "clock": Pair("the clock shows another time", _states(clock="09:52:38")),
    "clock ignored": Pair("nothing differs but the clock", _states(clock="09:52:38"), (CLOCK,)),
    "longer page": Pair("240 rows were added at the end", _states(height=960, notes=True)),
    "banner": Pair("a banner came in and pushed the rest down", _states(banner=True)),
    "banner, longer page": Pair(
        "a banner came in and made the page longer",
        _states(banner=True, height=HEIGHT + BANNER),
    ),
    "banner taken out": Pair(
        "the banner is gone and the rest moved up",
        lambda: (
            account(replace(Account(), banner=True, height=HEIGHT + BANNER)),
            account(Account()),
        ),
    ),
    "banner and edit": Pair(
        "a banner came in, and one amount differs",
        _states(banner=True, height=HEIGHT + BANNER, orders=_order(4, amount="78.00")),
    ),
    "row added": Pair(
        "a row came into the table",
        _states(orders=EXTRA_ROW, height=HEIGHT + ROW),
    ),
    "row added, same height": Pair("a row came into the table", _states(orders=EXTRA_ROW)),
    "twin 2x": Pair("the same at 2x", lambda: (account(Account()), account(Account(), 2))),
    "twin 1.5x": Pair("the same at 1.5x", lambda: (account(Account()), account(Account(), 1.5))),
    "twin 2x, reversed": Pair(
        "the same at half the size", lambda: (account(Account(), 2), account(Account()))
    ),
    "half transparent": Pair(
        "the button is half transparent",
        lambda: (
            account(Account()).convert("RGBA"),
            see_through(account(Account()), (720, 190, 900, 230)),
        ),
    ),
    "dark theme": Pair("everything differs", _states(theme=DARK)),
    "two edits": Pair(
        "the total and one customer differ",
        _states(total="$591.60", orders=_order(5, customer="Max Ortega")),
    ),
    "shop page": Pair(
        "price, colours, stock and the button's place differ",
        lambda: (page(BEFORE).image, page(AFTER).image),
    ),
    "unrelated": Pair(
        "different pages", lambda: (page(BEFORE).image, dashboard().image.crop((0, 0, 1280, 800)))
    ),
    "unrelated twin sizes": Pair(
        "different pages, one twice as large",
        lambda: (account(Account()), table().image.resize((2 * WIDTH, 2 * HEIGHT))),
    ),
}


def main() -> None:
    folder = Path(sys.argv[1])
    for name, pair in PAIRS.items():
        for which, image in zip(("before", "after"), pair.draw(), strict=True):
            image.save(folder / f"{name.replace(' ', '-')}-{which}.png")


if __name__ == "__main__":
    main()
