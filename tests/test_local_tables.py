"""How the offline engine tells a table by where lines of text stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grok_vision.local.layout import Line
from grok_vision.local.tables import Table, table

LETTER, HEIGHT, STEP = 9, 22, 40  # pixels
Rows = tuple[tuple[str, ...], ...]


def line(text: str, x: int, y: int, height: int = HEIGHT) -> Line:
    return Line(text, x, y, LETTER * len(text), height)


def drawn(
    *rows: tuple[str, ...], at: tuple[int, int] = (0, 0), stops: str = "l0 l200 r440 r560"
) -> list[Line]:
    """The rows' cells, each at its stop: `l` begins, `r` ends, `c` has its middle there."""
    left, top = at
    return [
        line(text, left + _start(text, stop), top + number * STEP)
        for number, row in enumerate(rows)
        for text, stop in zip(row, stops.split(), strict=False)
        if text
    ]


def _start(text: str, stop: str) -> int:
    length = LETTER * len(text)
    return int(stop[1:]) - {"l": 0, "c": length // 2, "r": length}[stop[0]]


def read(lines: list[Line]) -> tuple[tuple[str, ...], Rows]:
    found = table(lines)
    assert found is not None
    return found.columns, found.rows


HEADING = ("Item", "Made by", "Pieces", "Price")
LAMP = ("Lamp", "Oak & Ember", "4", "129.00")
DESK = ("Standing desk", "Nord", "12", "1,480.00")
SHELF = ("Shelf", "Oak & Ember", "1", "89.90")


def test_cells_that_stand_under_one_another_are_a_column_however_they_are_aligned() -> None:
    assert read(drawn(HEADING, LAMP, DESK, SHELF)) == (HEADING, (LAMP, DESK, SHELF))


def test_the_order_in_which_lines_were_read_does_not_matter() -> None:
    lines = drawn(HEADING, LAMP, DESK, SHELF)
    assert table(lines[::-1]) == table(lines)


def test_an_empty_cell_is_an_empty_text() -> None:
    gone = ("Chair", "", "3", "")
    end = ("Rug", "Nord", "", "60.00")
    assert read(drawn(HEADING, LAMP, gone, DESK, end)) == (HEADING, (LAMP, gone, DESK, end))


def test_a_column_may_be_empty_in_the_first_rows() -> None:
    early = [("Lamp", "", "4", "129.00"), ("Rug", "", "1", "60.00")]
    assert read(drawn(HEADING, *early, DESK)) == (HEADING, (*early, DESK))


def test_the_corner_above_the_names_of_rows_may_be_empty() -> None:
    heading = ("", "Monday", "Tuesday", "Friday")
    rows = (("Open", "8:00", "8:00", "9:00"), ("Closed", "17:30", "18:30", "14:00"))
    assert read(drawn(heading, *rows, stops="l0 l200 l300 l400")) == (heading, rows)


def test_a_heading_beside_its_figures_belongs_to_them() -> None:
    heading = ("Item", "Made by", "No", "Price")
    wide = [line("Item", 0, 0), line("Made by", 200, 0), line("No", 380, 0), line("Price", 515, 0)]
    lines = [*wide, *drawn(LAMP, DESK, SHELF, at=(0, STEP))]
    assert read(lines) == (heading, (LAMP, DESK, SHELF))


def test_pieces_of_one_cell_are_put_together() -> None:
    lines = drawn(HEADING, ("Lamp", "", "4", "129.00"), DESK, SHELF)
    lines += [line("Oak", 200, STEP), line("& Ember", 228, STEP)]
    assert read(lines)[1][0] == LAMP


def test_a_total_whose_words_reach_over_empty_cells_is_a_row() -> None:
    lines = drawn(HEADING, LAMP, DESK, SHELF)
    lines += [line("Total of all furniture on stock", 0, 160), line("17", 422, 160)]
    lines.append(line("1,698.90", 488, 160))
    assert read(lines)[1][-1] == ("Total of all furniture on stock", "", "17", "1,698.90")


def test_totals_that_stand_in_columns_of_their_own_are_not_of_the_table() -> None:
    totals = drawn(("Subtotal", "1,698.90"), ("Total", "2,021.69"), at=(0, 160), stops="l405 r560")
    assert read(drawn(HEADING, LAMP, DESK, SHELF) + totals)[1] == (LAMP, DESK, SHELF)


def test_a_row_of_one_cell_between_others_is_a_row() -> None:
    lines = drawn(HEADING, LAMP, ("Made to order in twelve weeks",), DESK, SHELF)
    assert read(lines)[1][1] == ("Made to order in twelve weeks", "", "", "")


def test_a_cell_that_goes_on_in_the_last_row_is_not_lost() -> None:
    lines = [*drawn(HEADING, LAMP, DESK, SHELF), line("with feet", 0, 3 * STEP + HEIGHT)]
    assert read(lines)[1][-1] == ("with feet", "", "", "")


def test_a_last_row_with_nothing_but_its_name_is_a_row() -> None:
    assert read(drawn(HEADING, LAMP, DESK, ("Chair",)))[1][-1] == ("Chair", "", "", "")


def test_a_note_that_stands_further_below_the_table_is_none_of_its_rows() -> None:
    lines = [*drawn(HEADING, LAMP, DESK, SHELF), line("Prices without tax.", 0, 4 * STEP + 14)]
    assert read(lines)[1] == (LAMP, DESK, SHELF)


@pytest.mark.parametrize("largest_first", [True, False])
def test_of_two_tables_one_above_the_other_the_larger_is_read(largest_first: bool) -> None:
    small = (("Day", "Guests", "Rooms"), ("Monday", "14", "9"), ("Friday", "31", "20"))
    stops = "l60 r300 r500"
    large = drawn(HEADING, LAMP, DESK, SHELF, at=(0, 0 if largest_first else 300))
    lines = large + drawn(*small, at=(0, 300 if largest_first else 0), stops=stops)
    assert read(lines) == (HEADING, (LAMP, DESK, SHELF))


SIDEBAR = [line(text, 0, 17 + 46 * n) for n, text in enumerate(("Home", "Orders", "Users", "Help"))]


@pytest.mark.parametrize("across", ["", "A heading over all that stands on this page, and menu"])
def test_a_sidebar_beside_a_table_is_none_of_its_columns(across: str) -> None:
    lines = [*SIDEBAR, *drawn(HEADING, LAMP, DESK, SHELF, at=(160, 0))]
    lines += [line(across, 0, -60)] if across else []
    assert read(lines) == (HEADING, (LAMP, DESK, SHELF))


def test_a_sidebar_whose_rows_are_nearly_as_far_apart_is_none_of_its_columns() -> None:
    menu = [line(text, 0, 43 * n) for n, text in enumerate(("Home", "Orders", "Users", "Help"), -1)]
    chair, rug = ("Chair", "Nord", "3", "75.00"), ("Rug", "Nord", "2", "60.00")
    rows = (LAMP, DESK, SHELF, chair, rug)
    assert read([*menu, *drawn(HEADING, *rows, at=(160, 0))]) == (HEADING, rows)


def test_a_title_with_a_button_at_the_other_end_is_not_the_heading() -> None:
    lines = [
        *drawn(HEADING, LAMP, DESK, SHELF),
        line("Furniture", 0, -40),
        line("Export", 506, -40),
    ]
    found = table(lines)
    assert found is not None
    assert (found.columns, found.caption.title) == (HEADING, "Furniture")


def test_figures_in_the_first_row_are_no_headings() -> None:
    rows = (("Oat milk", "6.50"), ("Tomatoes", "3.50"), ("Soap", "4.80"), ("Coffee", "4.25"))
    assert read(drawn(*rows, stops="l0 r400")) == (("", ""), rows)


def test_years_are_headings() -> None:
    heading = ("Region", "2023", "2024", "2025")
    rows = (("North", "41", "44", "52"), ("South", "38", "36", "40"))
    assert read(drawn(heading, *rows)) == (heading, rows)


PROSE = "one that runs on and on like this"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="nothing"),
        pytest.param([line("Checkout", 300, 200)], id="one line"),
        pytest.param(drawn(*[("Home",)] * 9), id="one column"),
        pytest.param(
            [line(f"{PROSE} {'and on ' * (n % 3)}", 0, 30 * n) for n in range(9)], id="a paragraph"
        ),
        pytest.param(drawn(*[(PROSE, PROSE)] * 9, stops="l0 l400"), id="two columns of text"),
        pytest.param(drawn(HEADING), id="one row"),
        pytest.param(
            drawn(("Free delivery", "60 day trial"), ("over $50", "send it back")), id="two rows"
        ),
        pytest.param(
            drawn(HEADING, at=(0, 0))
            + drawn(LAMP, at=(0, 300))
            + drawn(DESK, at=(0, 600))
            + drawn(SHELF, at=(0, 900)),
            id="rows far apart",
        ),
        pytest.param(
            [line("word", 53 * n * n % 700, 33 * n) for n in range(24)], id="words strewn about"
        ),
    ],
)
def test_what_does_not_stand_in_rows_and_columns_is_no_table(lines: list[Line]) -> None:
    assert table(lines) is None


@pytest.mark.parametrize(
    ("above", "title", "note"),
    [
        ([], "", ""),
        ([line("Furniture", 0, -40)], "Furniture", ""),
        ([line("Furniture", 240, -40)], "Furniture", ""),
        ([line("Furniture", 400, -40)], "", ""),
        ([line("Furniture", 0, -140)], "", ""),
        ([line("All that is on stock today.", 0, -40)], "", ""),
        ([line("Furniture", 0, -70, 30), line("On stock.", 0, -40)], "Furniture", "On stock."),
        ([line("We sell these in our shop", 0, -66), line("and send them home", 0, -40)], "", ""),
        ([line("Furniture", 0, -40), line("Lumen Studio", 0, -120)], "Furniture", ""),
    ],
    ids=[
        "nothing",
        "at its left",
        "over its middle",
        "off its middle",
        "far above",
        "a sentence",
        "a larger line and a smaller one",
        "a paragraph",
        "a line with another far above it",
    ],
)  # fmt: skip
def test_a_line_right_above_is_the_title_where_that_is_clear(
    above: list[Line], title: str, note: str
) -> None:
    found = table([*above, *drawn(HEADING, LAMP, DESK, SHELF)])
    assert found is not None
    assert (found.caption.title, found.caption.note) == (title, note)
    assert (found.columns, found.rows) == (HEADING, (LAMP, DESK, SHELF))


def test_every_row_has_as_many_cells_as_there_are_columns() -> None:
    ragged = [HEADING, LAMP[:2], DESK, ("Shelf", "Nord", "1", "89.90", "new"), SHELF]
    found = table(drawn(*ragged, stops="l0 l200 r440 r560 l640"))
    assert isinstance(found, Table)
    assert {len(row) for row in found.rows} == {len(found.columns)} == {5}
    assert found.rows[2] == ("Shelf", "Nord", "1", "89.90", "new")


LINES = st.builds(
    line,
    st.sampled_from(["Lamp", "4", "129.00", "Oak & Ember", PROSE]),
    st.integers(0, 12).map(lambda place: place * 55),
    st.integers(0, 12).map(lambda place: place * 17),
    st.sampled_from([18, 22, 40]),
)


@given(st.lists(LINES, max_size=60))
def test_whatever_lines_there_are_each_cell_is_one_of_them_or_empty(lines: list[Line]) -> None:
    found = table(lines)
    if found is not None:
        texts = [text for row in (found.columns, *found.rows) for text in row if text]
        assert {len(row) for row in found.rows} == {len(found.columns)}
        assert len(" ".join(texts)) <= len(" ".join(one.text for one in lines))
