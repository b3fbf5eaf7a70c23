"""A one-page invoice between two firms, in euros."""

from examples.drawing.sheet import Sheet

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
