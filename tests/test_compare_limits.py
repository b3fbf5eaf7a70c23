"""What keeps a comparison within bounds: memory, sizes, names, and what a model may say."""

import json
import os
import sys
from pathlib import Path

import pytest
from mcp import Client
from PIL import Image, ImageChops, ImageStat

from grok_vision.app import create_server
from tests.fake_provider import OPENROUTER, FakeProvider
from tests.fake_xai import FakeXAI, Recorded
from tests.support import (
    compare,
    connected,
    error_text,
    saved,
    settings_for,
    structured,
)
from tests.test_compare_answers import closeups, seen, spotted
from tests.test_compare_images import entry, page, pair, told
from tests.test_provider_quirks import asking

pytestmark = pytest.mark.anyio


async def test_two_pictures_that_would_need_a_huge_canvas_together_are_refused(
    xai: FakeXAI, folder: Path
) -> None:
    wide, high = Image.new("L", (20_000, 10)), Image.new("L", (10, 20_000))
    images = [saved(folder, "wide.png", wide), saved(folder, "high.png", high)]
    text = error_text(await compare(xai, folder, images, mode="pixels"))
    assert text.startswith(f"[too_many_pixels] image 2 ({images[1]}): ")
    assert "20000x20000" in text


async def test_a_number_that_json_takes_for_an_integer_is_one(folder: Path) -> None:
    xai = FakeXAI(answer=told(entry(region=1.0, picture=2.0)))
    answer = structured(await compare(xai, folder, pair(folder)))
    assert answer["differences"][0]["region"]["width"] == 7
    assert answer["differences"][0]["image"] == 2


async def test_no_link_or_picture_is_built_from_what_a_model_says(folder: Path) -> None:
    words = "![x](https://evil.example/a.png) [y](https://evil.example) <img src=x> `z`"
    xai = FakeXAI(answer=told(entry(description=words), summary=words))
    result = await compare(xai, folder, pair(folder))
    text = result.content[0].text
    assert "![" not in text.replace("\\!\\[", "")
    assert "](" not in text.replace("\\](", "")
    assert "<img" not in text.replace("\\<img", "")
    assert structured(result)["differences"][0]["description"] == words


async def test_a_model_that_says_far_too_much_is_cut_off(folder: Path) -> None:
    said = [entry(description="x" * 5_000) for _ in range(300)]
    xai = FakeXAI(answer=told(*said, summary="y" * 9_000))
    answer = structured(await compare(xai, folder, pair(folder)))
    assert len(answer["differences"]) == 100
    assert len(json.dumps(answer)) < 150_000
    assert any("300 differences" in warning for warning in answer["warnings"])


async def test_regions_are_shown_no_larger_than_a_provider_takes(folder: Path) -> None:
    before = Image.new("RGB", (600, 12_000), "white")
    after = before.copy()
    after.paste("navy", (100, 500, 300, 6_000))
    asked: list[Recorded] = []

    def answer(request: Recorded) -> str:
        asked.append(request)
        return told(entry())

    provider = FakeProvider(OPENROUTER, answer=answer)
    images = [saved(folder, "before.png", before), saved(folder, "after.png", after)]
    async with asking(provider, folder) as client:
        structured(await client.call_tool("compare_images", {"images": images}))
    assert all(max(one.width, one.height) <= 4096 for one in asked[0].images)


async def test_what_only_one_picture_has_is_shown_from_that_one(folder: Path) -> None:
    before, after = spotted((40, 40), size=(400, 300)), spotted((40, 40), size=(400, 500))
    after.paste("navy", (200, 420, 260, 440))
    asked: list[Recorded] = []

    def answer(request: Recorded) -> str:
        asked.append(request)
        return told(entry())

    images = [saved(folder, "before.png", before), saved(folder, "after.png", after)]
    # What is left of the longer page lies beyond the reference.
    structured(await compare(FakeXAI(answer=answer), folder, images, ignore=["0,300,400,100"]))
    (request,) = asked
    label = next(text for text in request.texts if text.startswith("[Region 1"))
    assert "which only picture 2 has. The next picture shows it" in label
    assert closeups(request) == []
    assert len(request.images) == 3
    assert min(request.images[2].width, request.images[2].height) > 100


async def test_places_of_a_selected_part_are_told_in_one_frame(folder: Path) -> None:
    size = (600, 8_000)
    before, after = spotted((40, 40), size=size), spotted((40, 40), (300, 6_000), size=size)
    asked: list[Recorded] = []

    def answer(request: Recorded) -> str:
        asked.append(request)
        return told(entry())

    images = [
        f"{saved(folder, name, image)}#xywh=0,2000,600,6000"
        for name, image in (("before.png", before), ("after.png", after))
    ]
    structured(await compare(FakeXAI(answer=answer), folder, images, detail="high"))
    parts = [text for text in asked[0].texts if "Part 1 of" in text]
    assert parts
    assert all(", y 0 to " in text for text in parts)
    (closeup,) = closeups(asked[0])
    assert closeup.box[1] < 4_000 < closeup.box[3]


async def test_a_drawing_at_its_own_size_is_compared_at_that(folder: Path) -> None:
    pytest.importorskip("resvg_py")
    for name, height in (("a.svg", 600), ("b.svg", 900)):
        shapes = '<rect x="10" y="10" width="50" height="50" fill="red"/>'
        box = f'xmlns="http://www.w3.org/2000/svg" width="800" height="{height}"'
        (folder / name).write_text(f"<svg {box}>{shapes}</svg>")
    images = [str(folder / "a.svg"), str(folder / "b.svg")]
    answer = structured(await compare(FakeXAI(), folder, images, mode="pixels"))
    assert answer["pixels"][0]["changed_pixels"] == 800 * 300


@pytest.mark.skipif(sys.platform == "win32", reason="links are for POSIX here")
async def test_a_link_in_the_folder_of_drawings_leads_nowhere(folder: Path) -> None:
    secret, drawn = folder.parent / "secret.txt", folder.parent / "drawn"
    secret.write_text("TOP SECRET")
    drawn.mkdir()
    name = "diff-20260101-000000-0123456789abcdef.png"
    os.symlink(secret, drawn / name)
    async with connected(FakeXAI(), folder) as client:
        with pytest.raises(Exception, match="no longer kept"):
            await client.read_resource(f"vision://diffs/{name}")


async def test_callers_from_elsewhere_are_told_no_path_of_this_machine(folder: Path) -> None:
    server = create_server(settings_for(folder), transport=FakeXAI().transport(), desktop=False)
    async with Client(server) as client:
        call = {"images": pair(folder), "mode": "pixels"}
        result = await client.call_tool("compare_images", call)
    assert "diff_path" not in structured(result)["pixels"][0]
    assert [block.type for block in result.content] == ["text", "resource_link"]


async def test_rectangles_are_taken_as_results_tell_them_too(folder: Path) -> None:
    region = {"x": 190, "y": 170, "width": 100, "height": 60, "changed_pixels": 3}
    for ignore in ([region], region, [[190, 170, 100, 60]], "190,170,100,60"):
        call = {"mode": "pixels", "ignore": ignore}
        answer = structured(await compare(FakeXAI(), folder, pair(folder), **call))
        assert answer["verdict"] == "identical"


async def test_latest_is_never_what_a_comparison_drew(folder: Path) -> None:
    images = pair(folder)
    await compare(FakeXAI(), folder, images, mode="pixels", setting_output_dir=folder)
    (drawn,) = folder.glob("diff-*.png")
    os.utime(drawn, (2_000_000_000, 2_000_000_000))
    call = [images[0], "latest"]
    answer = structured(await compare(FakeXAI(), folder, call, mode="pixels"))
    assert "diff-" not in answer["images"][1]["source"]


async def test_a_prompt_that_no_model_reads_is_told(folder: Path) -> None:
    call = {"mode": "pixels", "prompt": "Only the amount."}
    answer = structured(await compare(FakeXAI(), folder, pair(folder), **call))
    assert answer["warnings"] == ["mode=pixels asks no model: prompt was not used."]


async def test_of_an_animation_the_image_is_named_once(folder: Path) -> None:
    frames = [page(), page("$1")]
    path = folder / "moving.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    xai = FakeXAI(answer=told(entry()))
    answer = structured(await compare(xai, folder, [str(path), pair(folder)[1]]))
    told_of = [warning for warning in answer["warnings"] if "2 frames" in warning]
    assert told_of == [
        "image 1: the GIF has 2 frames; only the first was used; name a time in seconds with "
        "#t=1.5."
    ]


async def test_of_a_twin_both_pictures_show_the_same_part(folder: Path) -> None:
    before = page()
    after = before.resize((640, 480), Image.Resampling.LANCZOS)
    after.paste("red", (40, 120, 240, 180))
    asked: list[Recorded] = []

    def answer(request: Recorded) -> str:
        asked.append(request)
        return told(entry())

    images = [saved(folder, "before.png", before), saved(folder, "after.png", after)]
    found = structured(await compare(FakeXAI(answer=answer), folder, images))["pixels"][0]
    assert found["scale"] == 2
    assert found["unlike"]
    (closeup, *_) = closeups(asked[0])
    assert closeup.before.width == closeup.after.width
    left, top, right, bottom = closeup.box
    shown = after.crop((2 * left, 2 * top, 2 * right, 2 * bottom))
    sent = seen(closeup.after).resize(shown.size)
    assert max(ImageStat.Stat(ImageChops.difference(shown, sent)).mean) < 8
