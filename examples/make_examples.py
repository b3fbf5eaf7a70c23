"""Draws the pictures of this folder: `python examples/make_examples.py`.

Each picture shows words that are known (`DASHBOARD_TEXT` and its siblings), so whoever reads the
pictures can be checked. Pillow and its embedded font are all that is needed, and drawing again
gives the same pixels.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Anchor = Literal["ls", "ms", "rs"]
SMOOTH = 4  # shapes and letters are drawn this much larger and reduced: Pillow's edges are hard
BOLD = 40  # a bold stroke is this part of the size of the letters

DASHBOARD_MENU = ("Overview", "Orders", "Customers", "Products", "Reports", "Settings")
DASHBOARD_CARDS = (
    ("Revenue", "$48,210", "+12.4 % vs. last month", True),
    ("Orders", "1,284", "+86 vs. last month", True),
    ("Conversion", "3.7 %", "-0.2 % vs. last month", False),
    ("Refunds", "12", "-5 vs. last month", True),
)
DASHBOARD_MONTHS = (
    ("Jan", 21), ("Feb", 26), ("Mar", 24), ("Apr", 33), ("May", 31), ("Jun", 38), ("Jul", 48),
)  # fmt: skip
DASHBOARD_ORDERS = (
    ("#10428", "Maria Keller", "Paid", "$1,280.00"),
    ("#10427", "Northwind Ltd", "Pending", "$642.50"),
    ("#10426", "Daniel Okafor", "Paid", "$89.90"),
    ("#10425", "Blue Harbor Inc", "Refunded", "$310.00"),
)
DASHBOARD_TEXT: tuple[str, ...] = (
    "Acme Analytics",
    *DASHBOARD_MENU,
    "Jul 1 - Jul 31, 2026",
    *(text for name, value, change, _ in DASHBOARD_CARDS for text in (name, value, change)),
    "Revenue by month",
    "in thousands of dollars",
    *(month for month, _ in DASHBOARD_MONTHS),
    "Recent orders",
    *("Order", "Customer", "Status", "Amount"),
    *(cell for row in DASHBOARD_ORDERS for cell in row),
)

INVOICE_FACTS = (
    ("Invoice number", "INV-2026-0417"),
    ("Invoice date", "17 July 2026"),
    ("Due date", "16 August 2026"),
)
INVOICE_PARTIES = (
    (
        "From",
        ("Lumen Studio GmbH", "Torstrasse 140", "10119 Berlin, Germany", "VAT ID DE 298 114 203"),
    ),
    (
        "Bill to",
        ("Harbor & Pine Ltd", "22 Wharf Road", "Bristol BS1 6TP, UK", "VAT ID GB 417 2093 88"),
    ),
)
INVOICE_ITEMS = (
    ("Interface design, dashboard", "32", "95.00", "3,040.00"),
    ("Usability test with 6 people", "1", "1,250.00", "1,250.00"),
    ("Icon set, 48 icons", "48", "12.50", "600.00"),
    ("Design review meetings", "4", "80.00", "320.00"),
)
INVOICE_TOTALS = (("Subtotal", "5,210.00"), ("VAT 19 %", "989.90"), ("Total EUR", "6,199.90"))
INVOICE_TEXT: tuple[str, ...] = (
    "Lumen Studio",
    "INVOICE",
    *(text for pair in INVOICE_FACTS for text in pair),
    *(line for title, lines in INVOICE_PARTIES for line in (title, *lines)),
    *("Description", "Quantity", "Unit price", "Amount"),
    *(cell for row in INVOICE_ITEMS for cell in row),
    *(text for pair in INVOICE_TOTALS for text in pair),
    "Payment within 30 days. IBAN DE89 3704 0044 0532 0130 00",
    "Thank you for your business.",
)


@dataclass(frozen=True)
class Version:
    """What differs between the two states of the web page."""

    price: str
    accent: str
    button: tuple[int, int]
    stock: str


BEFORE = Version(price="$129.00", accent="#2563eb", button=(700, 486), stock="In stock")
AFTER = Version(price="$119.00", accent="#059669", button=(884, 486), stock="Only 3 left")
PAGE_LINKS = ("Shop", "Stories", "Support")
PAGE_STORY = (
    "A desk lamp that follows your day: cool light for the",
    "morning, warm light for the evening. Solid oak and",
    "brushed steel, made to be repaired.",
)
PAGE_PROMISES = (
    ("Free delivery", "on orders over $50"),
    ("60 day trial", "send it back for free"),
    ("5 year warranty", "and spare parts for ten"),
)


def page_text(version: Version) -> tuple[str, ...]:
    """The words on one state of the web page."""
    return (
        "Oak & Ember",
        *PAGE_LINKS,
        "Cart (2)",
        "Dawn desk lamp",
        version.price,
        version.stock,
        *PAGE_STORY,
        "Add to cart",
        *(text for pair in PAGE_PROMISES for text in pair),
    )


@lru_cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's embedded font, laid out the simple way, which is the same on every system."""
    embedded = ImageFont.load_default(size=size)
    if not isinstance(embedded, ImageFont.FreeTypeFont):
        sys.exit("this Pillow was built without FreeType")
    return embedded.font_variant(layout_engine=ImageFont.Layout.BASIC)


def measure(words: str, size: int, *, bold: bool = False) -> float:
    """The length of words in pixels."""
    tracking = size / BOLD * (len(words) - 1) if bold else 0
    return font(size * SMOOTH).getlength(words) / SMOOTH + tracking


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], words: str, size: int, bold: bool
) -> None:
    face = font(size * SMOOTH)
    if not bold:
        draw.text(at, words, 255, face, anchor="ls")
        return
    # The embedded font has one weight. An outline makes it bold, and needs room between letters.
    weight = size * SMOOTH / BOLD
    for index, letter in enumerate(words):
        x = at[0] + face.getlength(words[:index]) + index * weight
        draw.text((x, at[1]), letter, 255, face, anchor="ls", stroke_width=weight)


def _smooth(mask: Image.Image) -> Image.Image:
    # Few shades keep a picture within the 256 colours of a small PNG, without loss.
    return mask.reduce(SMOOTH).point([round(value / 255 * 7) * 255 // 7 for value in range(256)])


@dataclass(frozen=True)
class Written:
    """Words and where they were written: `x`, `y` of the baseline's start, in pixels."""

    text: str
    x: float
    y: float
    size: int


@dataclass
class Sheet:
    """A picture in the making, which remembers the words written on it."""

    width: int
    height: int
    background: str = "#ffffff"
    written: list[Written] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (self.width, self.height), self.background)
        self.draw = ImageDraw.Draw(self.image)

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
        """Writes words on a baseline and returns where they end, in pixels from the left."""
        length = measure(words, size, bold=bold)
        x = place[0] - {"ls": 0, "ms": length / 2, "rs": length}[anchor]
        self.written.append(Written(words, x, place[1], size))
        left, top = int(x), int(place[1]) - size
        mask = Image.new("L", ((int(length) + size) * SMOOTH, size * 3 // 2 * SMOOTH))
        at = ((x - left) * SMOOTH, (place[1] - top) * SMOOTH)
        _write(ImageDraw.Draw(mask), at, words, size, bold)
        self.image.paste(fill, (left, top), _smooth(mask))
        return x + length

    def box(
        self, area: tuple[int, int, int, int], fill: str, *, radius: int = 0, border: str = ""
    ) -> None:
        """Draws a filled box (`x, y, width, height`) with smooth corners, perhaps a thin border."""
        x, y, width, height = area
        if border:
            self.box(area, border, radius=radius)
            x, y, width, height, radius = x + 1, y + 1, width - 2, height - 2, max(radius - 1, 0)
        mask = Image.new("L", (width * SMOOTH, height * SMOOTH))
        edge = (0, 0, width * SMOOTH - 1, height * SMOOTH - 1)
        ImageDraw.Draw(mask).rounded_rectangle(edge, radius * SMOOTH, fill=255)
        self.image.paste(fill, (x, y), _smooth(mask))

    def line(self, x: int, y: int, length: int, fill: str = "#e5e7eb") -> None:
        """Draws a thin horizontal line."""
        self.draw.line((x, y, x + length - 1, y), fill)


def dashboard() -> Sheet:
    """A clean sales dashboard, 1280 by 800."""
    sheet = Sheet(1280, 800, "#f3f4f6")
    _sidebar(sheet)
    sheet.text((268, 56), "Overview", 26, bold=True)
    sheet.box((1050, 30, 198, 38), "#ffffff", radius=8, border="#d1d5db")
    sheet.text((1149, 54), "Jul 1 - Jul 31, 2026", 15, "#374151", anchor="ms")
    for index, card in enumerate(DASHBOARD_CARDS):
        _card(sheet, 268 + index * 248, *card)
    _chart(sheet)
    _orders(sheet)
    return sheet


def _sidebar(sheet: Sheet) -> None:
    sheet.box((0, 0, 236, 800), "#111827")
    sheet.box((24, 30, 32, 32), "#6366f1", radius=8)
    for bar, height in enumerate((8, 13, 18)):
        sheet.box((32 + bar * 6, 54 - height, 4, height), "#ffffff", radius=1)
    sheet.text((66, 53), "Acme Analytics", 19, "#ffffff", bold=True)
    for index, name in enumerate(DASHBOARD_MENU):
        top, chosen = 100 + index * 46, index == 0
        if chosen:
            sheet.box((14, top, 208, 38), "#1f2937", radius=8)
        sheet.box((30, top + 12, 14, 14), "#6366f1" if chosen else "#4b5563", radius=4)
        sheet.text((58, top + 25), name, 16, "#ffffff" if chosen else "#d1d5db")


def _card(sheet: Sheet, x: int, name: str, value: str, change: str, good: bool) -> None:
    sheet.box((x, 96, 236, 126), "#ffffff", radius=12, border="#e5e7eb")
    sheet.text((x + 20, 128), name, 15, "#6b7280")
    sheet.text((x + 20, 172), value, 34, bold=True)
    sheet.text((x + 20, 203), change, 14, "#047857" if good else "#b91c1c")


def _chart(sheet: Sheet) -> None:
    sheet.box((268, 242, 980, 262), "#ffffff", radius=12, border="#e5e7eb")
    end = sheet.text((290, 276), "Revenue by month", 18, bold=True)
    sheet.text((end + 14, 276), "in thousands of dollars", 14, "#6b7280")
    for step in range(5):
        height = 464 - step * 40
        sheet.line(330, height, 892, "#d1d5db" if step == 0 else "#f3f4f6")
        sheet.text((314, height + 5), str(step * 15), 13, "#6b7280", anchor="rs")
    for index, (month, value) in enumerate(DASHBOARD_MONTHS):
        x, height = 366 + index * 124, round(value * 160 / 60)
        last = index == len(DASHBOARD_MONTHS) - 1
        sheet.box((x, 464 - height, 64, height), "#6366f1" if last else "#c7d2fe", radius=5)
        sheet.box((x, 459, 64, 5), "#6366f1" if last else "#c7d2fe")
        sheet.text((x + 32, 487), month, 14, "#4b5563", anchor="ms")


def _orders(sheet: Sheet) -> None:
    sheet.box((268, 524, 980, 250), "#ffffff", radius=12, border="#e5e7eb")
    sheet.text((290, 558), "Recent orders", 18, bold=True)
    for x, name in ((290, "Order"), (460, "Customer"), (780, "Status")):
        sheet.text((x, 592), name, 14, "#6b7280")
    sheet.text((1226, 592), "Amount", 14, "#6b7280", anchor="rs")
    colours = {
        "Paid": ("#d1fae5", "#065f46"),
        "Pending": ("#fef3c7", "#92400e"),
        "Refunded": ("#fee2e2", "#991b1b"),
    }
    for index, (order, customer, status, amount) in enumerate(DASHBOARD_ORDERS):
        base = 630 + index * 40
        sheet.line(290, base - 25, 936, "#f3f4f6" if index else "#e5e7eb")
        sheet.text((290, base), order, 15, "#4f46e5")
        sheet.text((460, base), customer, 15)
        light, dark = colours[status]
        sheet.box((770, base - 18, round(measure(status, 14)) + 20, 26), light, radius=13)
        sheet.text((780, base), status, 14, dark)
        sheet.text((1226, base), amount, 15, anchor="rs")


def invoice() -> Sheet:
    """A one-page invoice, 1000 by 1300."""
    sheet = Sheet(1000, 1300)
    sheet.box((0, 0, 1000, 12), "#0f766e")
    sheet.box((80, 76, 44, 44), "#0f766e", radius=22)
    sheet.box((94, 90, 16, 16), "#ffffff", radius=8)
    sheet.text((140, 108), "Lumen Studio", 26, bold=True)
    sheet.text((920, 114), "INVOICE", 40, "#0f766e", bold=True, anchor="rs")
    for index, (name, value) in enumerate(INVOICE_FACTS):
        sheet.text((620, 178 + index * 30), name, 16, "#6b7280")
        sheet.text((920, 178 + index * 30), value, 16, anchor="rs", bold=index == 0)
    for (title, lines), x in zip(INVOICE_PARTIES, (80, 500), strict=True):
        sheet.text((x, 320), title, 15, "#0f766e", bold=True)
        for index, line in enumerate(lines):
            sheet.text((x, 352 + index * 28), line, 18, bold=index == 0)
    _items(sheet)
    _totals(sheet)
    sheet.line(80, 1150, 840)
    sheet.text(
        (80, 1190), "Payment within 30 days. IBAN DE89 3704 0044 0532 0130 00", 16, "#374151"
    )
    sheet.text((80, 1222), "Thank you for your business.", 16, "#6b7280")
    return sheet


def _items(sheet: Sheet) -> None:
    ends = (600, 760, 904)
    sheet.box((80, 520, 840, 46), "#f0fdfa", radius=6)
    sheet.text((96, 549), "Description", 16, "#115e59", bold=True)
    for x, name in zip(ends, ("Quantity", "Unit price", "Amount"), strict=True):
        sheet.text((x, 549), name, 16, "#115e59", bold=True, anchor="rs")
    for index, (words, *numbers) in enumerate(INVOICE_ITEMS):
        base = 604 + index * 58
        sheet.text((96, base), words, 17)
        for x, number in zip(ends, numbers, strict=True):
            sheet.text((x, base), number, 17, anchor="rs")
        sheet.line(80, base + 24, 840)


def _totals(sheet: Sheet) -> None:
    for index, (name, value) in enumerate(INVOICE_TOTALS):
        last, base = index == len(INVOICE_TOTALS) - 1, 866 + index * 40
        if last:
            sheet.box((560, base - 18, 360, 54), "#0f766e", radius=8)
            base += 17
        fill, size = ("#ffffff", 20) if last else ("#111827", 17)
        sheet.text((576, base), name, size, fill, bold=last)
        sheet.text((904, base), value, size, fill, bold=last, anchor="rs")


def page(version: Version) -> Sheet:
    """A shop's product page in one of its two states, 1280 by 800."""
    sheet = Sheet(1280, 800, "#fafaf9")
    sheet.box((0, 0, 1280, 72), "#ffffff")
    sheet.line(0, 72, 1280, "#e7e5e4")
    sheet.text((60, 45), "Oak & Ember", 24, "#1c1917", bold=True)
    for index, name in enumerate(PAGE_LINKS):
        sheet.text((480 + index * 120, 44), name, 16, "#57534e")
    sheet.text((1220, 44), "Cart (2)", 16, "#1c1917", anchor="rs")
    _lamp(sheet, version.accent)
    sheet.text((700, 178), "Dawn desk lamp", 40, "#1c1917", bold=True)
    end = sheet.text((700, 244), version.price, 30, version.accent, bold=True)
    width = round(measure(version.stock, 15)) + 24
    sheet.box((round(end) + 24, 220, width, 30), "#ecfdf5", radius=15)
    sheet.text((round(end) + 36, 240), version.stock, 15, "#047857")
    for index, line in enumerate(PAGE_STORY):
        sheet.text((700, 316 + index * 32), line, 18, "#44403c")
    x, y = version.button
    sheet.box((x, y, 220, 56), version.accent, radius=10)
    sheet.text((x + 110, y + 35), "Add to cart", 18, "#ffffff", bold=True, anchor="ms")
    for index, (title, words) in enumerate(PAGE_PROMISES):
        left = 60 + index * 400
        sheet.box((left, 660, 360, 92), "#ffffff", radius=12, border="#e7e5e4")
        sheet.text((left + 24, 698), title, 18, "#1c1917", bold=True)
        sheet.text((left + 24, 728), words, 15, "#78716c")
    return sheet


def _lamp(sheet: Sheet, accent: str) -> None:
    sheet.box((60, 112, 560, 500), "#f0ece6", radius=20)
    image = Image.new("RGB", (2240, 2000), "#f0ece6")
    draw = ImageDraw.Draw(image)
    draw.polygon([(1120, 620), (1480, 760), (1680, 1680), (620, 1680)], fill="#fbf3df")
    draw.rounded_rectangle((560, 1680, 1700, 1720), 20, fill="#d6cdc0")
    draw.rounded_rectangle((640, 1620, 1000, 1690), 30, fill="#3f3a36")
    draw.line([(820, 1630), (700, 1000), (1180, 560)], "#a87b4f", 44, joint="curve")
    draw.ellipse((650, 950, 750, 1050), fill="#3f3a36")
    head = [(1120, 400), (1340, 500), (1520, 820), (1080, 620)]
    draw.polygon(head, fill=accent)
    draw.line([*head, *head[:2]], accent, 24, joint="curve")
    sheet.image.paste(image.reduce(4).crop((40, 40, 520, 460)), (100, 152))


PICTURES: dict[str, Callable[[], Sheet]] = {
    "dashboard.png": dashboard,
    "invoice.png": invoice,
    "page-before.png": lambda: page(BEFORE),
    "page-after.png": lambda: page(AFTER),
}


def compact(image: Image.Image) -> Image.Image:
    """The same pixels with a palette, where their colours fit into one."""
    colours = image.getcolors(256)
    if colours is None:
        return image
    # Not Image.quantize: it moves colours a little even where all of them fit.
    palette = [colour for _, colour in sorted(colours)]
    index = {colour: position for position, colour in enumerate(palette)}
    pixels = image.tobytes()
    codes = bytes(index[pixel] for pixel in zip(*(pixels[c::3] for c in range(3)), strict=True))
    small = Image.frombytes("P", image.size, codes)
    small.putpalette([channel for colour in palette for channel in colour])
    return small


def main() -> None:
    folder = Path(__file__).parent
    for name, draw in PICTURES.items():
        compact(draw().image).save(folder / name, optimize=True)
        print(f"{name}: {(folder / name).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
