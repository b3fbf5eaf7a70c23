"""Two pictures compared by their pixels: verdict, amount, regions, shift, scale, and the drawing.

What a person would say of each pair stands in `rendered_pairs`, and here as figures.
"""

import random
import threading
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from grok_vision.pixels import Compared, StoppedError, compare, drawn
from grok_vision.pixels.regions import changed_regions
from grok_vision.pixels.scene import scene
from grok_vision.results import ChangedRegion, PixelDifference, Region, Shift
from tests.rendered_pairs import (
    BANNER,
    CLOCK,
    DARK,
    HEIGHT,
    ORDERS,
    PAIRS,
    ROW,
    WIDTH,
    Account,
    Box,
    Theme,
    account,
    striped,
)
from tests.support import noise


def measured(
    reference: Image.Image,
    candidate: Image.Image,
    *,
    threshold: float = 0.1,
    ignore: Sequence[Box] = (),
) -> PixelDifference:
    return compare(reference, candidate, number=2, threshold=threshold, ignore=ignore).result


@lru_cache
def said(name: str) -> PixelDifference:
    pair = PAIRS[name]
    return measured(*pair.draw(), ignore=pair.ignore)


def box_of(region: Region) -> Box:
    return (region.x, region.y, region.x + region.width, region.y + region.height)


def within(region: Region, box: Box) -> bool:
    left, top, right, bottom = box_of(region)
    return box[0] <= left and box[1] <= top and right <= box[2] and bottom <= box[3]


def overlap(one: Region, other: Region) -> bool:
    a, b = box_of(one), box_of(other)
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def painted(image: Image.Image, *boxes: Box, colour: str = "black") -> Image.Image:
    copy = image.copy()
    for box in boxes:
        copy.paste(colour, box)
    return copy


def moved_rows(image: Image.Image, start: int, dy: int, fill: str = "#fde68a") -> Image.Image:
    """The picture, of the same size, with its rows from `start` on moved."""
    moved = painted(image, (0, min(start, start + dy), *image.size), colour=fill)
    moved.paste(image.crop((0, start, *image.size)), (0, start + dy))
    return moved


# Verdict and amount


def test_of_equal_pictures_nothing_is_said_but_that_they_are_identical() -> None:
    assert said("identical") == PixelDifference(
        image=2,
        verdict="identical",
        changed_pixels=0,
        changed_ratio=0.0,
        similarity=1.0,
        same_size=True,
    )


@pytest.mark.parametrize(
    ("name", "verdict", "least", "most"),
    [
        ("one character", "different", 0.00001, 0.0001),
        ("colour by 3", "equivalent", 0, 0),
        ("moved button", "different", 0.01, 0.02),
        ("drawn anew", "different", 0.001, 0.005),
        ("shapes drawn anew", "equivalent", 0, 0),
        ("clock", "different", 0.0001, 0.0005),
        ("clock ignored", "identical", 0, 0),
        ("longer page", "different", 0.25, 0.25),
        ("banner", "different", 0.1, 0.15),
        ("half transparent", "different", 0.004, 0.011),
        ("dark theme", "different", 0.97, 0.9999),
        ("two edits", "different", 0.0003, 0.001),
        ("shop page", "different", 0.02, 0.04),
    ],
)
def test_verdict_and_amount_are_what_a_person_would_say(
    name: str, verdict: str, least: float, most: float
) -> None:
    found = said(name)
    assert found.verdict == verdict
    assert least <= found.changed_ratio <= most


def test_pixels_that_differ_by_less_than_the_threshold_are_counted_as_faint() -> None:
    found = said("colour by 3")
    assert (found.faint_pixels, found.anti_aliased_pixels, found.changed_pixels) == (894 * 40, 0, 0)
    assert found.regions == []


def test_edges_smoothed_in_another_way_are_counted_as_anti_aliasing() -> None:
    found = said("shapes drawn anew")
    assert found.anti_aliased_pixels > 500
    assert (found.changed_pixels, found.regions) == (0, [])


def test_a_lower_threshold_counts_what_a_higher_one_lets_pass() -> None:
    pair = PAIRS["colour by 3"].draw()
    assert measured(*pair, threshold=0.0).changed_pixels > 30_000


def test_one_pixel_of_a_large_picture_is_neither_nothing_nor_rounded_away() -> None:
    page = Image.new("RGB", (3840, 2160), "white")
    found = measured(page, painted(page, (1000, 1000, 1001, 1001)))
    assert found.verdict == "different"
    assert found.changed_ratio == pytest.approx(1 / (3840 * 2160), rel=1e-3)
    assert 0.999 < found.similarity < 1
    assert [box_of(region) for region in found.regions] == [(1000, 1000, 1001, 1001)]


def test_all_pixels_but_one_are_not_rounded_to_all() -> None:
    white = Image.new("RGB", (400, 300), "white")
    black = painted(Image.new("RGB", (400, 300), "black"), (0, 0, 1, 1), colour="white")
    found = measured(white, black)
    assert found.changed_pixels == 400 * 300 - 1
    assert found.changed_ratio == 0.9999
    assert measured(white, Image.new("RGB", (400, 300), "black")).changed_ratio == 1.0


def test_an_opaque_alpha_channel_makes_no_difference() -> None:
    page = account(Account())
    assert measured(page, page.convert("RGBA")).verdict == "identical"


def test_what_is_half_transparent_differs_only_there() -> None:
    found = said("half transparent")
    assert [within(region, (720, 190, 900, 230)) for region in found.regions] == [True]
    assert found.similarity < 1


def test_comparing_leaves_both_pictures_as_they_were() -> None:
    before, after = PAIRS["banner"].draw()
    kept = (before.tobytes(), after.tobytes())
    compared = compare(before, after, number=2, threshold=0.1, ignore=[CLOCK])
    drawn(before, after, compared)
    assert (before.tobytes(), after.tobytes()) == kept


@st.composite
def small_pictures(draw: st.DrawFn) -> Image.Image:
    size = draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
    palette = draw(st.lists(st.tuples(*[st.integers(0, 255)] * 4), min_size=1, max_size=4))
    places = random.Random(draw(st.integers(0, 99)))
    image = Image.new("RGBA", size)
    image.putdata([places.choice(palette) for _ in range(size[0] * size[1])])
    return image.convert(draw(st.sampled_from(("RGB", "RGBA"))))


@given(small_pictures(), small_pictures(), st.sampled_from((0.0, 0.1, 0.5)))
def test_the_figures_of_any_two_pictures_agree_with_each_other(
    reference: Image.Image, candidate: Image.Image, threshold: float
) -> None:
    found = measured(reference, candidate, threshold=threshold)
    differing = found.changed_pixels + found.faint_pixels + found.anti_aliased_pixels
    assert (found.verdict == "different") == (found.changed_pixels > 0) == (found.changed_ratio > 0)
    assert (found.verdict == "identical") == (differing == 0) == (found.similarity == 1)
    assert sum(region.changed_pixels for region in found.regions) == found.changed_pixels
    assert found.regions_found == len(found.regions)


# What is to be ignored


def test_what_is_ignored_leaves_no_trace_in_any_figure() -> None:
    assert said("clock ignored") == said("identical")


def test_what_is_ignored_hides_nothing_beside_it() -> None:
    before = account(Account())
    after = account(Account(clock="10:00:00", total="$591.60"))
    found = measured(before, after, ignore=[CLOCK])
    assert [within(region, (92, 190, 190, 222)) for region in found.regions] == [True]


def test_faint_and_smoothed_pixels_that_are_ignored_are_not_counted() -> None:
    before, after = PAIRS["shapes drawn anew"].draw()
    left = measured(before, after, ignore=[(-10, -10, 160, 400)])
    whole = said("shapes drawn anew")
    assert 0 < left.anti_aliased_pixels < whole.anti_aliased_pixels
    assert 0 < left.faint_pixels < whole.faint_pixels
    assert left.similarity > whole.similarity


@pytest.mark.parametrize("box", [(-50, -50, 5000, 5000), (0, 0, WIDTH, HEIGHT)])
def test_a_box_over_everything_leaves_nothing_to_differ(box: Box) -> None:
    found = measured(*PAIRS["dark theme"].draw(), ignore=[box])
    assert (found.verdict, found.similarity, found.regions) == ("identical", 1.0, [])


@pytest.mark.parametrize("box", [(5000, 0, 6000, 10), (-20, -20, 0, 0), (50, 50, 50, 90)])
def test_a_box_beside_the_picture_or_of_no_size_changes_nothing(box: Box) -> None:
    assert measured(*PAIRS["two edits"].draw(), ignore=[box]) == said("two edits")


# Different sizes


def test_of_a_longer_page_what_was_added_is_one_region() -> None:
    found = said("longer page")
    assert not found.same_size
    assert found.regions == [
        ChangedRegion(x=0, y=720, width=960, height=240, changed_pixels=960 * 240)
    ]
    assert (found.similarity, found.shift, found.scale) == (0.75, None, None)


def test_a_corner_that_neither_picture_has_counts_for_nothing() -> None:
    wide, high = Image.new("RGB", (300, 100), "white"), Image.new("RGB", (100, 200), "white")
    found = measured(wide, high)
    assert found.changed_pixels == 200 * 100 + 100 * 100
    assert found.changed_ratio == 0.75
    assert found.similarity == 0.25


def test_an_added_part_that_is_ignored_does_not_differ() -> None:
    before, after = PAIRS["longer page"].draw()
    found = measured(before, after, ignore=[(0, 720, 960, 960)])
    assert (found.verdict, found.same_size) == ("identical", False)


# Regions


def test_one_changed_character_is_one_region_around_it() -> None:
    (region,) = said("one character").regions
    assert within(region, (878, 384, 890, 400))


def test_a_button_that_moved_a_little_is_one_region_over_both_its_places() -> None:
    (region,) = said("moved button").regions
    assert box_of(region) == (560, 190, 900, 230)


def test_two_edits_far_apart_are_two_regions() -> None:
    customer, total = said("two edits").regions
    assert within(customer, (470, 500, 560, 525))
    assert within(total, (92, 190, 190, 222))
    assert said("two edits").regions_found == 2


def test_each_change_of_a_page_is_a_region_largest_first() -> None:
    assert [region.changed_pixels for region in said("shop page").regions] == sorted(
        (region.changed_pixels for region in said("shop page").regions), reverse=True
    )
    button, lamp, price, stock = said("shop page").regions
    assert box_of(button) == (700, 486, 1104, 542)
    assert within(lamp, (300, 180, 480, 340))
    assert within(price, (700, 215, 820, 255))
    assert within(stock, (830, 220, 960, 250))


def test_where_everything_differs_there_is_one_region() -> None:
    assert [box_of(region) for region in said("dark theme").regions] == [(0, 0, WIDTH, HEIGHT)]


def test_only_the_twenty_largest_regions_are_listed_and_all_are_counted() -> None:
    page = Image.new("RGB", (1200, 1000), "white")
    boxes = [
        (x * 100, y * 100, x * 100 + 5 + x + y, y * 100 + 8) for x in range(8) for y in range(8)
    ]
    found = measured(page, painted(page, *boxes))
    sizes = [region.changed_pixels for region in found.regions]
    assert (len(sizes), found.regions_found) == (20, 64)
    assert sizes == sorted((8 * (box[2] - box[0]) for box in boxes), reverse=True)[:20]


def marks(size: tuple[int, int], *boxes: Box) -> Image.Image:
    mask = Image.new("L", size)
    for box in boxes:
        mask.paste(255, box)
    return mask


@pytest.mark.parametrize("start", range(8))
@pytest.mark.parametrize(("gap", "regions"), [(1, 1), (15, 1), (23, 2), (200, 2)])
def test_gaps_of_up_to_about_sixteen_pixels_are_bridged_in_both_directions(
    start: int, gap: int, regions: int
) -> None:
    first, end = 100 + start, 101 + start + gap
    across = marks((400, 400), (50, 50, 51, 51), (first, 90, first + 1, 91), (end, 90, end + 1, 91))
    assert len(changed_regions(across)) == regions + 1
    assert len(changed_regions(across.transpose(Image.Transpose.TRANSPOSE))) == regions + 1


@given(
    st.lists(
        st.tuples(st.integers(0, 299), st.integers(0, 199), st.integers(1, 60), st.integers(1, 60)),
        max_size=25,
    )
)
def test_regions_hold_every_marked_pixel_once_and_fit_tightly(
    areas: list[tuple[int, int, int, int]],
) -> None:
    mask = marks((300, 200), *((x, y, min(x + w, 300), min(y + h, 200)) for x, y, w, h in areas))
    regions = changed_regions(mask)
    assert sum(region.changed_pixels for region in regions) == mask.histogram()[255]
    assert not any(overlap(one, other) for one, other in combinations(regions, 2))
    for region in regions:
        inside = mask.crop(box_of(region))
        assert inside.getbbox() == (0, 0, region.width, region.height)
        assert inside.histogram()[255] == region.changed_pixels


def test_specks_all_over_a_picture_become_few_regions() -> None:
    places = random.Random(3)
    spots = [(places.randrange(3800), places.randrange(2100)) for _ in range(20_000)]
    mask = Image.new("L", (3840, 2160))
    for spot in spots:
        mask.putpixel(spot, 255)
    regions = changed_regions(mask)
    assert len(regions) <= 200
    assert sum(region.changed_pixels for region in regions) == len(set(spots))


def test_specks_too_far_apart_to_be_close_are_looked_at_more_coarsely() -> None:
    mask = Image.new("L", (2000, 2000))
    for x in range(10, 2000, 40):
        for y in range(10, 2000, 40):
            mask.putpixel((x, y), 255)
    (region,) = changed_regions(mask)
    assert region.changed_pixels == 2500


# Similarity


def structural_similarity(one: Image.Image, other: Image.Image) -> float:
    """The formula, block by block, in plain Python."""
    scores = []
    for top in range(0, one.height, 8):
        for left in range(0, one.width, 8):
            box = (left, top, min(left + 8, one.width), min(top + 8, one.height))
            x, y = (list(image.convert("L").crop(box).tobytes()) for image in (one, other))
            n = len(x)
            mx, my = sum(x) / n, sum(y) / n
            vx, vy = (sum((v - m) ** 2 for v in z) / n for z, m in ((x, mx), (y, my)))
            cov = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / n
            c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
            top_part = (2 * mx * my + c1) * (2 * cov + c2)
            scores.append(top_part / ((mx * mx + my * my + c1) * (vx + vy + c2)))
    return sum(scores) / len(scores)


@pytest.mark.parametrize("size", [(64, 64), (61, 75), (200, 130), (7, 5)])
def test_similarity_is_the_mean_structural_similarity_of_blocks(size: tuple[int, int]) -> None:
    picture = noise(*size)
    faded = picture.point([value * 3 // 4 + 30 for value in range(256)] * 3)
    expected = structural_similarity(picture, faded)
    assert measured(picture, faded).similarity == pytest.approx(expected, abs=2e-4)


def test_what_is_ignored_does_not_lower_the_similarity() -> None:
    picture = noise(120, 40)
    edited = painted(picture, (0, 0, 20, 40), (100, 0, 120, 40))
    with_clock = painted(edited, (50, 5, 63, 30), colour="red")
    ignoring = measured(picture, with_clock, ignore=[(50, 5, 63, 30)])
    assert ignoring == measured(picture, edited)
    assert measured(picture, with_clock).similarity < ignoring.similarity


def test_a_negative_is_as_unlike_as_can_be() -> None:
    picture = noise(64, 64)
    assert measured(picture, ImageChops.invert(picture)).similarity == 0.0


# Shift


@pytest.mark.parametrize(
    ("name", "dy", "from_y", "what_came"),
    [
        ("banner", BANNER, 57, (0, 57, 960, 57 + BANNER)),
        ("banner, longer page", BANNER, 57, (0, 57, 960, 57 + BANNER)),
        ("banner taken out", -BANNER, 57 + BANNER, (0, 57, 960, 57 + BANNER)),
    ],
)
def test_a_banner_that_came_or_went_is_all_that_differs_but_for_the_shift(
    name: str, dy: int, from_y: int, what_came: Box
) -> None:
    pixels = WIDTH * BANNER
    place = {"x": what_came[0], "y": what_came[1], "width": WIDTH, "height": BANNER}
    assert said(name).shift == Shift(
        dy=dy,
        from_y=from_y,
        matched_ratio=1.0,
        gap=Region(**place),
        changed_pixels=0,
        regions=[ChangedRegion(**place, changed_pixels=pixels)],
        regions_found=1,
    )


def test_an_edit_below_a_banner_is_told_at_its_place_in_the_reference() -> None:
    shift = said("banner and edit").shift
    assert shift is not None
    assert 0.9 < shift.matched_ratio < 1
    banner, amount = shift.regions
    assert box_of(banner) == (0, 57, WIDTH, 57 + BANNER)
    assert within(amount, (870, 460, 912, 482))
    assert box_of(shift.gap) == box_of(banner)
    assert (shift.changed_pixels, shift.regions_found) == (amount.changed_pixels, 2)


@pytest.mark.parametrize(("side", "place"), [(8, 0), (40, -1)])
def test_the_gap_is_listed_among_more_regions_than_can_be(side: int, place: int) -> None:
    page = noise(800, 900)
    edits = [(x, y, x + side, y + side) for x in range(10, 800, 100) for y in range(110, 900, 150)]
    shift = measured(page, moved_rows(painted(page, *edits), 50, 1)).shift
    assert shift is not None
    assert (len(shift.regions), shift.regions_found) == (20, len(edits) + 1)
    assert box_of(shift.regions[place]) == box_of(shift.gap) == (0, 50, 800, 51)
    assert shift.changed_pixels > len(edits) * side * side * 0.9


@pytest.mark.parametrize("name", ["row added", "row added, same height"])
def test_a_row_added_to_a_striped_table_is_found_among_its_rows(name: str) -> None:
    shift = said(name).shift
    assert shift is not None
    assert (shift.dy, shift.matched_ratio) == (ROW, 1.0)
    (row,) = shift.regions
    assert row.height == ROW
    assert abs(row.y - (251 + 4 * ROW)) <= 6


@pytest.mark.parametrize("dy", [1, 7, 120])
@pytest.mark.parametrize("start", [0, 33, 200])
@pytest.mark.parametrize("longer", [False, True])
def test_rows_pushed_down_are_found_to_the_pixel(dy: int, start: int, longer: bool) -> None:
    page = noise(160, 400)
    after = Image.new("RGB", (160, 400 + dy if longer else 400), "white")
    after.paste(page.crop((0, 0, 160, start)))
    after.paste(page.crop((0, start, 160, 400)), (0, start + dy))
    shift = measured(page, after).shift
    assert shift is not None
    assert (shift.dy, shift.from_y, shift.matched_ratio) == (dy, start, 1.0)
    assert [box_of(region) for region in shift.regions] == [(0, start, 160, start + dy)]
    back = measured(after, page).shift
    assert back is not None
    assert (back.dy, back.from_y, back.matched_ratio) == (-dy, start + dy, 1.0)
    assert [box_of(region) for region in back.regions] == [(0, start, 160, start + dy)]


def test_a_column_that_stayed_beside_the_moved_one_does_not_hide_the_shift() -> None:
    page = account(Account())
    menu = noise(200, HEIGHT)
    before, after = (Image.new("RGB", (WIDTH + 200, HEIGHT)) for _ in range(2))
    for picture, content in ((before, page), (after, moved_rows(page, 57, 48))):
        picture.paste(menu)
        picture.paste(content, (200, 0))
    shift = measured(before, after).shift
    assert shift is not None
    assert (shift.dy, shift.from_y) == (48, 57)
    assert [box_of(region) for region in shift.regions] == [(200, 57, WIDTH + 200, 57 + 48)]


def test_a_footer_that_stayed_does_not_hide_the_shift_and_is_not_part_of_it() -> None:
    page = account(Account())
    footer = (0, HEIGHT - 40, WIDTH, HEIGHT)
    before = painted(page, footer, colour="#1e3a5f")
    after = painted(moved_rows(page, 57, 48), footer, colour="#1e3a5f")
    ImageDraw.Draw(before).text((30, HEIGHT - 30), "Imprint", "white")
    ImageDraw.Draw(after).text((30, HEIGHT - 30), "Imprint", "white")
    shift = measured(before, after).shift
    assert shift is not None
    assert (shift.dy, shift.from_y) == (48, 57)
    assert [box_of(region) for region in shift.regions] == [(0, 57, WIDTH, 57 + 48)]


LEADING = 25.5


def article(
    down: float = 0,
    *,
    words: str = "the lamp",
    lower: Sequence[int] = (),
    rule: int = 3,
    gap: int = 22,
) -> Image.Image:
    """Lines of text that stand on whole pixels, all but two of them so much further down."""
    image = Image.new("RGB", (500, 800), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(17)
    for line in range(26):
        top = 20 + line * LEADING + (down if line >= 2 else 0)
        text = f"{line * 7919 % 1000} quiet wizards mix {words if line == 15 else line * line}"
        draw.text((30, int(top) + (line in lower)), text, "#222222", font)
        if line == 20:
            start = int(top) + gap
            image.paste("#b91c1c", (30, start, 470, start + rule))
    return image


@pytest.mark.parametrize("down", [42.5, -20.5])
def test_lines_that_moved_a_pixel_more_or_less_have_moved_along(down: float) -> None:
    before, after = article(60), article(60 + down)
    shift = measured(before, after).shift
    assert shift is not None
    assert abs(shift.dy - down) == 0.5
    assert (shift.matched_ratio, shift.changed_pixels, shift.regions_found) == (1.0, 0, 1)


def test_of_lines_that_moved_a_pixel_more_or_less_an_edit_is_all_that_is_left() -> None:
    shift = measured(article(), article(42.5, words="the lamb")).shift
    assert shift is not None
    (edit,) = (region for region in shift.regions if box_of(region) != box_of(shift.gap))
    place = 20 + int(15 * LEADING)
    assert within(edit, (240, place, 280, place + 25))
    assert edit.changed_pixels == shift.changed_pixels


def test_a_line_that_moved_a_pixel_by_itself_has_changed() -> None:
    shift = measured(article(), article(51, lower=[9])).shift
    assert shift is not None
    assert shift.dy == 51
    (line,) = (region for region in shift.regions if box_of(region) != box_of(shift.gap))
    assert within(line, (30, 20 + int(9 * LEADING), 470, 20 + int(10 * LEADING)))


@pytest.mark.parametrize(("before", "after"), [(3, 2), (2, 3), (0, 1), (1, 0), (5, 4), (8, 9)])
@pytest.mark.parametrize("gap", [18, 20, 22])
def test_a_rule_that_became_thinner_or_thicker_has_changed(
    before: int, after: int, gap: int
) -> None:
    one, other = article(rule=before, gap=gap), article(42.5, rule=after, gap=gap)
    shift = measured(one, other).shift
    assert shift is not None
    others = [region for region in shift.regions if box_of(region) != box_of(shift.gap)]
    assert sum(region.changed_pixels for region in others) >= 400
    place = 20 + int(20 * LEADING)
    assert all(place <= region.y <= place + 30 for region in others)


def test_what_is_ignored_may_move_along() -> None:
    before = account(Account())
    after = account(Account(banner=True, total="$601.12"))
    total = (90, 190, 190, 222)
    shift = measured(before, after, ignore=[total]).shift
    assert shift is not None
    assert (shift.dy, shift.from_y, len(shift.regions)) == (BANNER, 57, 1)
    assert shift.matched_ratio == 1.0


def test_what_was_added_at_the_end_is_told_beside_the_shift_unless_it_is_ignored() -> None:
    page = noise(160, 400)
    after = Image.new("RGB", (160, 450), "white")
    after.paste(page.crop((0, 0, 160, 100)))
    after.paste(page.crop((0, 100, 160, 400)), (0, 120))
    shift = measured(page, after).shift
    assert shift is not None
    assert [box_of(region) for region in shift.regions] == [
        (0, 400, 160, 430),
        (0, 100, 160, 120),
    ]
    ignoring = measured(page, after, ignore=[(0, 400, 160, 450)]).shift
    assert ignoring is not None
    assert [box_of(region) for region in ignoring.regions] == [(0, 100, 160, 120)]


def test_a_banner_that_is_ignored_is_no_region_of_the_shift() -> None:
    shift = measured(*PAIRS["banner"].draw(), ignore=[(0, 57, WIDTH, 57 + BANNER)]).shift
    assert shift is not None
    assert (shift.changed_pixels, shift.regions) == (0, [])


@pytest.mark.parametrize(
    "name",
    [
        "one character",
        "colour by 3",
        "moved button",
        "drawn anew",
        "shapes drawn anew",
        "clock",
        "longer page",
        "dark theme",
        "two edits",
        "shop page",
        "twin 2x",
        "unrelated",
    ],
)
def test_no_shift_is_claimed_where_nothing_moved_as_a_whole(name: str) -> None:
    assert said(name).shift is None


@pytest.mark.parametrize("by", [10, 40, 80])
def test_no_shift_is_claimed_of_a_pattern_that_repeats(by: int) -> None:
    assert measured(striped(600), striped(600, by)).shift is None


def test_no_shift_is_claimed_of_tiles_that_repeat() -> None:
    tile = noise(200, 40)
    one, other = Image.new("RGB", (200, 400)), Image.new("RGB", (200, 400))
    for top in range(-40, 440, 40):
        one.paste(tile, (0, top))
        other.paste(tile, (0, top + 4))
    assert measured(one, other).shift is None


def test_no_shift_is_claimed_of_a_gradient_that_became_darker() -> None:
    light = Image.linear_gradient("L").convert("RGB")
    dark = light.point([max(0, value - 40) for value in range(256)] * 3)
    assert measured(light, dark).shift is None


def test_no_shift_is_claimed_of_blank_pages() -> None:
    one, other = (Image.new("RGB", (400, height), "white") for height in (300, 500))
    assert measured(one, other).shift is None
    assert measured(one, painted(one, (0, 100, 400, 300), colour="grey")).shift is None


def test_no_shift_is_claimed_of_two_rows_that_changed_places() -> None:
    swapped = (*ORDERS[:1], ORDERS[3], ORDERS[2], ORDERS[1], *ORDERS[4:])
    assert measured(account(Account()), account(Account(orders=swapped))).shift is None


def test_no_shift_is_claimed_of_two_parts_of_unlike_height_that_changed_places() -> None:
    page = Image.new("RGB", (200, 300), "white")
    high, low = noise(200, 60), noise(200, 110).crop((0, 60, 200, 110))
    before, after = page.copy(), page.copy()
    before.paste(high, (0, 20))
    before.paste(low, (0, 120))
    after.paste(low, (0, 20))
    after.paste(high, (0, 120))
    assert measured(before, after).shift is None


def test_no_shift_is_claimed_of_a_button_that_moved_down_by_itself() -> None:
    before, after = account(Account(button=(720, 80))), account(Account(button=(720, 130)))
    assert measured(before, after).shift is None


def test_no_shift_is_claimed_of_noise() -> None:
    assert measured(noise(200, 300), noise(201, 300).crop((1, 0, 201, 300))).shift is None


# Scale


@pytest.mark.parametrize(
    ("name", "scale"), [("twin 2x", 2.0), ("twin 1.5x", 1.5), ("twin 2x, reversed", 0.5)]
)
def test_a_twin_at_another_scale_is_recognised_and_counted_in_full(name: str, scale: float) -> None:
    found = said(name)
    assert (found.scale, found.verdict, found.same_size) == (scale, "different", False)
    assert found.changed_ratio > 0.5


@pytest.mark.parametrize("scale", [1.25, 1.75, 3.0])
def test_all_usual_scales_are_recognised_both_ways(scale: float) -> None:
    small, large = account(Account()), account(Account(), scale)
    assert measured(small, large).scale == scale
    assert measured(large, small).scale == round(1 / scale, 4)


def test_a_twin_with_an_edit_is_still_a_twin() -> None:
    assert measured(account(Account()), account(Account(total="$1.00"), 2)).scale == 2.0


@pytest.mark.parametrize("state", [Account(), Account(theme=DARK), Account(banner=True)])
@pytest.mark.parametrize("scale", [2, 3])
def test_a_twin_is_nowhere_unlike(state: Account, scale: int) -> None:
    small, large = account(state), account(state, scale)
    assert (measured(small, large).unlike, measured(large, small).unlike) == ([], [])
    assert measured(small.convert("RGBA"), large).unlike == []


def dialog(page: Image.Image) -> Image.Image:
    draw = ImageDraw.Draw(page)
    draw.rectangle((400, 500, 1300, 900), "white", "#b91c1c", 6)
    draw.text((460, 640), "Payment failed", "#b91c1c", ImageFont.load_default(80))
    return page


ACCENT = Theme(accent="#b93c34")  # as bright as that of the other theme
OTHERS = tuple((number, "Garden bench", "Eva Lindqvist", "9.00") for number, *_ in ORDERS[3:])


@pytest.mark.parametrize(
    ("other", "place"),
    [
        (account(Account(theme=ACCENT), 2), (720, 190, 900, 230)),
        (account(Account(total="$1.00"), 2), (92, 190, 190, 222)),
        (account(Account(orders=(*ORDERS[:3], *OTHERS)), 2), (190, 411, 927, 531)),
        (dialog(account(Account(), 2)), (200, 250, 650, 450)),
    ],
    ids=["colour", "total", "rows", "dialog"],
)
def test_where_a_twin_looks_otherwise_is_told_in_pixels_of_the_reference(
    other: Image.Image, place: Box
) -> None:
    page = account(Account())
    for pair, scale in (((page, other), 1), ((other, page), 2)):
        found = measured(*pair)
        assert found.scale == 2 / scale**2
        left, top, right, bottom = (edge * scale for edge in place)
        around = 48 * scale
        about = (left - around, top - around, right + around, bottom + around)
        assert found.unlike
        assert all(within(region, about) for region in found.unlike)
        held = sum(region.width * region.height for region in found.unlike)
        assert held > 0.3 * (right - left) * (bottom - top)


def test_what_is_ignored_is_not_unlike() -> None:
    other = account(Account(total="$1.00", theme=ACCENT), 2)
    button = (720, 190, 900, 230)
    found = measured(account(Account()), other, ignore=[button])
    assert (found.scale, len(found.unlike)) == (2.0, 1)
    assert within(found.unlike[0], (60, 160, 222, 254))
    both = measured(account(Account()), other, ignore=[button, (60, 180, 222, 240)])
    assert (both.scale, both.unlike) == (2.0, [])


def test_no_scale_is_claimed_where_most_of_the_page_is_unlike() -> None:
    tinted = Theme(paper="#fef3c7", card="#fde68a", stripe="#fef08a")
    assert measured(account(Account()), account(Account(theme=tinted), 2)).scale is None


def test_sizes_may_be_off_by_a_pixel() -> None:
    large = account(Account(), 2)
    assert measured(account(Account()), large.crop((0, 0, 1919, 1439))).scale == 2.0
    assert measured(account(Account()), large.crop((0, 0, 1917, 1440))).scale is None


@pytest.mark.parametrize("name", ["unrelated twin sizes", "longer page", "banner, longer page"])
def test_no_scale_is_claimed_of_pictures_that_show_something_else(name: str) -> None:
    assert said(name).scale is None


def test_no_scale_is_claimed_of_blank_pages_noise_or_another_theme() -> None:
    white, large = Image.new("RGB", (400, 300), "white"), Image.new("RGB", (800, 600), "white")
    assert measured(white, large).scale is None
    assert measured(noise(200, 150), noise(400, 300)).scale is None
    small, dark = PAIRS["dark theme"].draw()
    assert measured(small, dark.resize((2 * WIDTH, 2 * HEIGHT))).scale is None


# Giving up


class Stop(threading.Event):
    """Is set by itself once it was asked so often."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after
        self.asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > self.after


def half_see_through(blocks: int) -> tuple[Image.Image, Image.Image]:
    """Blocks of grey and their blur, of which each pixel is decided by itself."""
    grey = noise(blocks, blocks).getchannel(0).resize((4 * blocks, 4 * blocks), 0)
    alpha = Image.new("L", grey.size, 254)
    one, other = (
        Image.merge("RGBA", (plane, plane, plane, alpha))
        for plane in (grey, grey.filter(ImageFilter.BoxBlur(1)))
    )
    return one, other


def in_doubt(side: int) -> tuple[Image.Image, Image.Image]:
    """Two colours so near to the threshold that each pixel is decided by itself."""
    one, other = (Image.new("RGB", (side, side), colour) for colour in ("black", (44, 12, 15)))
    return one, other


def shifted_noise(side: int) -> tuple[Image.Image, Image.Image]:
    return noise(side, side), noise(side + 1, side).crop((1, 0, side + 1, side))


@pytest.mark.parametrize("pair", [half_see_through(16), shifted_noise(200)])
def test_a_comparison_that_is_told_to_stop_ends_at_its_next_step(
    pair: tuple[Image.Image, Image.Image],
) -> None:
    whole = Stop(10**9)
    expected = compare(*pair, number=2, threshold=0.1, stop=whole).result
    assert expected == measured(*pair)
    assert whole.asked >= 3
    for after in range(whole.asked):
        stop = Stop(after)
        with pytest.raises(StoppedError):
            compare(*pair, number=2, threshold=0.1, stop=stop)
        assert stop.asked == after + 1


@pytest.mark.parametrize("pair", [in_doubt(200), half_see_through(50)])
def test_it_is_asked_often_where_pixels_are_decided_one_by_one(
    pair: tuple[Image.Image, Image.Image],
) -> None:
    stop = Stop(10**9)
    compare(*pair, number=2, threshold=0.1, stop=stop)
    assert stop.asked > 20


def test_another_thread_may_stop_a_comparison() -> None:
    stop = threading.Event()
    stop.set()
    found: list[BaseException] = []

    def run() -> None:
        try:
            compare(*shifted_noise(50), number=2, threshold=0.1, stop=stop)
        except StoppedError as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(found) == 1


# The drawing

BLUE, YELLOW = (0x1D, 0x4E, 0xD8), (0xFF, 0xD0, 0)


Drawn = tuple[Image.Image, Image.Image]


def compared(name: str) -> tuple[Drawn, Compared]:
    before, after = PAIRS[name].draw()
    ignore = PAIRS[name].ignore
    return (before, after), compare(before, after, number=2, threshold=0.1, ignore=ignore)


def picture_of(pair: Drawn, of: Compared) -> Image.Image:
    with Image.open(BytesIO(drawn(*pair, of))) as image:
        assert (image.format, image.mode) == ("PNG", "P")
        return image.convert("RGB")


def is_red(colour: tuple[int, int, int]) -> bool:
    return colour[0] > 150 and colour[1] < 60 and colour[2] < 90


def colours(image: Image.Image, mask: Image.Image) -> set[tuple[int, int, int]]:
    """The colours of the pixels that are marked in the mask."""
    pixels = image.tobytes()
    marked = (place * 3 for place, value in enumerate(mask.tobytes()) if value)
    return {(pixels[at], pixels[at + 1], pixels[at + 2]) for at in marked}


@pytest.mark.parametrize("name", ["one character", "moved button", "two edits", "shop page"])
def test_every_changed_pixel_is_red_and_none_is_hidden_by_a_number(name: str) -> None:
    pair, of = compared(name)
    shown = picture_of(pair, of)
    assert shown.size == pair[0].size
    assert all(is_red(colour) for colour in colours(shown, of.changed))


def test_numbers_stay_off_changes_that_lie_close_by() -> None:
    page = Image.new("RGB", (3000, 400), "white")
    boxes = [(x, y, x + 8, y + 8) for x in (200, 240, 280) for y in (100, 140, 180)]
    after = painted(page, *boxes)
    of = compare(page, after, number=2, threshold=0.1, ignore=())
    assert of.result.regions_found == 9
    assert all(is_red(colour) for colour in colours(picture_of((page, after), of), of.changed))


def test_smoothed_edges_are_yellow_and_the_rest_is_light_grey() -> None:
    pair, of = compared("shapes drawn anew")
    shown = picture_of(pair, of)
    assert colours(shown, of.anti_aliased) == {YELLOW}
    rest = colours(shown, ImageChops.invert(of.anti_aliased))
    assert all(red == green == blue >= 180 for red, green, blue in rest)


def test_each_region_has_a_blue_box_around_it() -> None:
    pair, of = compared("two edits")
    shown = picture_of(pair, of)
    for region in of.result.regions:
        left, top, right, bottom = box_of(region)
        beside = [(left - 2, top), (right + 1, bottom), (left, top - 2), (right, bottom + 1)]
        assert [shown.getpixel(place) for place in beside] == [BLUE] * 4


def test_regions_at_the_edge_of_the_picture_have_boxes_and_numbers_inside_it() -> None:
    pair, of = compared("dark theme")
    shown = picture_of(pair, of)
    corners = [(0, 0), (WIDTH - 1, 0), (0, HEIGHT - 1), (WIDTH - 1, HEIGHT - 1)]
    assert [shown.getpixel(corner) for corner in corners] == [BLUE] * 4
    assert (255, 255, 255) in {
        colour for _, colour in shown.crop((0, 0, 20, 20)).getcolors(400) or []
    }


def test_what_is_ignored_is_hatched_and_nothing_else() -> None:
    pair, of = compared("clock ignored")
    page = Image.new("RGB", pair[0].size, "white")
    shown = picture_of((page, page), of)
    different = ImageChops.difference(shown, page).getbbox()
    assert different == CLOCK


def test_the_drawing_holds_both_pictures_where_their_sizes_differ() -> None:
    wide, high = Image.new("RGB", (300, 100), "white"), Image.new("RGB", (100, 200), "white")
    shown = picture_of((wide, high), compare(wide, high, number=2, threshold=0.1, ignore=()))
    assert shown.size == (300, 200)
    assert is_red(shown.getpixel((200, 50)))  # type: ignore[arg-type]
    assert is_red(shown.getpixel((50, 150)))  # type: ignore[arg-type]
    red, green, blue = shown.getpixel((200, 150))  # type: ignore[misc]
    assert red == green == blue < 180


def test_a_dark_page_is_faded_to_light_grey_as_well() -> None:
    dark = PAIRS["dark theme"].draw()[1]
    shown = picture_of((dark, dark), compare(dark, dark, number=2, threshold=0.1, ignore=()))
    assert min(shown.convert("L").tobytes()) >= 180
    assert len(shown.getcolors() or []) >= 3


def test_what_came_in_stands_in_a_gap_and_what_only_moved_is_not_marked() -> None:
    pair, of = compared("banner and edit")
    shown, shift = picture_of(pair, of), of.result.shift
    assert shift is not None
    assert shown.size == pair[1].size
    banner = shown.crop((4, shift.from_y + 4, WIDTH - 4, shift.from_y + shift.dy - 4))
    assert all(is_red(colour) for _, colour in banner.getcolors(1 << 16) or [])  # type: ignore[arg-type]
    edit = next(box_of(region) for region in shift.regions if region.height < shift.dy)
    below = shown.crop((0, shift.from_y + shift.dy + 4, WIDTH, shown.height))
    red = [
        (at % WIDTH, at // WIDTH + shift.from_y + 4)
        for at, colour in enumerate(below.get_flattened_data())
        if is_red(colour)  # type: ignore[arg-type]
    ]
    assert red
    assert all(edit[0] <= x < edit[2] and edit[1] <= y < edit[3] for x, y in red)


def test_an_edit_in_the_very_rows_of_the_gap_is_framed_where_it_moved_to() -> None:
    page = noise(160, 600)
    after = moved_rows(painted(page, (50, 100, 70, 140)), 100, 40)
    of = compare(page, after, number=2, threshold=0.1, ignore=())
    assert of.result.shift is not None
    gap, edit = of.result.shift.regions
    assert box_of(gap) == box_of(of.result.shift.gap) == (0, 100, 160, 140)
    assert box_of(edit) == (50, 100, 70, 140)
    framed = [box_of(region) for region in scene(page, after, of).regions]
    assert framed == [(0, 100, 160, 140), (50, 140, 70, 180)]


def test_what_went_out_is_marked_where_it_was() -> None:
    pair, of = compared("banner taken out")
    shown, shift = picture_of(pair, of), of.result.shift
    assert shift is not None
    assert shown.size == pair[0].size
    box = (0, shift.from_y + shift.dy, WIDTH, shift.from_y)
    assert has_red(shown.crop(box))
    shown.paste("white", (0, box[1] - 4, WIDTH, box[3] + 4))
    assert not has_red(shown)


def has_red(image: Image.Image) -> bool:
    return any(is_red(colour) for _, colour in image.getcolors(1 << 20) or [])  # type: ignore[arg-type]
