"""The ways of looking at the pictures, by pointer and by keyboard."""

import re

import pytest

from grok_vision.results import Region
from tests.page_host.drawn import (
    GREEN,
    NAVY,
    ON_BUTTON,
    PAIR,
    URIS,
    WHITE,
    banner_above,
    comparison,
    drawn,
    measured,
    shift,
)

pytest.importorskip("playwright", reason="the page is driven by the package playwright")

from playwright.sync_api import expect

from tests.page_host.driver import Hosted, result


def test_each_picture_is_read_once_through_the_host(hosted: Hosted) -> None:
    page = hosted.show(comparison(), PAIR)
    for way in ("Overlay", "Side by side", "Slider"):
        page.get_by_text(way, exact=True).click()
    assert hosted.known("read") == URIS[:2]


def test_arrow_keys_on_the_slider_change_which_picture_is_seen(hosted: Hosted) -> None:
    page = hosted.show(comparison(), PAIR)
    slider = page.get_by_role("slider", name="Divider")
    assert hosted.colour_at(*ON_BUTTON) == NAVY
    assert slider.get_attribute("aria-valuetext") == "50% reference, 50% candidate"
    slider.focus()
    for _ in range(40):
        slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "10% reference, 90% candidate"
    assert hosted.colour_at(*ON_BUTTON) == GREEN


def test_the_divider_is_dragged_and_the_slider_follows(hosted: Hosted) -> None:
    page = hosted.show(comparison(), PAIR)
    pane = page.locator("#pane-1").bounding_box()
    assert pane is not None
    mouse, middle = hosted.tab.mouse, pane["y"] + pane["height"] / 2
    mouse.move(pane["x"] + pane["width"] / 2, middle)
    mouse.down()
    mouse.move(pane["x"] + 1, middle)
    mouse.up()
    expect(page.get_by_role("slider")).to_have_value("0")
    assert hosted.colour_at(*ON_BUTTON) == GREEN


def test_the_overlay_mixes_both_pictures(hosted: Hosted) -> None:
    page = hosted.show(comparison(), PAIR)
    page.get_by_text("Overlay", exact=True).click()
    assert hosted.colour_at(*ON_BUTTON) == pytest.approx((0, 64, 64), abs=1)
    page.get_by_role("slider", name="How much of the candidate").press("Home")
    assert hosted.colour_at(*ON_BUTTON) == NAVY


def test_nothing_blinks_until_it_is_asked_and_swapping_needs_no_blinking(hosted: Hosted) -> None:
    page = hosted.show(comparison(), PAIR)
    page.get_by_role("radio", name="Blink").check(force=True)
    blink = page.get_by_role("button", name="Blink")
    expect(blink).to_have_attribute("aria-pressed", "false")
    assert hosted.colour_at(*ON_BUTTON) == GREEN
    page.get_by_role("button", name="Swap pictures").click()
    assert hosted.colour_at(*ON_BUTTON) == NAVY
    blink.click()
    expect(page.locator("#blinked")).to_have_text("Candidate")
    expect(page.locator("#blinked")).to_have_text("Reference")
    page.get_by_role("button", name="Stop blinking").click()
    expect(blink).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("end", ["cancel", "result"])
def test_blinking_ends_with_what_is_looked_at(hosted: Hosted, end: str) -> None:
    page = hosted.show(comparison(), PAIR)
    page.get_by_role("radio", name="Blink").check(force=True)
    page.get_by_role("button", name="Blink").click()
    expect(page.locator("#blink")).to_have_attribute("aria-pressed", "true")
    hosted.tell(end, "Enough." if end == "cancel" else result(comparison(), PAIR))
    expect(page.locator("#blink")).to_have_attribute("aria-pressed", "false")


def test_side_by_side_shows_each_picture_in_a_pane_of_its_own(hosted: Hosted) -> None:
    page = hosted.show(comparison(), PAIR)
    page.get_by_text("Side by side").click()
    expect(page.locator("#pane-1").get_by_role("img")).to_have_attribute("alt", re.compile("^Ref"))
    expect(page.locator("#pane-2").get_by_role("img")).to_have_attribute("alt", re.compile("^Can"))
    assert hosted.colour_at(*ON_BUTTON) == NAVY


def test_choosing_a_region_zooms_to_it_and_choosing_it_again_goes_back(hosted: Hosted) -> None:
    page = hosted.show(comparison(), PAIR)
    whole = hosted.scale
    row = page.get_by_role("button", name="Region 2")
    row.click()
    expect(row).to_have_attribute("aria-pressed", "true")
    assert hosted.scale > 2 * whole
    pane = page.locator("#pane-1").bounding_box()
    box = page.locator("[data-mark='2']").first.bounding_box()
    assert pane is not None
    assert box is not None
    assert abs(box["x"] + box["width"] / 2 - pane["x"] - pane["width"] / 2) < 2
    expect(page.locator(".reference img")).to_have_css("image-rendering", "pixelated")
    row.press("Enter")
    expect(row).to_have_attribute("aria-pressed", "false")
    assert hosted.scale == whole


def test_an_outline_on_the_picture_chooses_its_row_and_escape_goes_back(hosted: Hosted) -> None:
    page = hosted.show(comparison(), PAIR)
    whole = hosted.scale
    page.locator("[data-mark='1']").first.click()
    row = page.get_by_role("button", name="Region 1")
    expect(row).to_have_attribute("aria-pressed", "true")
    expect(row).to_be_focused()
    row.press("Escape")
    assert hosted.scale == whole


def test_keys_zoom_and_move_the_pictures(hosted: Hosted) -> None:
    page = hosted.show(comparison(), PAIR)
    pane, whole = page.locator("#pane-1"), hosted.scale
    pane.focus()
    pane.press("+")
    pane.press("+")
    assert hosted.scale > whole * 1.9
    before = page.locator(".board").first.get_attribute("style")
    pane.press("ArrowRight")
    assert page.locator(".board").first.get_attribute("style") != before
    pane.press("0")
    assert hosted.scale == whole


def test_pictures_of_different_sizes_lie_at_the_upper_left_of_one_canvas(hosted: Hosted) -> None:
    pictures = {URIS[0]: drawn(), URIS[1]: drawn(GREEN, size=(400, 500))}
    page = hosted.show(comparison(measured(same_size=False)), pictures)
    expect(page.locator("#notes")).to_contain_text(re.compile("480 . 320 and 400 . 500 pixels"))
    assert page.locator(".candidate img").evaluate("i => [i.width, i.height]") == [400, 500]
    assert hosted.colour_at(*ON_BUTTON) == NAVY


def test_a_picture_that_came_in_fewer_pixels_lies_where_all_of_them_would(hosted: Hosted) -> None:
    told = result(comparison(), PAIR)
    hosted.open({uri: image.resize((240, 160)) for uri, image in PAIR.items()})
    hosted.tell("result", told)
    expect(hosted.page.locator(".candidate img")).to_be_visible()
    assert hosted.page.locator(".candidate img").evaluate("i => [i.width, i.height]") == [480, 320]
    assert hosted.colour_at(*ON_BUTTON) == NAVY


@pytest.mark.parametrize("down", [True, False], ids=["came in", "went out"])
def test_a_shift_is_undone_at_first_and_can_be_looked_at(hosted: Hosted, down: bool) -> None:
    pictures = [drawn(), banner_above(drawn())]
    page = hosted.show(
        comparison(measured(same_size=False, shift=shift(down=down))),
        dict(zip(URIS, pictures if down else reversed(pictures), strict=False)),
    )
    # The one without the banner is all that is seen.
    page.get_by_role("slider").press("End" if down else "Home")
    box = page.get_by_role("checkbox", name="Undo the shift")
    expect(box).to_be_checked()
    assert hosted.colour_at(100, 245) == NAVY
    assert hosted.colour_at(100, 205) == WHITE
    box.uncheck()
    assert hosted.colour_at(100, 245) == WHITE
    assert hosted.colour_at(100, 205) == NAVY


def test_what_stands_beside_what_moved_stays_where_it_is(hosted: Hosted) -> None:
    gap = Region(x=240, y=20, width=240, height=40)
    page = hosted.show(comparison(measured(shift=shift(gap=gap, from_y=20))), PAIR)
    page.get_by_role("slider").press("End")
    assert hosted.colour_at(*ON_BUTTON) == NAVY
    assert hosted.colour_at(330, 68) == WHITE
    assert hosted.colour_at(330, 108) == (0, 0, 0)


def test_an_image_at_twice_the_size_lies_over_the_reference(hosted: Hosted) -> None:
    pictures = {URIS[0]: drawn(), URIS[1]: drawn(GREEN).resize((959, 640))}
    page = hosted.show(comparison(measured(same_size=False, scale=2.0)), pictures)
    assert page.locator(".candidate img").evaluate("i => [i.width, i.height]") == [480, 320]
    page.get_by_role("slider").press("Home")
    assert hosted.colour_at(*ON_BUTTON) == GREEN
    expect(page.locator("#notes")).to_have_text("")
