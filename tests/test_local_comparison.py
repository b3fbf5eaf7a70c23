"""The offline engine asked how pictures differ: which text became which, in each region."""

import json
import threading
import time
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import httpx2
import jsonschema
import numpy as np
import pytest
from PIL import Image

from examples.make_examples import AFTER, BEFORE, Sheet, page
from grok_vision.chat import (
    part_label,
    picture_label,
    region_label,
    rows_of_regions_label,
    sheet_label,
)
from grok_vision.images.cuts import enlarged
from grok_vision.images.decoded import DecodedImage
from grok_vision.local import LocalTransport, sights
from grok_vision.local.alignment import aligned
from grok_vision.local.changes import changes
from grok_vision.local.differences import Difference, differences
from grok_vision.local.labelled import Closeup, Fact, Gap, Part, facts, shown
from grok_vision.local.layout import Line
from grok_vision.local.looks import Look, widened
from grok_vision.local.once import told_once
from grok_vision.local.reader import Reader
from grok_vision.local.stacks import Spot
from grok_vision.pixels import compare
from grok_vision.providers.offline import LOCAL
from grok_vision.results import SentImage, SentRegion
from grok_vision.schemas import translated
from grok_vision.vision.figures import for_model
from grok_vision.vision.places import around, places_of
from grok_vision.vision.seen import comparison_schema
from tests.rendered_pairs import PAIRS
from tests.test_local_engine import data_uri, post

pytestmark = pytest.mark.anyio

Content = list[dict[str, Any]]
Pictures = tuple[Image.Image, Image.Image]


@pytest.fixture(scope="module")
def transport() -> LocalTransport:
    """One for all tests: loading its models takes a second."""
    return LocalTransport()


def words(text: str) -> Content:
    return [{"type": "text", "text": text}]


def picture(image: Image.Image) -> Content:
    return [{"type": "image_url", "image_url": {"url": data_uri(image), "detail": "auto"}}]


def wholes(*images: Image.Image) -> Content:
    return [
        part
        for number, image in enumerate(images, 1)
        for part in words(picture_label(number, len(images))) + picture(image)
    ]


def closeups(before: Image.Image, after: Image.Image, number: int = 2) -> Content:
    """The changed regions, cut out and enlarged as compare_images does."""
    measured = compare(before, after, number=number, threshold=0.1, ignore=()).result
    pages = [
        DecodedImage(image, (0, 0), 1.0, SentImage(source=""), ()) for image in (before, after)
    ]
    parts: Content = []
    for place in places_of(measured, before.size):
        boxes = (place.reference, place.candidate)
        found = [
            page.cut(around(box)) if page.inside(box) else None
            for page, box in zip(pages, boxes, strict=True)
        ]
        cuts = [cut for cut in found if cut is not None]
        sent = [Image.open(BytesIO(enlarged(cut, LOCAL.images, "auto").data)) for cut in cuts]
        scale = sent[0].width / cuts[0].pixels.width
        left, top, right, bottom = found[0].box if found[0] else place.reference
        where = f"x {left} to {right}, y {top} to {bottom}"
        only = None if len(cuts) == 2 else 1 if found[0] else number
        parts += words(region_label(place.number, number, where, round(scale, 2), only=only))
        parts += [part for image in sent for part in picture(image)]
    return parts


async def answered(transport: LocalTransport, content: Content, pictures: int = 2) -> Any:
    """The answer, which fits the schema."""
    schema = comparison_schema(pictures)
    body = {
        "model": "local/ocr",
        "messages": [{"role": "user", "content": [*words("How do they differ?"), *content]}],
        "response_format": translated(schema, LOCAL).response_format,
    }
    response: httpx2.Response = await post(transport, body)
    assert response.status_code == 200, response.text
    message = response.json()["choices"][0]["message"]
    assert message["refusal"] is None
    answer = json.loads(message["content"])
    jsonschema.validate(answer, dict(schema.document), jsonschema.Draft202012Validator)
    return answer


async def told(transport: LocalTransport, before: Image.Image, after: Image.Image) -> list[str]:
    """What is said of the regions: the first letter of the severity, the region, the words."""
    answer = await answered(transport, [*wholes(before, after), *closeups(before, after)])
    return [
        f"{one['severity'][:2]} {one['region']}: {one['description']}"
        for one in answer["differences"]
    ]


def drawn(name: str) -> Pictures:
    return PAIRS[name].draw()


def notice(text: str, colour: str = "#2563eb", x: int = 40) -> Image.Image:
    """A page with a heading and a button."""
    sheet = Sheet(640, 240)
    sheet.text((40, 60), "Invoice 2041", 24)
    if text:
        sheet.box((x, 120, 190, 44), colour, radius=8)
        sheet.text((x + 20, 148), text, 18, "#ffffff", bold=True)
    return sheet.image


# Regions


async def test_the_words_of_a_region_are_told_before_and_after(
    transport: LocalTransport,
) -> None:
    before, after = notice("Pending"), notice("Paid")
    answer = await answered(transport, [*wholes(before, after), *closeups(before, after)])
    assert answer == {
        "summary": "Text changed: “Pending” became “Paid”.",
        "differences": [
            {
                "description": "the text “Pending” became “Paid”",
                "severity": "major",
                "picture": 2,
                "region": 1,
            }
        ],
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("one character", ["ma 1: the text “129.00” became “126.00”"]),
        ("clock", ["ma 1: the text “09:41:07” became “09:52:38”"]),
        ("moved button", ["mi 1: the text “Export as CSV” moved about 160 pixels to the left"]),
        (
            "half transparent",
            ["mi 1: the same text, drawn otherwise: mostly #2563eb before, mostly #92b1f5 after"],
        ),
    ],
)
async def test_a_change_of_a_drawn_page_is_told(
    transport: LocalTransport, name: str, expected: list[str]
) -> None:
    before, after = (image.convert("RGB") for image in drawn(name))
    if name == "half transparent":
        after = Image.alpha_composite(
            Image.new("RGBA", after.size, "white"), drawn(name)[1]
        ).convert("RGB")
    assert await told(transport, before, after) == expected


async def test_all_changes_of_the_example_are_told(transport: LocalTransport) -> None:
    found = await told(transport, page(BEFORE).image, page(AFTER).image)
    assert [one for one in found if "beside the text" not in one] == [
        "mi 1: the text “Add to cart” moved about 184 pixels to the right",
        "mi 2: no text was read here; the colours differ: "
        "mostly #2563eb before, mostly #059669 after",
        "ma 3: the text “$129.00” became “$119.00”",
        "ma 4: the text “In stock” became “Only 3 left”",
    ]


async def test_words_that_came_in_or_went_are_told(transport: LocalTransport) -> None:
    assert "ma 1: the text “Refund” was added" in await told(
        transport, notice(""), notice("Refund")
    )
    assert "ma 1: the text “Refund” was removed" in await told(
        transport, notice("Refund"), notice("")
    )


async def test_text_that_went_to_another_region_is_told_with_it(
    transport: LocalTransport,
) -> None:
    found = await told(transport, notice("Refund"), notice("Refund", x=400))
    texts = sorted(one.partition("the text")[2] for one in found if "the text “" in one)
    assert texts == [
        " “Refund” was added; it was removed in region 1",
        " “Refund” was removed; it was added in region 2",
    ] or texts == [
        " “Refund” was added; it was removed in region 2",
        " “Refund” was removed; it was added in region 1",
    ]


async def test_a_colour_that_changed_is_told_with_the_text_left_as_it_is(
    transport: LocalTransport,
) -> None:
    found = await told(transport, notice("Pay now"), notice("Pay now", "#dc2626"))
    assert found == [
        "mi 1: the same text, drawn otherwise: mostly #2563eb before, mostly #dc2626 after"
    ]


async def test_a_text_and_a_colour_that_changed_are_two_differences(
    transport: LocalTransport,
) -> None:
    found = await told(transport, notice("Pay now"), notice("Paid", "#059669"))
    assert found == [
        "ma 1: the text “Pay now” became “Paid”",
        "mi 1: beside the text the colours differ: mostly #2563eb before, mostly #059669 after",
    ]


async def test_one_letter_is_quoted_with_the_word_before_it(transport: LocalTransport) -> None:
    assert await told(transport, notice("Room 4"), notice("Room 7")) == [
        "ma 1: the text “Room 4” became “Room 7”"
    ]


async def test_pages_drawn_anew_with_the_same_words_have_no_other_text(
    transport: LocalTransport,
) -> None:
    before, after = drawn("drawn anew")
    content = [*wholes(before, after), *closeups(before, after)[: 3 * 6]]
    answer = await answered(transport, content)
    assert answer["summary"] == "No text changed."
    assert {one["description"] for one in answer["differences"]} == {
        "the same text, drawn otherwise, in regions 1, 2, 3, 4, 5 and 6"
    }


async def test_a_word_that_goes_on_beyond_the_region_is_read_in_the_whole_picture(
    transport: LocalTransport,
) -> None:
    before, after = drawn("two edits")
    assert await told(transport, before, after) == [
        "ma 1: the text “Sam Ortiz” became “Max Ortega”",
        "ma 2: the text “$588.60” became “$591.60”",
    ]


async def test_without_the_whole_picture_the_word_is_quoted_as_cut(
    transport: LocalTransport,
) -> None:
    answer = await answered(transport, closeups(*drawn("two edits")))
    assert [one["description"] for one in answer["differences"]] == [
        "the text “Sam Ortiz” became “Max Ortega”",
        "the text “…588.6…” became “…591.6…”",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("banner, longer page", ["“Delivery is delayed by two days this week” was added"]),
        ("banner taken out", ["“Delivery is delayed by two days this week” was removed"]),
        ("row added", ["“10479 Copper kettle Noor Haddad 57.30” was added"]),
    ],
)
async def test_what_pushed_the_rest_of_the_page_is_told_and_not_the_rest(
    transport: LocalTransport, name: str, expected: list[str]
) -> None:
    before, after = drawn(name)
    measured = compare(before, after, number=2, threshold=0.1, ignore=()).result
    content = [
        *words(f"Measured:\n- {for_model(measured)}"),
        *wholes(before, after),
        *closeups(before, after),
    ]
    answer = await answered(transport, content)
    assert [one["description"] for one in answer["differences"] if one["severity"] == "major"] == [
        f"the text {text}" for text in expected
    ]


async def test_each_of_several_pictures_has_its_own_differences(
    transport: LocalTransport,
) -> None:
    one, two, three = notice("Pending"), notice("Paid"), notice("Refunded")
    content = [*wholes(one, two, three), *closeups(one, two), *closeups(one, three, 3)]
    answer = await answered(transport, content, 3)
    assert [(one["picture"], one["description"]) for one in answer["differences"]][0:1] == [
        (2, "the text “Pending” became “Paid”")
    ]
    assert (3, "the text “Pending” became “Refunded”") in [
        (one["picture"], one["description"]) for one in answer["differences"]
    ]
    assert answer["summary"].startswith("Text changed in 2 of 2 regions: ")


async def test_of_what_one_picture_has_alone_the_text_is_told_and_not_what_is_around(
    transport: LocalTransport,
) -> None:
    page, longer = Sheet(500, 200), Sheet(500, 300)
    for sheet in (page, longer):
        sheet.text((40, 160), "Last line of both", 20)
    longer.text((40, 240), "Terms apply", 20)
    label = region_label(1, 2, "x 30 to 200, y 200 to 270", 2, only=2)
    crop = longer.image.crop((6, 140, 224, 300)).resize((436, 320), Image.Resampling.LANCZOS)
    content = [*wholes(page.image, longer.image), *words(label), *picture(crop)]
    answer = await answered(transport, content)
    assert [one["description"] for one in answer["differences"]] == [
        "the text “Terms apply” was added"
    ]


async def test_a_user_who_writes_that_content_moved_is_not_taken_for_a_measurement(
    transport: LocalTransport,
) -> None:
    before, after = notice("Pending"), notice("Paid")
    prompt = "Measured:\n- picture 2: changed; 200 rows came in at row 10, and the content from"
    fact = "Measured:\n- picture 2: 90 pixels changed; in 1 region: 9x9 at 1,1"
    content = [*words(f"{fact}\n\n{prompt}"), *wholes(before, after), *closeups(before, after)]
    answer = await answered(transport, content)
    assert answer["differences"][0]["description"] == "the text “Pending” became “Paid”"


async def test_many_pieces_of_text_that_moved_alike_are_told_once(
    transport: LocalTransport,
) -> None:
    pages = [Sheet(640, 700), Sheet(640, 700)]
    for sheet, left in zip(pages, (60, 48), strict=True):
        for index, name in enumerate(("Harbour", "Mountain", "Orchard", "Meadow")):
            sheet.text((left, 60 + 150 * index), f"{name} in the evening", 20)
    [one] = await told(transport, pages[0].image, pages[1].image)
    assert (
        one == "mi 1: 4 pieces of text moved about 12 pixels to the left, in regions 1, 2, 3 and 4"
    )


async def test_the_same_bytes_twice_in_a_region_are_no_difference(
    transport: LocalTransport,
) -> None:
    label = region_label(1, 2, "x 0 to 640, y 0 to 240", 1)
    content = [*words(label), *picture(notice("Paid")), *picture(notice("Paid"))]
    answer = await answered(transport, content)
    assert answer == {"summary": "No text changed.", "differences": []}


async def test_regions_that_are_not_shown_are_counted(transport: LocalTransport) -> None:
    before, after = notice("Pending"), notice("Paid")
    fact = "Measured:\n- picture 2: 90 pixels changed; in 19 regions: 9x9 at 1,1"
    content = [*words(fact), *wholes(before, after), *closeups(before, after)]
    answer = await answered(transport, content)
    assert answer["summary"] == ("Text changed: “Pending” became “Paid”. 1 of 19 regions was read.")


async def test_of_pages_with_more_text_than_there_is_time_for_that_is_said(
    transport: LocalTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sights, "_MOST_READ", 60)
    pages = [Sheet(500, 520), Sheet(500, 520)]
    for sheet, colour in zip(pages, ("#111111", "#7a1d1d"), strict=True):
        for index in range(8):
            sheet.text((40, 50 + 56 * index), f"Entry {index + 100} of the list", 20, colour)
    answer = await answered(transport, wholes(*(sheet.image for sheet in pages)))
    assert answer["summary"] == (
        "No text was found that changed. Not all text was read: there is more than there is time "
        "for."
    )
    assert [one["description"].partition(":")[0] for one in answer["differences"]] == [
        "as far as it was read, the same text, drawn otherwise"
    ]


async def test_text_below_what_was_read_is_not_told_as_gone(
    transport: LocalTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sights, "_MOST_READ", 60)
    pages = [Sheet(500, 520), Sheet(500, 520)]
    for sheet, down in zip(pages, (0, 31), strict=True):
        for index in range(8):
            name = ("Harbour", "Mountain", "Orchard", "Meadow")[index % 4]
            sheet.text((40, 50 + 56 * index + down), f"{name} {index + 100}", 20)
    answer = await answered(transport, wholes(*(sheet.image for sheet in pages)))
    assert {one["severity"] for one in answer["differences"]} == {"minor"}


# Whole pictures, where no region is shown


async def test_whole_pictures_are_read_where_no_region_is_shown(
    transport: LocalTransport,
) -> None:
    before, after = drawn("clock")
    answer = await answered(transport, wholes(before, after))
    assert answer == {
        "summary": "Text changed: “09:41:07” became “09:52:38”.",
        "differences": [
            {
                "description": "the text “09:41:07” became “09:52:38”",
                "severity": "major",
                "picture": 2,
                "region": 0,
            }
        ],
    }


async def test_of_pictures_that_share_little_ten_pieces_are_told_and_the_rest_counted(
    transport: LocalTransport,
) -> None:
    pages = [Sheet(500, 520), Sheet(500, 520)]
    for index in range(8):
        for sheet, name in zip(pages, ("Harbour", "Mountain"), strict=True):
            place = (40, 50 + 56 * index)
            sheet.text(place, f"{name} {'zyxwvuts'[index] * 3 if sheet is pages[0] else index}", 20)
    answer = await answered(transport, wholes(*(sheet.image for sheet in pages)))
    texts = [one["description"] for one in answer["differences"] if one["severity"] == "major"]
    assert len(texts) == 11
    assert texts[-1] == "and 6 more pieces of text differ"
    assert texts[0] == "the text “Harbour zzz” was removed"


async def test_the_same_at_twice_the_size_has_no_other_text(transport: LocalTransport) -> None:
    small = notice("Pay now")
    large = small.resize((1280, 480), Image.Resampling.LANCZOS)
    answer = await answered(transport, wholes(small, large))
    assert answer == {"summary": "No text changed.", "differences": []}


async def test_pages_in_other_colours_with_the_same_words_are_told_by_colours(
    transport: LocalTransport,
) -> None:
    before, after = drawn("dark theme")
    [one] = (await answered(transport, wholes(before, after)))["differences"]
    assert one["description"] == (
        "the same text, drawn otherwise: mostly #f8fafc before, mostly #0b1120 after"
    )


async def test_the_same_bytes_are_no_difference_and_are_not_opened(
    transport: LocalTransport,
) -> None:
    broken = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,c2VjcmV0"}}]
    content = [*words(picture_label(1, 2)), *broken, *words(picture_label(2, 2)), *broken]
    answer = await answered(transport, content)
    assert answer == {"summary": "No text changed.", "differences": []}


async def test_less_than_anyone_sees_is_told_as_that(transport: LocalTransport) -> None:
    before, after = drawn("colour by 3")
    [one] = (await answered(transport, wholes(before, after)))["differences"]
    assert one["description"] == "the pixels differ by less than is seen"


async def test_a_long_page_in_parts_is_read_as_one(transport: LocalTransport) -> None:
    pages = []
    for total in ("Total 4,120", "Total 4,950"):
        sheet = Sheet(500, 900)
        for index in range(14):
            sheet.text((40, 40 + 60 * index), f"Entry {index + 100} of the list", 20)
        sheet.text((40, 880), total, 20)
        pages.append(sheet.image)
    regions = [SentRegion(x=0, y=top, width=500, height=500, scale=1.0) for top in (0, 400)]
    content: Content = []
    for number, image in enumerate(pages, 1):
        for part, region in enumerate(regions, 1):
            label = part_label(part, regions)
            content += words(f"{picture_label(number, 2)} {label}" if part == 1 else label)
            content += picture(image.crop((0, region.y, 500, region.y + 500)))
    answer = await answered(transport, content)
    assert [one["description"] for one in answer["differences"]] == [
        "the text “4,120” became “4,950”"
    ]


async def test_pictures_joined_in_one_are_not_compared(transport: LocalTransport) -> None:
    answer = await answered(transport, [*words(sheet_label(2)), *picture(notice("Paid"))])
    assert answer["differences"] == []
    assert answer["summary"].startswith("No two pictures were found to compare")


async def test_a_damaged_closeup_is_named_by_its_place(transport: LocalTransport) -> None:
    content = [
        *wholes(notice("Pending"), notice("Paid")),
        *words(region_label(1, 2, "x 0 to 9, y 0 to 9", 2)),
        *picture(notice("Paid")),
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,c2VjcmV0"}},
    ]
    schema = translated(comparison_schema(2), LOCAL).response_format
    body = {
        "model": "local/ocr",
        "messages": [{"role": "user", "content": content}],
        "response_format": schema,
    }
    response = await post(transport, body)
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith("Image 4 is")


async def test_a_schema_of_another_shape_is_refused_though_it_is_called_a_comparison(
    transport: LocalTransport,
) -> None:
    schema = {"title": "comparison", "type": "object", "properties": {"winner": {"type": "string"}}}
    named = {"name": "comparison", "strict": True, "schema": schema}
    body = {
        "model": "local/ocr",
        "messages": [{"role": "user", "content": wholes(notice("Paid"), notice("Pending"))}],
        "response_format": {"type": "json_schema", "json_schema": named},
    }
    message = (await post(transport, body)).json()["choices"][0]["message"]
    assert message["refusal"] == (
        "The offline engine cannot fill a schema of your own: that takes a vision model."
    )


# Labels, places, alignment and changes, which are plain functions


def test_a_region_that_moved_is_found_in_the_whole_picture_and_shown_with_more() -> None:
    before, after = drawn("banner and edit")
    box = (850, 439, 915, 504)
    moved = (850, 503, 915, 568)
    crops = (before.crop(box).resize((260, 260)), after.crop(moved).resize((260, 260)))
    closeup = Closeup(region=1, picture=2, box=box, scale=4, before=2, after=3)
    look = widened(closeup, crops, (before, after), Gap(top=57, dy=64))
    assert look is not None
    assert look.inside == (320, 0, 450, 130)
    wide = after.crop((690, 503, 960, 568)).resize((540, 130), Image.Resampling.LANCZOS)
    assert look.images[1].tobytes() == wide.tobytes()


def test_a_region_that_is_not_in_the_whole_picture_is_left_as_it_is() -> None:
    before, after = drawn("clock")
    crops = (before.crop((850, 16, 936, 44)), Image.new("RGB", (86, 28), "red"))
    closeup = Closeup(region=1, picture=2, box=(850, 16, 936, 44), scale=1, before=2, after=3)
    assert widened(closeup, crops, (before, after), None) is None


def test_labels_tell_wholes_parts_and_closeups_apart() -> None:
    regions = [
        SentRegion(x=0, y=0, width=9, height=5, scale=1),
        SentRegion(x=0, y=4, width=9, height=5, scale=1),
    ]
    labels = [
        f"{picture_label(1, 2)} {part_label(1, regions)}",
        part_label(2, regions),
        picture_label(2, 2),
        region_label(3, 2, "x 4 to 9, y 1 to 3", 2.5),
        "",
    ]
    found = shown(labels)
    assert found.wholes == {1: [Part(0, (0, 0, 9, 5)), Part(1, (0, 4, 9, 9))], 2: [Part(2)]}
    assert found.closeups == [
        Closeup(region=3, picture=2, box=(4, 1, 9, 3), scale=2.5, before=3, after=4)
    ]


@pytest.mark.parametrize("only", [1, 2])
def test_a_region_that_one_picture_has_is_followed_by_one(only: int) -> None:
    label = region_label(3, 2, "x 4 to 9, y 1 to 3", 2.5, only=only)
    places = {"before": 0 if only == 1 else None, "after": 0 if only == 2 else None}
    found = shown([label, picture_label(1, 2)])
    assert found.closeups == [Closeup(region=3, picture=2, box=(4, 1, 9, 3), scale=2.5, **places)]
    assert found.wholes == {1: [Part(1)]}


def test_pictures_of_several_in_one_are_neither_wholes_nor_regions() -> None:
    found = shown([sheet_label(3), rows_of_regions_label([1, 2], 2)])
    assert (found.wholes, found.closeups) == ({}, [])


def test_facts_are_read_from_the_first_list_of_what_was_measured_and_from_nothing_else() -> None:
    text = (
        "picture 2: 7 rows came in at row 7, and the content from there on moved\nMeasured:\n"
        "- picture 2: 86,029 pixels (12.4 %) changed; 1,064 rows came in at row 57, and the "
        "content from there on moved down by 1,064 pixels; in 1,200 regions: 9x9 at 1,1\n"
        "- picture 3: 9 pixels changed; 64 rows went out at row 57, and the content from row 121 "
        "on moved up by 64 pixels; in 1 region: 9x9 at 1,1\n"
        "- picture 2: 9 pixels changed; 5 rows came in at row 5, and the content from there on\n\n"
        "Measured:\n- picture 4: changed; 5 rows came in at row 5, and the content from there on"
    )
    assert facts(["look", text]) == {2: Fact(1200, Gap(57, 1064)), 3: Fact(1, Gap(57, -64))}


def test_facts_are_read_from_a_long_prompt_in_linear_time() -> None:
    text = "picture 2: from row 1 on 1 rows came in at row " * 40_000
    start = time.process_time()
    assert facts([text]) == {}
    assert time.process_time() - start < 1


class Reads:
    """A reader that reads the same in every picture with some ink."""

    def __init__(self, text: str, score: float) -> None:
        self._read = Line(text, 10, 10, 60, 20, score)

    def find(self, image: Image.Image, stop: threading.Event) -> tuple[Spot, ...]:
        """Finds one line where the picture is not white."""
        ink = image.convert("L").getextrema()[0] < 255
        return (Spot("", 10, 10, 60, 20, pixels=np.zeros((20, 60, 3))),) if ink else ()

    def recognise(self, spots: Sequence[Spot], stop: threading.Event) -> tuple[Line, ...]:
        """Reads what it always reads."""
        return (self._read,) * len(spots)


@pytest.mark.parametrize(
    ("text", "score", "is_text"),
    [("CCCC", 0.95, False), ("Paid", 0.7, False), ("Paid", 0.95, True), ("000", 0.95, True)],
)
def test_what_repeats_one_letter_or_is_hardly_legible_is_no_text(
    text: str, score: float, is_text: bool
) -> None:
    inked = Image.new("RGB", (80, 40), "black")
    [sight] = sights.sights([Look(2, (inked, None))], Reads(text, score), threading.Event())
    assert any(one.is_text for one in differences(sight)) == is_text


def test_text_in_whose_place_the_other_picture_has_half_a_line_is_not_told() -> None:
    look = Look(2, (Image.new("RGB", (80, 40), "white"), Image.new("RGB", (80, 40), "black")), 1)
    paid, half = Line("Paid", 10, 10, 60, 20), Line("Pa1d", 10, 24, 60, 16)
    [one] = differences(sights.Sight(look, [paid], [], ([], [half])))
    assert not one.is_text
    [other] = [one for one in differences(sights.Sight(look, [paid], [])) if one.change]
    assert other.is_text


def test_text_that_moved_with_all_below_a_gap_is_not_told_to_have_moved() -> None:
    moved = Difference("the text “Paid” moved", 2, steps=(0.4, 41.2))
    aside = Difference("the text “Sent” moved", 2, steps=(30.0, 42.0))
    assert told_once([moved, aside], Gap(top=0, dy=42)) == [aside]
    assert told_once([moved, aside], None) == [moved, aside]


def test_lines_are_not_read_on_when_nobody_waits() -> None:
    reader = Reader()
    sheet = Sheet(500, 520)
    for index in range(9):
        sheet.text((40, 50 + 50 * index), f"Entry {index + 100} of the list", 20)
    stop = threading.Event()
    spots = reader.find(sheet.image, stop)
    assert len(reader.recognise(spots, stop)) == len(spots) == 9
    stop.set()
    assert reader.recognise(spots, stop) == ()


def test_pictures_without_labels_are_numbered_in_their_order() -> None:
    assert shown(["", "look here", ""]).wholes == {1: [Part(0)], 2: [Part(1)], 3: [Part(2)]}


def lines(*texts: str, top: int = 0) -> list[Line]:
    return [
        Line(text, 0, top + 30 * index, 10 * len(text), 20)
        for index, text in enumerate(texts)
        if text
    ]


def paired(before: Sequence[Line], after: Sequence[Line]) -> list[tuple[str, str]]:
    found = aligned(before, after, placed=True, alike=False)
    return [(one[0].text if one else "", two[0].text if two else "") for one, two in found]


def test_rows_that_changed_in_their_place_are_paired_there() -> None:
    assert paired(lines("Paid", "Pending", "Paid"), lines("Pending", "Paid", "Paid")) == [
        ("Paid", "Pending"),
        ("Pending", "Paid"),
        ("Paid", "Paid"),
    ]


def test_rows_below_one_that_came_in_are_paired_with_themselves() -> None:
    before = lines("Walnut shelf", "Reading lamp", "Oak stool")
    after = lines("Walnut shelf", "Copper kettle", "Reading lamp", "Oak stool")
    assert paired(before, after) == [
        ("Walnut shelf", "Walnut shelf"),
        ("", "Copper kettle"),
        ("Reading lamp", "Reading lamp"),
        ("Oak stool", "Oak stool"),
    ]


def changed(before: str, after: str) -> list[tuple[str, str]]:
    found = changes(lines(before), lines(after), None)
    return [
        (" ".join(w.text for w in one.before), " ".join(w.text for w in one.after)) for one in found
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("sent on 4 May by post", "sent on 9 May by post", [("on 4", "on 9")]),
        ("4 May by post", "9 May by post", [("4 May", "9 May")]),
        ("page of pages", "page 3 of pages", [("page", "page 3")]),
        ("ready to ship", "not yet ready to ship", [("", "not yet")]),
        ("10:42 AM", "10:42AM", []),
        ("one two three four", "one 2nd three 4th", [("two", "2nd"), ("four", "4th")]),
    ],
)
def test_the_smallest_stretch_of_words_that_differs_is_told(
    before: str, after: str, expected: list[tuple[str, str]]
) -> None:
    assert changed(before, after) == expected
