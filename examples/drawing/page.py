"""A shop's product page in two states, which differ in a few places."""

from dataclasses import dataclass

from PIL import Image, ImageDraw

from examples.drawing.sheet import Sheet, measure


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
