"""The verdicts on pixels are those of pixelmatch 7.2.0: recorded from it, and from a port of it."""

import json
from math import nextafter, sqrt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from grok_vision.pixels import anti_aliasing
from grok_vision.pixels.matching import Match, matched
from grok_vision.pixels.slopes import BRIGHTNESS
from tests import pixelmatch_port
from tests.pixel_pairs import PAIRS, Pair, digest, digest_of_pair

RECORDED = json.loads((Path(__file__).parent / "data" / "pixelmatch_counts.json").read_text())

SMALL = [
    name for name, pair in RECORDED["pairs"].items() if pair["size"][0] * pair["size"][1] < 7000
]
"""Those that the slow port compares in a moment."""


def verdicts(match: Match) -> bytes:
    """Return 2 for each changed pixel and 1 for each anti-aliased one, as they were recorded."""
    twice = match.changed.point([0] * 255 + [pixelmatch_port.CHANGED])
    once = match.anti_aliased.point([0] * 255 + [pixelmatch_port.SMOOTHED])
    return ImageChops.add(once, twice).tobytes()


def summary(found: bytes) -> dict[str, int | str]:
    return {
        "changed": found.count(pixelmatch_port.CHANGED),
        "anti_aliased": found.count(pixelmatch_port.SMOOTHED),
        "digest": digest(found),
    }


def drawn(name: str) -> Pair:
    """Return the pair, which must be the one that was recorded."""
    pair = PAIRS[name]()
    same = digest_of_pair(pair) == RECORDED["pairs"][name]["pixels"]
    assert same, "the pair is drawn otherwise than when it was recorded: the counts say nothing"
    return pair


def test_every_pair_that_is_drawn_was_recorded() -> None:
    assert list(RECORDED["pairs"]) == list(PAIRS)


@pytest.mark.parametrize("name", PAIRS)
def test_the_same_pixels_as_pixelmatch(name: str) -> None:
    pair = drawn(name)
    expected = RECORDED["pairs"][name]["verdicts"]
    found = {key: summary(verdicts(matched(*pair, threshold=float(key)))) for key in expected}
    assert found == expected


@pytest.mark.parametrize("name", SMALL)
def test_the_port_is_pixelmatch(name: str) -> None:
    pair = drawn(name)
    expected = RECORDED["pairs"][name]["verdicts"]["0.1"]
    assert summary(pixelmatch_port.verdicts(*pair, threshold=0.1)) == expected


@pytest.mark.parametrize("name", PAIRS)
def test_every_difference_is_marked_and_nothing_else(name: str) -> None:
    first, second = PAIRS[name]()
    match = matched(first, second, threshold=0.1)
    pairs = zip(first.get_flattened_data(), second.get_flattened_data(), strict=True)
    expected = [one != other for one, other in pairs]
    assert [value > 0 for value in match.differing.tobytes()] == expected


@pytest.mark.parametrize("pixels_decided_singly", [0, 10**9], ids=["at once", "one by one"])
@pytest.mark.parametrize("name", ["blocks", "text, half a pixel", "speckled, mostly planes"])
def test_edges_at_once_and_one_by_one_are_the_same(
    name: str, pixels_decided_singly: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anti_aliasing, "_FEW", pixels_decided_singly)
    monkeypatch.setattr(anti_aliasing, "_SPARSE", 10**9)
    found = summary(verdicts(matched(*drawn(name), threshold=0.1)))
    assert found == RECORDED["pairs"][name]["verdicts"]["0.1"]


def test_whole_weights_order_all_colours_as_pixelmatch_does() -> None:
    """For every difference of red and green, the sign turns at the same difference of blue.

    pixelmatch's weights have eight decimals: as whole numbers they leave no rounding.
    """
    exact = (29_889_531, 58_662_247, 11_448_223)
    for red in range(-255, 256):
        for green in range(256):  # the other half is its mirror image
            assert turn(red, green, BRIGHTNESS) == turn(red, green, exact), (red, green)


def turn(red: int, green: int, weights: tuple[int, int, int]) -> tuple[int, bool]:
    """Return the last blue of -256 to 255 that is not brighter, and whether it is equal."""
    blue, rest = divmod(-(red * weights[0] + green * weights[1]), weights[2])
    return min(max(blue, -256), 255), rest == 0 and -255 <= blue <= 255


@pytest.mark.parametrize("steps", [-1, 0, 1])
@pytest.mark.parametrize("colour", [(0, 0, 9), (7, 200, 31), (90, 90, 92), (250, 3, 3)])
def test_a_colour_at_the_very_threshold_is_within_it(
    colour: tuple[int, int, int], steps: int
) -> None:
    pair = (Image.new("RGB", (1, 1), colour), Image.new("RGB", (1, 1), (80, 90, 100)))
    first, second = (image.convert("RGBA").tobytes() for image in pair)
    distance = abs(pixelmatch_port.color_delta(first, second, 0))
    threshold = sqrt(distance / 35215)
    for _ in range(abs(steps)):
        threshold = nextafter(threshold, steps)
    found = verdicts(matched(*pair, threshold=threshold))
    assert found == pixelmatch_port.verdicts(*pair, threshold=threshold)


COLOURS = st.sampled_from([0, 1, 60, 120, 128, 254, 255])
ALPHAS = st.sampled_from([0, 1, 128, 254, 255, 255])


@st.composite
def small_pairs(draw: st.DrawFn) -> Pair:
    """Draw two pictures of few colours, so that equals, ties and planes are common."""
    transparent = draw(st.booleans())
    channels = [COLOURS] * 3 + [ALPHAS] * transparent
    palette = draw(st.lists(st.tuples(*channels), min_size=2, max_size=5, unique=True))
    size = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    random = draw(st.randoms(use_true_random=False))
    weights = [1, *(draw(st.sampled_from([1, 0.3, 0.1])) for _ in palette[1:])]
    mode = "RGBA" if transparent else "RGB"

    def picture() -> Image.Image:
        pixels = random.choices(palette, weights, k=size[0] * size[1])
        return Image.frombytes(mode, size, bytes(value for one in pixels for value in one))

    return picture(), picture()


@given(small_pairs(), st.sampled_from([0.0, 0.05, 0.1, 0.3, 1.0]))
@settings(deadline=None, max_examples=300)
def test_small_pictures_of_few_colours_are_judged_as_the_port_does(
    pair: Pair, threshold: float
) -> None:
    found = verdicts(matched(*pair, threshold=threshold))
    assert found == pixelmatch_port.verdicts(*pair, threshold=threshold)
