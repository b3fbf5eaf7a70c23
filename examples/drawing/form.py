"""An address form on a screen, partly filled in, with one error."""

from dataclasses import dataclass

from examples.drawing.sheet import Sheet


@dataclass(frozen=True)
class Field:
    """A text field or a choice of the form, and where it stands."""

    label: str
    x: int
    y: int
    width: int
    value: str = ""
    required: bool = False
    error: str = ""
    choice: bool = False


FORM_FIELDS = (
    Field("First name", 100, 232, 390, "Amara", required=True),
    Field("Last name", 510, 232, 390, "Lindholm", required=True),
    Field("E-mail address", 100, 328, 390, "amara@example.com", required=True),
    Field("Phone", 510, 328, 390),
    Field("Street and number", 100, 490, 800, "18 Harbour Walk", required=True),
    Field("Postcode", 100, 586, 250, required=True, error="Enter your postcode."),
    Field("Town", 370, 586, 250, "Bristol", required=True),
    Field("Country", 640, 586, 260, "United Kingdom", choice=True),
)
FORM_SECTIONS = (("Your details", 204), ("Where to deliver", 462))
FORM_SPEED = (("Standard, 3 to 5 days", True), ("Express, next day", False))
FORM_BOXES = (("Save this address", True), ("Send me offers by e-mail", False))
FORM_TEXT: tuple[str, ...] = (
    "Delivery address",
    "Fields marked with * are required.",
    *(title for title, _ in FORM_SECTIONS),
    *(text for one in FORM_FIELDS for text in (one.label, one.value, one.error) if text),
    "Delivery",
    *(text for text, _ in (*FORM_SPEED, *FORM_BOXES)),
    "Back",
    "Continue",
)

INK, FAINT, EDGE, ACCENT, ALARM = "#0f172a", "#475569", "#94a3b8", "#0f766e", "#b91c1c"


def form() -> Sheet:
    """A form in the middle of a page, 1000 by 1000."""
    sheet = Sheet(1000, 1000, "#eef2f6")
    sheet.box((60, 50, 880, 900), "#ffffff", radius=16, border="#dbe2ea")
    sheet.text((100, 112), "Delivery address", 30, INK, bold=True)
    sheet.text((100, 146), "Fields marked with * are required.", 16, FAINT)
    for title, y in FORM_SECTIONS:
        sheet.text((100, y), title, 20, ACCENT, bold=True)
    for one in FORM_FIELDS:
        _field(sheet, one)
    _speed(sheet, 744)
    _boxes(sheet, 800)
    sheet.line(100, 838, 800)
    sheet.box((596, 866, 130, 48), "#ffffff", radius=8, border=EDGE)
    sheet.text((661, 896), "Back", 18, INK, anchor="ms")
    sheet.box((742, 866, 158, 48), ACCENT, radius=8)
    sheet.text((821, 896), "Continue", 18, "#ffffff", bold=True, anchor="ms")
    return sheet


def _field(sheet: Sheet, one: Field) -> None:
    end = sheet.text((one.x, one.y + 18), one.label, 16, FAINT)
    if one.required:
        sheet.text((end + 5, one.y + 19), "*", 18, ALARM, bold=True)
    inside, edge = ("#fef2f2", ALARM) if one.error else ("#ffffff", EDGE)
    sheet.box((one.x, one.y + 28, one.width, 44), inside, radius=8, border=edge)
    if one.value:
        sheet.text((one.x + 14, one.y + 56), one.value, 18, INK)
    if one.error:
        sheet.text((one.x, one.y + 93), one.error, 16, ALARM)
    if one.choice:
        x, y = one.x + one.width - 24, one.y + 50
        sheet.trace([(x - 5, y - 3), (x + 5, y - 3), (x, y + 2), (x - 5, y - 3), (x, y)], FAINT, 3)


def _speed(sheet: Sheet, y: int) -> None:
    sheet.text((100, y), "Delivery", 16, FAINT)
    for x, (label, chosen) in zip((200, 470), FORM_SPEED, strict=True):
        sheet.box((x, y - 17, 22, 22), "#ffffff", radius=11, border=ACCENT if chosen else EDGE)
        if chosen:
            sheet.box((x + 5, y - 12, 12, 12), ACCENT, radius=6)
        sheet.text((x + 32, y), label, 18, INK)


def _boxes(sheet: Sheet, y: int) -> None:
    for x, (label, checked) in zip((100, 370), FORM_BOXES, strict=True):
        inside, edge = (ACCENT, ACCENT) if checked else ("#ffffff", EDGE)
        sheet.box((x, y - 17, 22, 22), inside, radius=5, border=edge)
        if checked:
            sheet.trace([(x + 6, y - 6), (x + 10, y - 2), (x + 16, y - 10)], "#ffffff", 3)
        sheet.text((x + 32, y), label, 18, INK)
