"""The places of changes: in the list and on the pictures, by the numbers that all results use."""

import re

import pytest

from grok_vision.results import ChangedRegion, PixelDifference, Region
from tests.page_host.drawn import (
    BUTTON,
    GAP,
    PAIR,
    URIS,
    WORD,
    banner_above,
    comparison,
    drawn,
    measured,
    seen,
    shift,
)

pytest.importorskip("playwright", reason="the page is driven by the package playwright")

from playwright.sync_api import Frame, expect

from tests.page_host.driver import Hosted

MOVED = ChangedRegion(x=0, y=0, width=480, height=360, changed_pixels=120_000)
"""What differs in place where all was moved."""


def row(page: Frame, mark: str) -> str:
    """Return what is listed of a place."""
    return page.get_by_role("button", name=f"Region {mark}:").inner_text()


def pushed_down(**given: object) -> PixelDifference:
    """Return what is measured where a banner came in and a word changed as well."""
    values = {"regions": [MOVED], "regions_found": 1, "shift": shift(WORD), **given}
    return measured(same_size=False, **values)


BOTH = {URIS[0]: drawn(), URIS[1]: banner_above(drawn(word="red"))}
WORDS = [seen("A banner came in.", GAP), seen("The word is red.", WORD)]


def test_words_have_the_numbers_of_what_differs_apart_from_a_shift(hosted: Hosted) -> None:
    page = hosted.show(comparison(pushed_down(), differences=WORDS), BOTH)
    assert re.search("A banner came in.*480 . 40 at 0, 0 . came in", row(page, "1"), re.DOTALL)
    assert re.search("The word is red.*300 pixels changed", row(page, "2"), re.DOTALL)
    expect(page.get_by_role("heading", name="2 changes")).to_be_visible()


def test_a_place_below_what_came_in_is_outlined_where_it_is_drawn(hosted: Hosted) -> None:
    page = hosted.show(comparison(pushed_down()), BOTH)
    places = "outline => [outline.style.getPropertyValue('--y')]"
    assert page.locator("#pane-1 [data-mark='1']").evaluate(places) == ["0"]
    assert page.locator("#pane-1 [data-mark='2']").evaluate(places) == ["100"]
    page.get_by_role("checkbox", name="Undo the shift").uncheck()
    expect(page.locator("#pane-1 .outline")).to_have_count(1)


def test_what_went_out_is_called_so(hosted: Hosted) -> None:
    pictures = dict(zip(URIS, reversed(BOTH.values()), strict=False))
    page = hosted.show(comparison(pushed_down(shift=shift(down=False))), pictures)
    assert row(page, "1").endswith("went out")


def test_words_of_a_shift_keep_what_was_measured_while_the_shift_is_seen(hosted: Hosted) -> None:
    page = hosted.show(comparison(pushed_down(), differences=WORDS), BOTH)
    page.get_by_role("checkbox", name="Undo the shift").uncheck()
    assert "120,000 pixels changed" in row(page, "1")
    assert "came in" in row(page, "A")
    assert "300 pixels changed" in row(page, "B")
    expect(page.get_by_text("seen by the model only")).to_have_count(0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (shift(WORD), "40 rows came in at row 0; apart from that 300 pixels changed."),
        (shift(down=False), "40 rows went out at row 0; apart from that nothing changed."),
        (
            shift(
                dy=1, from_y=57, gap=Region(x=0, y=57, width=480, height=1), changed_pixels=1
            ),
            "1 row came in at row 57; apart from that 1 pixel changed.",
        ),
    ],
    ids=["in", "out", "one row"],
)  # fmt: skip
def test_a_shift_is_told_by_what_came_in_or_went_out(
    hosted: Hosted, given: object, told: str
) -> None:
    page = hosted.show(comparison(measured(shift=given)), PAIR)
    expect(page.locator("#notes")).to_contain_text(told)


def test_regions_that_are_not_listed_are_counted(hosted: Hosted) -> None:
    page = hosted.show(comparison(pushed_down(shift=shift(WORD, regions_found=57))), BOTH)
    expect(page.locator("#unlisted")).to_have_text("The largest 2 of 57 regions are listed.")


def test_at_another_scale_the_places_that_look_otherwise_are_numbered(hosted: Hosted) -> None:
    unlike = [Region(x=296, y=56, width=64, height=24), Region(x=32, y=200, width=128, height=40)]
    twin = measured(scale=2.0, unlike=unlike, same_size=False)
    words = [seen("The button is green.", unlike[1])]
    pictures = {**PAIR, URIS[1]: PAIR[URIS[1]].resize((960, 640))}
    page = hosted.show(comparison(twin, differences=words), pictures)
    expect(page.locator("#told")).to_have_text(
        "Looks like the reference at 2 times its size, except in 2 places."
    )
    assert row(page, "1").endswith("looks otherwise")
    assert "The button is green." in row(page, "2")
    expect(page.locator("#pane-1 .outline:not(.seen)")).to_have_count(2)


def test_the_same_at_another_scale_is_told_with_its_limit(hosted: Hosted) -> None:
    page = hosted.show(comparison(measured(scale=0.5, same_size=False)), PAIR)
    expect(page.locator("#told")).to_have_text(
        "Looks the same at 0.5 times the size; details were not compared pixel by pixel."
    )
    expect(page.locator(".outline, #changes:visible")).to_have_count(0)


def test_of_thousands_of_changes_a_hundred_are_drawn_and_the_rest_is_counted(
    hosted: Hosted,
) -> None:
    many = [
        ChangedRegion(x=n % 60 * 8, y=n // 60 * 6, width=4, height=4, changed_pixels=16)
        for n in range(3000)
    ]
    page = hosted.show(comparison(measured(regions=many, regions_found=3000)), PAIR)
    expect(page.locator("#list li")).to_have_count(100)
    expect(page.locator("#pane-1 .outline")).to_have_count(100)
    expect(page.locator("#unlisted")).to_have_text("The first 100 of 3,000 changes are shown.")


def test_a_place_that_only_a_model_named_says_so(hosted: Hosted) -> None:
    elsewhere = Region(**{**BUTTON.model_dump(exclude={"changed_pixels"}), "y": 10})
    page = hosted.show(comparison(differences=[seen("Softer.", elsewhere)]), PAIR)
    assert row(page, "A").endswith("seen by the model only")
    expect(page.locator("#pane-1 .outline.seen")).to_have_count(1)
