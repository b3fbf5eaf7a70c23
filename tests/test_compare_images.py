"""compare_images as far as pixels go: verdicts, modes, arguments, pictures of any form."""

import base64
import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio.from_thread
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp import Client
from PIL import Image, ImageDraw, ImageFont

from tests.documents import SVG, pdf
from tests.fake_xai import FakeXAI
from tests.support import compare, connected, encoded, error_text, quadrants, saved, structured

pytestmark = pytest.mark.anyio

AMOUNT = (190, 170, 100, 60)
"""The part of the page in which its amount stands, as x, y, width and height."""


def page(
    amount: str = "$188.40",
    *,
    button: str | tuple[int, int, int] = "navy",
    size: tuple[int, int] = (320, 240),
) -> Image.Image:
    """Return a small page with a heading, a button and an amount."""
    image = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(16)
    draw.text((20, 16), "Orders of November", "black", font)
    draw.rectangle((20, 60, 119, 89), button)
    draw.text((200, 180), amount, "black", font)
    return image


def entry(region: int = 1, **given: Any) -> dict[str, Any]:
    """Return a difference in the words of a model."""
    values = {"description": "The amount differs.", "severity": "major", "picture": 2}
    return {**values, "region": region, **given}


def told(*differences: Mapping[str, Any], summary: str = "One amount differs.") -> str:
    """Return what a model answers."""
    return json.dumps({"summary": summary, "differences": differences})


def pair(folder: Path, after: Image.Image | None = None) -> list[str]:
    """Return the paths of the page and of what became of it."""
    return [
        saved(folder, "before.png", page()),
        saved(folder, "after.png", after or page("$168.40")),
    ]


async def measured(folder: Path, images: list[str], **call: Any) -> Mapping[str, Any]:
    """Return the result of a comparison of pixels alone."""
    return structured(await compare(FakeXAI(), folder, images, mode="pixels", **call))


# Verdicts


async def test_the_whole_result_of_pictures_that_are_the_same_names_no_model_and_no_cost(
    xai: FakeXAI, folder: Path
) -> None:
    images = pair(folder, page())
    result = await compare(xai, folder, images)
    assert structured(result) == {
        "verdict": "identical",
        "summary": "No pixel differs.",
        "differences": [],
        "pixels": [
            {
                "image": 2,
                "verdict": "identical",
                "changed_pixels": 0,
                "changed_ratio": 0.0,
                "similarity": 1.0,
                "same_size": True,
                "anti_aliased_pixels": 0,
                "faint_pixels": 0,
                "regions": [],
                "regions_found": 0,
                "unlike": [],
            }
        ],
        "truncated": False,
        "cached": False,
        "images": [
            {
                "source": path,
                "format": "PNG",
                "width": 320,
                "height": 240,
                "bytes": Path(path).stat().st_size,
                "changes": [],
            }
            for path in images
        ],
        "warnings": [],
    }
    assert [block.text for block in result.content] == ["**identical**: No pixel differs."]
    assert xai.requests == []


async def test_a_colour_that_is_off_by_3_is_equivalent_and_no_model_is_asked(
    xai: FakeXAI, folder: Path
) -> None:
    answer = structured(await compare(xai, folder, pair(folder, page(button=(3, 3, 131)))))
    (one,) = answer["pixels"]
    assert answer["verdict"] == one["verdict"] == "equivalent"
    assert (one["changed_pixels"], one["faint_pixels"]) == (0, 100 * 30)
    assert answer["summary"] == "No visible change: 3,000 pixels differ by less than threshold."
    assert "usage" not in answer
    assert xai.requests == []


async def test_a_changed_word_is_different_and_told_with_its_place_and_the_words_of_a_model(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = told(entry(description="$188.40 became $168.40.", severity="critical"))
    result = await compare(xai, folder, pair(folder))
    answer = structured(result)
    (one,), (difference,) = answer["pixels"], answer["differences"]
    (region,) = one["regions"]
    x, y, width, height = AMOUNT
    assert answer["verdict"] == one["verdict"] == "different"
    assert 0 < one["changed_pixels"] == region.pop("changed_pixels") < 100
    assert one["changed_ratio"] == pytest.approx(one["changed_pixels"] / (320 * 240), rel=1e-3)
    assert x <= region["x"] <= region["x"] + region["width"] <= x + width
    assert y <= region["y"] <= region["y"] + region["height"] <= y + height
    assert difference == {
        "description": "$188.40 became $168.40.",
        "severity": "critical",
        "image": 2,
        "region": region,
    }
    assert (answer["summary"], answer["warnings"]) == ("One amount differs.", [])
    assert (answer["model"], answer["provider"]) == ("grok-4.3", "xai")
    assert answer["usage"]["image_tokens"] > 0
    place = f"{region['width']}x{region['height']} at {region['x']},{region['y']}"
    assert result.content[0].text == (
        "**different**: One amount differs.\n"
        f"- critical: $188.40 became $168.40. (image 2, {place})"
    )


async def test_every_result_fits_the_published_output_schema(xai: FakeXAI, folder: Path) -> None:
    changed, taller = pair(folder), saved(folder, "tall.png", page(size=(320, 300)))
    async with connected(xai, folder) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        schema = tools["compare_images"].output_schema
        jsonschema.Draft202012Validator.check_schema(schema)
        for answer in (told(), told(entry()), "no JSON"):
            xai.answer = answer
            for images in (changed, [changed[0], taller], [changed[0]] * 2):
                result = await client.call_tool("compare_images", {"images": images})
                jsonschema.validate(structured(result), schema)
    assert "null" not in json.dumps(schema)


# Modes


@pytest.mark.parametrize("after", [page(), page(button=(3, 3, 131)), page("$168.40")])
async def test_in_mode_model_a_model_is_asked_in_any_case(
    xai: FakeXAI, folder: Path, after: Image.Image
) -> None:
    xai.answer = told(summary="Nothing of note.")
    answer = structured(await compare(xai, folder, pair(folder, after), mode="model"))
    assert len(xai.requests) == 1
    assert answer["summary"] == "Nothing of note."
    assert answer["usage"]["input_tokens"] > 0


@pytest.mark.parametrize(
    "given",
    [{}, {"xai_api_key": None}, {"provider": "openai"}, {"model": "grok-beta"}],
    ids=["with a key", "without a key", "without that provider's key", "with a model that is gone"],
)
async def test_in_mode_pixels_nobody_is_asked_whatever_is_configured(
    xai: FakeXAI, folder: Path, given: dict[str, Any]
) -> None:
    call = {f"setting_{name}": value for name, value in given.items()}
    answer = structured(await compare(xai, folder, pair(folder), mode="pixels", **call))
    assert (answer["verdict"], answer["warnings"]) == ("different", [])
    assert not {"usage", "model", "provider"} & set(answer)
    assert xai.requests == []


# What is left out, and how much counts


@pytest.mark.parametrize(
    "ignore",
    [["190,170,100,60"], "190,170,100,60", ["190, 170, 100, 60"], ["percent:50,60,50,40"]],
    ids=["a list", "one bare string", "with spaces", "percent"],
)
async def test_what_changed_only_where_it_is_ignored_is_identical(
    xai: FakeXAI, folder: Path, ignore: str | list[str]
) -> None:
    answer = structured(await compare(xai, folder, pair(folder), ignore=ignore))
    assert (answer["verdict"], answer["pixels"][0]["changed_pixels"]) == ("identical", 0)
    assert xai.requests == []


async def test_what_changed_beside_what_is_ignored_is_still_told(folder: Path) -> None:
    images = pair(folder, page("$168.40", button="green"))
    (one,) = (await measured(folder, images, ignore=["190,170,100,60"]))["pixels"]
    assert one["changed_pixels"] == 100 * 30
    assert one["changed_ratio"] == pytest.approx(3000 / (320 * 240), rel=1e-3)
    assert one["regions"] == [
        {"x": 20, "y": 60, "width": 100, "height": 30, "changed_pixels": 3000}
    ]


async def test_what_is_ignored_may_lie_below_the_reference_in_a_longer_page(folder: Path) -> None:
    images = pair(folder, page(size=(320, 300)))
    answer = await measured(folder, images, ignore=["0,240,320,60"])
    assert answer["pixels"][0]["changed_pixels"] == 0


async def test_what_is_ignored_need_not_lie_in_every_one_of_several_pictures(folder: Path) -> None:
    longer, changed = page(size=(320, 300)), page("$168.40")
    images = [*pair(folder, longer), saved(folder, "changed.png", changed)]
    answer = await measured(folder, images, ignore=["0,240,320,60"])
    assert [one["verdict"] for one in answer["pixels"]] == ["identical", "different"]


async def test_percents_of_what_is_ignored_are_those_of_the_reference(folder: Path) -> None:
    images = pair(folder, page(size=(320, 480)))
    answer = await measured(folder, images, ignore=["percent:0,0,100,100"])
    assert answer["pixels"][0]["changed_pixels"] == 320 * 240


async def test_what_is_ignored_may_reach_over_the_edge(folder: Path) -> None:
    answer = await measured(folder, pair(folder), ignore=["150,150,9000,9000"])
    assert answer["verdict"] == "identical"


@pytest.mark.parametrize(
    "ignore", ["", "clock", "1,2,3", "1,2,3,4,5", "-5,0,9,9", "1,2,0,4", "percent:0,0,200,5"]
)
async def test_what_cannot_be_read_as_a_rectangle_is_named_with_its_number(
    xai: FakeXAI, folder: Path, ignore: str
) -> None:
    text = error_text(await compare(xai, folder, pair(folder), ignore=["0,0,5,5", ignore]))
    assert text.startswith(f"[bad_region] ignore 2 ({ignore}): ")


async def test_a_rectangle_outside_of_all_pictures_is_named_once(
    xai: FakeXAI, folder: Path
) -> None:
    images = [*pair(folder), saved(folder, "third.png", page("$1.00"))]
    text = error_text(await compare(xai, folder, images, ignore=["2000,0,5,5"]))
    assert text.startswith("[bad_region] ignore 1 (2000,0,5,5): ")
    assert text.count("2000") == 1


async def test_threshold_decides_what_counts(folder: Path) -> None:
    images = pair(folder, page(button=(3, 3, 131)))
    counted = {
        threshold: (await measured(folder, images, threshold=threshold))["pixels"][0]
        for threshold in (0, 0.1, 1)
    }
    assert [one["changed_pixels"] for one in counted.values()] == [3000, 0, 0]
    assert [one["verdict"] for one in counted.values()] == ["different", "equivalent", "equivalent"]


# Arguments that do not do


@pytest.mark.parametrize("count", [0, 1])
async def test_fewer_than_two_images_are_refused(xai: FakeXAI, folder: Path, count: int) -> None:
    text = error_text(await compare(xai, folder, [saved(folder)] * count))
    assert text == ("[bad_argument] images needs two pictures or more; the first is the reference.")


async def test_one_bare_string_is_a_list_of_one_and_so_refused(xai: FakeXAI, folder: Path) -> None:
    async with connected(xai, folder) as client:
        result = await client.call_tool("compare_images", {"images": saved(folder)})
    assert error_text(result).startswith("[bad_argument] images needs two pictures")


async def test_ten_images_are_compared_and_eleven_refused(xai: FakeXAI, folder: Path) -> None:
    path = saved(folder)
    answer = await measured(folder, [path] * 10)
    assert [one["image"] for one in answer["pixels"]] == list(range(2, 11))
    text = error_text(await compare(xai, folder, [path] * 11))
    assert text.startswith("[too_many_images] at most 10 images are compared in a call")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"threshold": -0.1}, "threshold"),
        ({"threshold": 1.1}, "threshold"),
        ({"threshold": "much"}, "threshold"),
        ({"mode": "fast"}, "mode"),
        ({"detail": "best"}, "detail"),
        ({"diff_out": "x.png"}, "unknown argument diff_out"),
    ],
)
async def test_an_argument_that_does_not_do_is_named(
    xai: FakeXAI, folder: Path, given: dict[str, Any], name: str
) -> None:
    text = error_text(await compare(xai, folder, pair(folder), **given))
    assert text.startswith(f"[bad_argument] {name}")
    assert "compare_images takes images, prompt, mode, threshold, ignore, detail, model" in text


# Several images


async def test_each_of_several_images_is_compared_with_the_first(
    xai: FakeXAI, folder: Path
) -> None:
    others = [page(), page("$168.40"), page(button=(3, 3, 131)), page(button="green")]
    images = [saved(folder, f"{number}.png", one) for number, one in enumerate([page(), *others])]
    answer = await measured(folder, images)
    found = [(one["image"], one["verdict"]) for one in answer["pixels"]]
    verdicts = ["identical", "different", "equivalent", "different"]
    assert found == list(zip((2, 3, 4, 5), verdicts, strict=True))
    assert answer["verdict"] == "different"
    assert answer["pixels"][3]["changed_pixels"] == 3000
    assert ["diff_path" in one for one in answer["pixels"]] == [False, True, False, True]
    assert [one["source"] for one in answer["images"]] == images
    for number in (2, 3, 4, 5):
        assert f"Image {number}: " in answer["summary"]


async def test_where_none_of_several_differs_visibly_the_verdict_is_that_of_the_one_furthest_off(
    xai: FakeXAI, folder: Path
) -> None:
    images = [*pair(folder, page()), saved(folder, "faint.png", page(button=(3, 3, 131)))]
    answer = structured(await compare(xai, folder, images))
    assert answer["verdict"] == "equivalent"
    assert xai.requests == []


async def test_all_problems_of_several_images_are_told_at_once_and_nothing_is_sent(
    xai: FakeXAI, folder: Path
) -> None:
    damaged = folder / "damaged.png"
    damaged.write_bytes(encoded(page(), "PNG")[:400])
    missing = str(folder / "missing.png")
    images = [saved(folder), missing, saved(folder, "other.png"), "https://"]
    text = error_text(await compare(xai, folder, images))
    assert f"image 2 ({missing})" in text
    assert "image 4 (https://)" in text
    assert "image 1" not in text
    text = error_text(await compare(xai, folder, [str(damaged), saved(folder), str(damaged)]))
    assert text.count("[damaged_image] image ") == 2
    assert "image 1 (" in text
    assert "image 3 (" in text
    assert xai.requests == []
    assert not (folder.parent / "drawn").exists()


async def test_a_damaged_candidate_is_named_and_costs_nothing(xai: FakeXAI, folder: Path) -> None:
    (folder / "damaged.png").write_bytes(encoded(page(), "PNG")[:400])
    images = [saved(folder), str(folder / "damaged.png")]
    text = error_text(await compare(xai, folder, images, mode="model"))
    assert text.startswith(f"[damaged_image] image 2 ({images[1]}): ")
    assert xai.requests == []


# Pictures of any form


async def test_pictures_of_other_sizes_are_never_resized_and_that_is_told(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = told(entry(description="The page is longer."))
    answer = structured(await compare(xai, folder, pair(folder, page(size=(320, 300)))))
    (one,) = answer["pixels"]
    assert (one["same_size"], one["changed_pixels"], one["changed_ratio"]) == (False, 19_200, 0.2)
    assert one["regions"] == [
        {"x": 0, "y": 240, "width": 320, "height": 60, "changed_pixels": 19_200}
    ]
    assert "image 2 is 320x300 and the reference 320x240" in answer["warnings"][0]


async def test_the_same_at_twice_the_size_is_told_as_that(folder: Path) -> None:
    images = pair(folder, page().resize((640, 480), Image.Resampling.BICUBIC))
    answer = await measured(folder, images)
    assert answer["pixels"][0]["scale"] == 2.0
    (warning,) = answer["warnings"]
    assert "at 2 times its size" in warning


@pytest.mark.parametrize("orientation", range(2, 9))
async def test_a_photograph_is_compared_as_a_person_sees_it(folder: Path, orientation: int) -> None:
    upright = quadrants(64, 48)
    turn = Image.Transpose
    # What a camera stores, so that turning it as told makes it upright again.
    stored = {
        2: [turn.FLIP_LEFT_RIGHT],
        3: [turn.ROTATE_180],
        4: [turn.FLIP_TOP_BOTTOM],
        5: [turn.TRANSPOSE],
        6: [turn.ROTATE_90],
        7: [turn.TRANSVERSE],
        8: [turn.ROTATE_270],
    }[orientation]
    photo = upright
    for one in stored:
        photo = photo.transpose(one)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 100, "subsampling": 0, "exif": exif.tobytes()}
    images = [saved(folder, image=upright), saved(folder, "photo.jpg", photo, **options)]
    (one_pair,) = (await measured(folder, images))["pixels"]
    assert (one_pair["same_size"], one_pair["changed_pixels"]) == (True, 0)


async def test_sixteen_bits_are_compared_as_the_eight_that_are_seen(folder: Path) -> None:
    eight = Image.linear_gradient("L")
    samples = b"".join(struct.pack("<H", value * 257) for value in eight.tobytes())
    sixteen = Image.frombytes("I;16", eight.size, samples)
    images = [saved(folder, "8.png", eight), saved(folder, "16.png", sixteen)]
    assert (await measured(folder, images))["verdict"] == "identical"


@pytest.mark.parametrize(
    ("name", "options"),
    [("x.gif", {}), ("x.webp", {"lossless": True}), ("x.tif", {}), ("x.bmp", {})],
    ids=["GIF", "WebP", "TIFF", "BMP"],
)
async def test_the_same_pixels_in_another_format_are_identical(
    folder: Path, name: str, options: dict[str, Any]
) -> None:
    images = [saved(folder), saved(folder, name, quadrants(), **options)]
    assert (await measured(folder, images))["verdict"] == "identical"
    changed = quadrants()
    changed.paste("black", (0, 0, 8, 8))
    images[1] = saved(folder, name, changed, **options)
    assert (await measured(folder, images))["pixels"][0]["changed_pixels"] == 64


async def test_a_palette_is_compared_by_its_colours(folder: Path) -> None:
    images = [saved(folder), saved(folder, "p.png", quadrants().quantize(8))]
    assert (await measured(folder, images))["verdict"] == "identical"


async def test_what_became_transparent_is_changed_and_the_ground_is_told(
    xai: FakeXAI, folder: Path
) -> None:
    see_through = page().convert("RGBA")
    see_through.paste((0, 0, 128, 0), (20, 60, 120, 90))
    xai.answer = told(entry(description="The button is gone."))
    answer = structured(await compare(xai, folder, pair(folder, see_through)))
    (one,) = answer["pixels"]
    assert one["changed_pixels"] == 3000
    assert "image 2 or the reference is transparent in places" in " ".join(answer["warnings"])


async def test_transparency_that_hides_nothing_is_no_difference(folder: Path) -> None:
    opaque = page().convert("RGBA")
    answer = await measured(folder, pair(folder, opaque))
    assert (answer["verdict"], answer["warnings"]) == ("identical", [])


async def test_of_a_transparent_picture_that_is_the_same_no_ground_is_told(folder: Path) -> None:
    path = saved(folder, "clear.png", Image.new("RGBA", (32, 32), (0, 0, 128, 100)))
    answer = await measured(folder, [path, path])
    assert (answer["verdict"], answer["warnings"]) == ("identical", [])


async def test_what_is_wholly_transparent_in_both_is_the_same_whatever_its_colour(
    folder: Path,
) -> None:
    clear = [Image.new("RGBA", (32, 32), (level, 0, 0, 0)) for level in (0, 255)]
    images = [saved(folder, f"{number}.png", one) for number, one in enumerate(clear)]
    answer = await measured(folder, images)
    assert answer["verdict"] != "different"
    assert answer["pixels"][0]["changed_pixels"] == 0


async def test_parts_of_pictures_are_compared_by_themselves(folder: Path) -> None:
    before, after = pair(folder)
    inside, outside = "#xywh=190,170,100,60", "#xywh=0,0,150,100"
    whole = (await measured(folder, [before, after]))["pixels"][0]["regions"][0]
    (part,) = (await measured(folder, [before + inside, after + inside]))["pixels"]
    moved = {**whole, "x": whole["x"] - 190, "y": whole["y"] - 170}
    assert part["regions"] == [moved]
    assert (await measured(folder, [before + outside, after + outside]))["verdict"] == "identical"


async def test_two_parts_of_one_picture_are_compared_with_each_other(folder: Path) -> None:
    path = saved(folder)
    corners = [f"{path}#xywh={x},0,16,16" for x in (0, 40)]
    (one,) = (await measured(folder, corners))["pixels"]
    assert (one["same_size"], one["changed_pixels"]) == (True, 256)


async def test_a_data_uri_is_a_picture_too_and_is_not_repeated_in_the_result(folder: Path) -> None:
    before, after = pair(folder)
    data = base64.b64encode(Path(after).read_bytes()).decode()
    answer = await measured(folder, [before, f"data:image/png;base64,{data}"])
    assert answer["verdict"] == "different"
    assert data[:40] not in json.dumps(answer)


async def test_pages_of_a_document_and_drawings_are_compared(folder: Path) -> None:
    pytest.importorskip("pypdfium2")
    pytest.importorskip("resvg_py")
    document, drawing = folder / "scan.pdf", folder / "drawing.svg"
    document.write_bytes(pdf(pages=2))
    pages = [f"{document}#page={number}" for number in (1, 2)]
    (one,) = (await measured(folder, pages))["pixels"]
    # The second page is grey where the first is white, and both have the same red half.
    assert (one["same_size"], one["changed_ratio"]) == (True, 0.5)
    shapes = '<rect width="50" height="50" fill="red"/>'
    drawing.write_text(f'<svg {SVG} width="100" height="50">{shapes}</svg>')
    image = Image.new("RGB", (100, 50), "white")
    image.paste("red", (0, 0, 50, 50))
    # A drawing is as large as it says, so that it can be held against a screenshot of it.
    (one,) = (await measured(folder, [saved(folder, "shot.png", image), str(drawing)]))["pixels"]
    assert (one["verdict"], one["same_size"]) == ("identical", True)


async def test_a_picture_that_is_too_large_to_be_compared_says_what_to_do(
    xai: FakeXAI, folder: Path
) -> None:
    huge = saved(folder, "huge.png", Image.new("1", (8001, 8000)))
    text = error_text(await compare(xai, folder, [saved(folder), huge]))
    assert text.startswith(f"[too_many_pixels] image 2 ({huge}): ")
    assert "#xywh=" in text
    part = f"{huge}#xywh=0,0,64,48"
    assert (await measured(folder, [part, part]))["verdict"] == "identical"


# Any pictures


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A function that compares pixels of data URIs, and returns what was measured."""
    folder = tmp_path_factory.mktemp("any") / "readable"
    folder.mkdir()

    def measure(client: Client, *images: Image.Image) -> Mapping[str, Any]:
        sources = [
            f"data:image/png;base64,{base64.b64encode(encoded(image, 'PNG')).decode()}"
            for image in images
        ]
        arguments = {"images": sources, "mode": "pixels"}
        result = portal.call(client.call_tool, "compare_images", arguments)
        (one,) = structured(result)["pixels"]
        found: Mapping[str, Any] = one
        return found

    with anyio.from_thread.start_blocking_portal() as portal:
        context = portal.wrap_async_context_manager(connected(FakeXAI(), folder))
        with context as connection:
            yield lambda *images: measure(connection, *images)


@st.composite
def pictures(draw: st.DrawFn) -> Image.Image:
    """Small pictures of few colours, opaque or not, so that many pixels are alike."""
    mode = draw(st.sampled_from(["RGB", "RGBA"]))
    size = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    levels = st.sampled_from([0, 3, 128, 255])
    colours = draw(st.lists(st.tuples(*[levels] * len(mode)), min_size=1, max_size=4))
    pixels = draw(
        st.lists(st.sampled_from(colours), min_size=size[0] * size[1], max_size=size[0] * size[1])
    )
    return Image.frombytes(mode, size, b"".join(map(bytes, pixels)))


@settings(max_examples=40, deadline=None)
@given(one=pictures(), other=pictures())
def test_what_is_measured_does_not_depend_on_which_picture_comes_first(
    client: Any, one: Image.Image, other: Image.Image
) -> None:
    there, back = client(one, other), client(other, one)
    for name in ("verdict", "changed_pixels", "anti_aliased_pixels", "faint_pixels", "same_size"):
        assert there[name] == back[name]
    assert sum(region["changed_pixels"] for region in there["regions"]) == there["changed_pixels"]


@settings(max_examples=20, deadline=None)
@given(one=pictures())
def test_a_picture_is_identical_with_itself(client: Any, one: Image.Image) -> None:
    found = client(one, one)
    assert (found["verdict"], found["changed_pixels"], found["similarity"]) == ("identical", 0, 1.0)
