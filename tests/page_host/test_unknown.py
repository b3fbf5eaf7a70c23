"""Results that the page does not know: of another version, or not from this server at all."""

from typing import Any

import pytest

from tests.page_host.drawn import (
    GREEN,
    PAIR,
    URIS,
    comparison,
    drawn,
    measured,
    seen,
)

pytest.importorskip("playwright", reason="the page is driven by the package playwright")

from playwright.sync_api import expect

from tests.page_host.driver import Hosted, result

KNOWN = comparison()["pixels"][0]


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in KNOWN.items() if key != name}


@pytest.mark.parametrize(
    "given",
    [
        {"pixels": [None]},
        {"pixels": []},
        {"pixels": [without("similarity")]},
        {"pixels": [without("changed_ratio")]},
        {"pixels": [{**KNOWN, "regions": [None]}]},
        {"pixels": [{**KNOWN, "regions": [{"x": "1", "y": 2, "width": 3, "height": 4}]}]},
        {"pixels": [{**KNOWN, "shift": {"dy": 40}}]},
        {"differences": [None]},
        {"warnings": [{"text": "careful"}]},
    ],
    ids=[
        "pixels are null",
        "no image",
        "no similarity",
        "no ratio",
        "a region is null",
        "a region is in words",
        "a shift without a gap",
        "a difference is null",
        "a warning is no text",
    ],
)
def test_a_result_of_another_form_is_shown_by_its_text(
    hosted: Hosted, given: dict[str, Any]
) -> None:
    hosted.open(PAIR).tell("result", result({**comparison(), **given}, PAIR))
    expect(hosted.page.get_by_role("heading", level=1)).to_have_text("No comparison to show")
    expect(hosted.page.locator("#told")).to_have_text("Two things changed.")
    expect(hosted.page.locator("#work")).to_be_hidden()


def test_where_the_page_itself_fails_the_text_is_still_shown(hosted: Hosted) -> None:
    hosted.open(PAIR).page.locator("#footer").evaluate("footer => footer.remove()")
    hosted.tell("result", result(comparison(), PAIR))
    expect(hosted.page.get_by_role("heading", level=1)).to_have_text("No comparison to show")
    expect(hosted.page.locator("#told")).to_have_text("Two things changed.")


def test_a_cost_that_is_no_number_is_left_out(hosted: Hosted) -> None:
    told = {**comparison(model="grok-4"), "usage": {"cost_usd": "0.01"}}
    page = hosted.show(told, PAIR)
    expect(page.locator("#footer")).to_have_text("Described by grok-4.")


def test_a_verdict_and_a_severity_that_are_unknown_are_told_as_they_are(hosted: Hosted) -> None:
    words = {**seen("Odd.").told(), "severity": "toString"}
    told = {**comparison(), "differences": [words]}
    told["pixels"] = [{**KNOWN, "verdict": "constructor"}, {**KNOWN, "image": 3}]
    page = hosted.show(told, PAIR)
    expect(page.get_by_role("heading", level=1)).to_have_text("constructor")
    expect(page.locator(".severity")).to_have_text("toString")
    assert "native code" not in page.locator("main").inner_text()


@pytest.mark.parametrize("refused", [None, {"uri": URIS[1]}], ids=["nothing", "no size"])
def test_a_picture_that_is_not_known_leaves_the_others_in_their_places(
    hosted: Hosted, refused: object
) -> None:
    pictures = {URIS[0]: drawn(), URIS[1]: drawn((200, 0, 0)), URIS[2]: drawn(GREEN)}
    told = result(comparison(measured(image=3)), pictures)
    (listed,) = told["_meta"].values()
    listed[1] = refused
    hosted.open(pictures).tell("result", told)
    page = hosted.with_pictures()
    page.get_by_role("slider").press("Home")
    assert hosted.colour_at(100, 230) == GREEN
