"""A yearly report as a table: regions by quarter, one cell empty, totals below."""

from examples.drawing.sheet import Sheet

TABLE_TITLE = "Parcels delivered in 2025"
TABLE_NOTE = "In thousands. The Highlands depot opened in April."
TABLE_COLUMNS = ("Region", "Q1", "Q2", "Q3", "Q4", "Year")
TABLE_ROWS = (
    ("Northern", "1,204", "1,318", "1,295", "1,562", "5,379"),
    ("Eastern", "986", "1,041", "1,007", "1,233", "4,267"),
    ("Midlands", "1,530", "1,587", "1,611", "1,894", "6,622"),
    ("Wales", "402", "438", "455", "519", "1,814"),
    ("Southern", "1,148", "1,216", "1,190", "1,405", "4,959"),
    ("Western", "873", "921", "898", "1,067", "3,759"),
    ("Highlands", "", "154", "171", "226", "551"),
    ("Total", "6,143", "6,675", "6,627", "7,906", "27,351"),
)
TABLE_TEXT: tuple[str, ...] = (
    TABLE_TITLE,
    TABLE_NOTE,
    *TABLE_COLUMNS,
    *(cell for row in TABLE_ROWS for cell in row if cell),
)

LEFT, WIDTH, ROW = 60, 880, 52
ENDS = (400, 530, 660, 790, 916)  # of the columns of numbers


def table() -> Sheet:
    """A report's table, 1000 by 700."""
    sheet = Sheet(1000, 700)
    sheet.text((LEFT, 84), TABLE_TITLE, 30, "#0f172a", bold=True)
    sheet.text((LEFT, 122), TABLE_NOTE, 17, "#64748b")
    sheet.box((LEFT, 158, WIDTH, ROW), "#1e3a5f", radius=6)
    _row(sheet, 191, TABLE_COLUMNS, "#ffffff", bold=True)
    for index, row in enumerate(TABLE_ROWS):
        top, last = 216 + index * ROW, index == len(TABLE_ROWS) - 1
        if last:
            sheet.box((LEFT, top, WIDTH, 2), "#1e3a5f")
        elif index % 2:
            sheet.box((LEFT, top, WIDTH, ROW), "#f1f5f9", radius=4)
        _row(sheet, top + (35 if last else 33), row, "#0f172a", bold=last)
    return sheet


def _row(sheet: Sheet, base: int, cells: tuple[str, ...], fill: str, *, bold: bool = False) -> None:
    sheet.text((LEFT + 24, base), cells[0], 19, fill, bold=bold)
    for end, number in zip(ENDS, cells[1:], strict=True):
        if number:
            sheet.text((end, base), number, 19, fill, bold=bold, anchor="rs")
