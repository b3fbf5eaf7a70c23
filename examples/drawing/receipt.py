"""A grocer's receipt on a strip of paper, with a discount and two taxes, paid by card."""

from examples.drawing.sheet import Sheet

RECEIPT_HEAD = ("218 Alder Street", "Portland, ME 04101", "Phone (207) 555-0142")
RECEIPT_FACTS = (("Receipt 20815-03", "Register 2"), ("Jul 18, 2026", "5:42 PM"))
# Each with what stands below it in small letters, and its amount.
RECEIPT_ITEMS = (
    ("Sourdough loaf", "", "6.50"),
    ("Oat milk", "2 at 3.25", "6.50"),
    ("Oat milk discount", "", "-1.30"),
    ("Tomatoes", "1.4 lb at 2.50", "3.50"),
    ("Dark chocolate", "3 at 2.40", "7.20"),
    ("Dish soap", "", "4.80"),
    ("Filter coffee", "", "4.25"),
)
RECEIPT_SUMS = (
    ("Subtotal", "31.45"),
    ("Sales tax 6 % of 4.80", "0.29"),
    ("Prepared food tax 8 % of 4.25", "0.34"),
)
RECEIPT_TOTAL = ("Total USD", "32.08")
RECEIPT_PAYMENT = (("Visa card ending in 4821", "32.08"), ("Approval code", "073914"))
RECEIPT_THANKS = ("You saved 1.30 today.", "Returns within 30 days with this receipt.")
RECEIPT_TEXT: tuple[str, ...] = (
    "Fernway Market",
    *RECEIPT_HEAD,
    *(text for pair in RECEIPT_FACTS for text in pair),
    *(text for item in RECEIPT_ITEMS for text in item if text),
    *(text for pair in (*RECEIPT_SUMS, RECEIPT_TOTAL, *RECEIPT_PAYMENT) for text in pair),
    *RECEIPT_THANKS,
)

INK, FAINT, RULE = "#292524", "#57534e", "#a8a29e"
LEFT, RIGHT, MIDDLE = 76, 524, 300


def receipt() -> Sheet:
    """A receipt on a table, 600 by 1120."""
    sheet = Sheet(600, 1120, "#e7e2da")
    _paper(sheet)
    sheet.text((MIDDLE, 108), "Fernway Market", 32, INK, bold=True, anchor="ms")
    for index, line in enumerate(RECEIPT_HEAD):
        sheet.text((MIDDLE, 146 + index * 27), line, 18, FAINT, anchor="ms")
    for index, (left, right) in enumerate(RECEIPT_FACTS):
        _pair(sheet, 256 + index * 30, left, right)
    _dashes(sheet, 310)
    y = _pairs(sheet, _items(sheet, 352) + 34, RECEIPT_SUMS)
    _pair(sheet, y + 18, *RECEIPT_TOTAL, size=28, bold=True)
    _dashes(sheet, y + 44)
    y = _pairs(sheet, y + 84, RECEIPT_PAYMENT)
    for index, line in enumerate(RECEIPT_THANKS):
        sheet.text((MIDDLE, y + 28 + index * 28), line, 17, FAINT, anchor="ms")
    return sheet


def _paper(sheet: Sheet) -> None:
    sheet.box((42, 36, 520, 1056), "#d9d2c7", radius=3)
    sheet.box((38, 30, 524, 1056), "#fffdf9", radius=3)


def _pair(
    sheet: Sheet, y: int, left: str, right: str, *, size: int = 19, bold: bool = False
) -> None:
    sheet.text((LEFT, y), left, size, INK, bold=bold)
    sheet.text((RIGHT, y), right, size, INK, bold=bold, anchor="rs")


def _pairs(sheet: Sheet, y: int, pairs: tuple[tuple[str, str], ...]) -> int:
    for left, right in pairs:
        _pair(sheet, y, left, right)
        y += 34
    return y


def _dashes(sheet: Sheet, y: int) -> None:
    for x in range(LEFT, RIGHT, 13):
        sheet.box((x, y, 6, 2), RULE)


def _items(sheet: Sheet, y: int) -> int:
    for name, count, amount in RECEIPT_ITEMS:
        _pair(sheet, y, name, amount)
        if count:
            sheet.text((LEFT + 20, y + 26), count, 17, FAINT)
            y += 26
        y += 36
    _dashes(sheet, y - 10)
    return y
