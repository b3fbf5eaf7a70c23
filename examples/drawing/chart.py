"""A line chart of two series over eight years, a few of its values printed."""

from examples.drawing.sheet import Sheet

CHART_TITLE = "Electricity from wind and sun"
CHART_UNIT = "Electricity (GWh)"
CHART_YEARS = (2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025)
# Each with its colour, its values, and for the printed ones how far their words are below.
CHART_SERIES = (
    ("Wind", "#1d4ed8", (120, 145, 190, 175, 230, 285, 310, 352), {2018: -18, 2025: -18}),
    ("Solar", "#d97706", (40, 55, 80, 110, 130, 180, 225, 298), {2018: -18, 2025: 34}),
)
CHART_STEPS = (0, 100, 200, 300, 400)
CHART_SOURCE = "Source: Windhaven energy office, annual report 2025"
CHART_TEXT: tuple[str, ...] = (
    CHART_TITLE,
    CHART_UNIT,
    *(name for name, *_ in CHART_SERIES),
    *(str(step) for step in CHART_STEPS),
    *(str(year) for year in CHART_YEARS),
    *("120", "352", "40", "298"),
    "Year",
    CHART_SOURCE,
)

LEFT, RIGHT, BOTTOM, TOP = 120, 1040, 560, 200
INK, FAINT = "#1f2937", "#4b5563"


def chart() -> Sheet:
    """A chart as reports print it, 1100 by 720."""
    sheet = Sheet(1100, 720)
    sheet.text((60, 78), CHART_TITLE, 30, "#111827", bold=True)
    sheet.text((60, 158), CHART_UNIT, 17, FAINT)
    _legend(sheet)
    _axes(sheet)
    for _, colour, values, printed in CHART_SERIES:
        _series(sheet, colour, values, printed)
    sheet.text((60, 682), CHART_SOURCE, 16, "#6b7280")
    return sheet


def _legend(sheet: Sheet) -> None:
    x = 60.0
    for name, colour, *_ in CHART_SERIES:
        sheet.trace([(x + 2, 112), (x + 30, 112)], colour, 4)
        _marker(sheet, (x + 16, 112), colour)
        x = sheet.text((x + 44, 118), name, 18, INK) + 36


def _axes(sheet: Sheet) -> None:
    for step in CHART_STEPS:
        y = round(_height(step))
        sheet.line(LEFT, y, RIGHT - LEFT, "#9ca3af" if step == 0 else "#e5e7eb")
        sheet.text((LEFT - 16, y + 6), str(step), 17, FAINT, anchor="rs")
    for year in CHART_YEARS:
        sheet.text((_place(year), BOTTOM + 34), str(year), 17, FAINT, anchor="ms")
    sheet.text(((LEFT + RIGHT) / 2, BOTTOM + 72), "Year", 17, FAINT, anchor="ms")


def _series(sheet: Sheet, colour: str, values: tuple[int, ...], printed: dict[int, int]) -> None:
    points = [(_place(y), _height(value)) for y, value in zip(CHART_YEARS, values, strict=True)]
    sheet.trace(points, colour, 4)
    for year, value, point in zip(CHART_YEARS, values, points, strict=True):
        _marker(sheet, point, colour)
        if year in printed:
            place = (point[0], point[1] + printed[year])
            sheet.text(place, str(value), 18, colour, bold=True, anchor="ms")


def _marker(sheet: Sheet, point: tuple[float, float], colour: str) -> None:
    sheet.trace([point], colour, 11)


def _place(year: int) -> float:
    first, last = CHART_YEARS[0], CHART_YEARS[-1]
    return LEFT + 50 + (year - first) * (RIGHT - LEFT - 100) / (last - first)


def _height(value: int) -> float:
    return BOTTOM - value * (BOTTOM - TOP) / CHART_STEPS[-1]
