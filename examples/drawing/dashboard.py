"""A clean sales dashboard: figures, a bar chart and a table of orders."""

from examples.drawing.sheet import Sheet, measure

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
