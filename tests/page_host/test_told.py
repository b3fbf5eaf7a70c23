"""What the page tells, and how it fits into its host."""

import re

import pytest

from tests.page_host.drawn import (
    BUTTON,
    PAIR,
    SAME,
    URIS,
    comparison,
    drawn,
    measured,
    seen,
)

pytest.importorskip("playwright", reason="the page is driven by the package playwright")

from playwright.sync_api import expect

from tests.page_host.driver import Hosted, result


def test_the_page_waits_and_says_how_many_images_are_compared(hosted: Hosted) -> None:
    hosted.open(PAIR).tell("input", {"images": ["a.png", "b.png", "c.png"]})
    expect(hosted.page.get_by_role("heading", level=1)).to_have_text("Comparing 3 images …")


def test_the_verdict_the_numbers_and_the_words_are_told(hosted: Hosted) -> None:
    words = seen("The button is green.", BUTTON, severity="critical")
    page = hosted.show(comparison(differences=[words], warnings=["Look again."]), PAIR)
    expect(page.get_by_role("heading", level=1)).to_have_text("Different")
    expect(page.locator("#told")).to_contain_text("2.8% of the pixels changed (4,300).")
    expect(page.locator("#summary")).to_have_text("Two things changed.")
    expect(page.locator("#notes")).to_have_text("Warning: Look again.")
    row = page.get_by_role("button", name="Region 1: Critical The button is green.")
    expect(row).to_contain_text(re.compile("120 . 40 at 40, 200 . 4,000 pixels changed"))
    expect(page.get_by_role("status")).to_contain_text("Different. 2.8% of the pixels changed")


def test_words_from_pictures_and_models_stay_words(hosted: Hosted) -> None:
    trap = "<img src=x onerror=\"document.title='run'\"><a href='https://stranger.test'>here</a>"
    words = [seen(trap, BUTTON), seen(trap)]
    told = comparison(
        summary=trap, differences=words, warnings=[trap], raw=trap, model=trap, provider=trap
    )
    page = hosted.show(told, PAIR)
    expect(page.locator("#summary")).to_have_text(trap)
    assert page.locator("main").inner_text().count("onerror=") >= 5
    assert page.locator("a, img[src='x']").count() == 0
    assert page.title() == "Comparison of images"


def test_the_theme_and_the_colours_follow_the_host(hosted: Hosted) -> None:
    page = hosted.show(comparison(), PAIR)
    background = "() => getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    hosted.tell("context", {"theme": "dark"})
    page.wait_for_function(f"({background})() === 'rgb(28, 28, 30)'")
    own = {"--color-background-primary": "rgb(1, 2, 3)", "--font-sans": "Georgia"}
    insets = {"top": 7, "right": 0, "bottom": 0, "left": 0}
    hosted.tell(
        "context", {"theme": "dark", "styles": {"variables": own}, "safeAreaInsets": insets}
    )
    page.wait_for_function(f"({background})() === 'rgb(1, 2, 3)'")
    assert page.evaluate("getComputedStyle(document.body).fontFamily") == "Georgia"
    assert page.evaluate("getComputedStyle(document.body).paddingTop") == "23px"


def test_the_page_asks_for_full_screen_where_the_host_has_it(hosted: Hosted) -> None:
    hosted.open(PAIR, displayMode="inline", availableDisplayModes=["inline", "fullscreen"])
    hosted.tell("result", result(comparison(), PAIR))
    hosted.page.get_by_role("button", name="Full screen").click()
    expect(hosted.page.get_by_role("button", name="Exit full screen")).to_be_visible()
    assert hosted.known("modes") == ["fullscreen"]


@pytest.mark.parametrize("width", [400, 1400])
def test_the_frame_is_as_high_as_the_page_and_nothing_reaches_over_its_side(
    hosted: Hosted, width: int
) -> None:
    hosted.tab.set_viewport_size({"width": width, "height": 1500})
    page = hosted.show(comparison(differences=[seen("W" * 400, BUTTON)]), PAIR)
    element = "document.documentElement"
    hosted.tab.wait_for_function("host.frame.offsetHeight > 400")
    page.wait_for_function(f"{element}.scrollHeight <= innerHeight")
    assert page.evaluate(f"{element}.scrollWidth <= innerWidth")


def test_of_several_images_one_is_chosen_from_the_strip(hosted: Hosted) -> None:
    same = measured(image=3, **SAME)
    pictures = {**PAIR, URIS[2]: drawn()}
    page = hosted.show(comparison(measured(), same), pictures)
    choice = page.get_by_role("radio", name=re.compile("^Image 3 ?Identical"))
    page.get_by_role("radio", name=re.compile("^Image 2")).focus()
    hosted.tab.keyboard.press("ArrowRight")
    expect(choice).to_be_checked()
    expect(page.get_by_role("heading", level=1)).to_have_text("Identical")
    expect(page.locator("#changes")).to_be_hidden()
    expect(page.locator("#strip img")).to_have_count(2)
    assert hosted.known("read") == URIS


def test_identical_pictures_are_told_calmly(hosted: Hosted) -> None:
    same = measured(**SAME)
    page = hosted.show(comparison(same, summary="All pixels are equal."), PAIR)
    expect(page.get_by_role("heading", level=1)).to_have_text("Identical")
    expect(page.locator("header")).to_have_text(
        re.compile(r"^\s*Identical\s*No pixel differs\.\s*$")
    )
    expect(page.locator(".outline, #changes:visible, .note:visible")).to_have_count(0)


@pytest.mark.parametrize("passed_on", [True, False], ids=["gone", "not passed on"])
def test_without_pictures_the_words_and_the_outlines_are_still_there(
    hosted: Hosted, passed_on: bool
) -> None:
    hosted.open({"vision://comparisons/other/1": drawn()} if passed_on else None)
    hosted.tell("result", result(comparison(), PAIR))
    said = "no longer kept" if passed_on else "does not pass them on"
    expect(hosted.page.locator("#unshown")).to_contain_text(said)
    expect(hosted.page.locator("#pane-1 .outline")).to_have_count(2)
    expect(hosted.page.locator("#blend")).to_be_hidden()
    expect(hosted.page.get_by_role("button", name="Region 1")).to_be_visible()


def test_a_failure_is_shown_plainly(hosted: Hosted) -> None:
    words = "[not_found] shot.png: there is no such file."
    failed = {"content": [{"type": "text", "text": words}], "isError": True}
    hosted.open(PAIR).tell("result", failed)
    expect(hosted.page.get_by_role("heading", level=1)).to_have_text("Not compared")
    expect(hosted.page.locator("#told")).to_have_text(words)
    expect(hosted.page.locator("#work")).to_be_hidden()


def test_a_cancelled_call_is_told(hosted: Hosted) -> None:
    hosted.open(PAIR).tell("cancel", "The user stopped it.")
    expect(hosted.page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    expect(hosted.page.locator("#told")).to_have_text("The user stopped it.")


CONTRAST = """([element, pseudo, property]) => {
    const luminance = colour => {
        const levels = colour.match(/[\\d.]+/g).slice(0, 3).map(level => level / 255);
        const [r, g, b] = levels.map(
            level => level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const shown = getComputedStyle(document.querySelector(element), pseudo)[property];
    const both = [shown, getComputedStyle(document.body).backgroundColor].map(luminance);
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("verdict", ["identical", "equivalent", "different"])
def test_the_verdict_s_dot_and_the_buttons_stand_out_from_the_page(
    hosted: Hosted, theme: str, verdict: str
) -> None:
    page = hosted.show(comparison(measured(verdict=verdict)), PAIR)
    hosted.tell("context", {"theme": theme})
    page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
    # Three to one is what WCAG 2.2 asks for in 1.4.11, read in November 2026.
    assert page.evaluate(CONTRAST, ["#verdict", "::before", "backgroundColor"]) >= 3
    assert page.evaluate(CONTRAST, ["#zoom-in", None, "borderTopColor"]) >= 3


def test_every_control_that_the_keyboard_reaches_has_a_name(hosted: Hosted) -> None:
    page = hosted.show(comparison(differences=[seen("The button is green.", BUTTON)]), PAIR)
    tree = page.locator("body").aria_snapshot()
    unnamed = r"^\s*- (button|radio|checkbox|slider|img|group|region|main)(?! \")"
    assert re.findall(unnamed, tree, re.MULTILINE) == []
    for landmark in ("main", 'region "Pictures"', 'region "2 changes"', 'slider "Divider"'):
        assert landmark in tree
