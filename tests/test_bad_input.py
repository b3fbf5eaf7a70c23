"""Bad input: a coded error that names the source and what to do, and nothing leaves the machine."""

import base64
import os
import struct
import subprocess
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.fake_xai import FakeXAI
from tests.support import connected, describe, encoded, error_text, noise, quadrants, saved

pytestmark = pytest.mark.anyio


async def refused(xai: FakeXAI, folder: Path, image: str, **arguments: object) -> str:
    """Call describe_image, check that the provider saw nothing, and return the error's text."""
    text = error_text(await describe(xai, folder, image, **arguments))
    assert xai.requests == []
    assert "\n" not in text
    return text


async def test_a_missing_file_is_named_with_near_names(xai: FakeXAI, folder: Path) -> None:
    for name in ("dashboard.png", "dashboard-2.png", "other.txt", ".dashboard.png"):
        saved(folder, "x.png")
        (folder / name).write_bytes(b"")
    text = await refused(xai, folder, str(folder / "dashbord.png"))
    assert text.startswith(f"[not_found] image 1 ({folder}/dashbord.png): no such file; near names")
    assert "dashboard.png, dashboard-2.png" in text
    assert ".dashboard.png" not in text


async def test_a_missing_folder_is_told(xai: FakeXAI, folder: Path) -> None:
    text = await refused(xai, folder, str(folder / "nowhere" / "x.png"))
    assert text.startswith("[not_found]")
    assert "the folder does not exist either" in text


async def test_a_folder_is_told_with_pictures_in_it(xai: FakeXAI, folder: Path) -> None:
    saved(folder, "one.png")
    text = await refused(xai, folder, str(folder))
    assert text.startswith("[bad_source]")
    assert "it is a folder; name a picture in it, such as one.png" in text


async def test_an_empty_file_is_not_an_image(xai: FakeXAI, folder: Path) -> None:
    (folder / "empty.png").touch()
    assert "[not_an_image]" in await refused(xai, folder, str(folder / "empty.png"))


async def test_a_text_file_renamed_to_png_never_leaves_the_machine(
    xai: FakeXAI, folder: Path
) -> None:
    (folder / "x.png").write_text("secret\n")
    text = await refused(xai, folder, str(folder / "x.png"))
    assert text.startswith(f"[not_an_image] image 1 ({folder}/x.png): its content is not a picture")
    assert "secret" not in text


@pytest.mark.parametrize(
    ("content", "code", "named"),
    [
        (b"%PDF-1.7\n%%EOF", "damaged_image", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "damaged_image", "SVG"),
        (b"<feed><svg/></feed>", "not_an_image", "no SVG"),
        (b"\0\0\0\x18ftypheic" + bytes(64), "damaged_image", "HEIF"),
        (b"\0\0\0\x18ftypmp42" + bytes(64), "unsupported_format", "video"),
        (b"\0\0\1\0\1\0" + bytes(64), "damaged_image", "icon"),
        (b"8BPS" + bytes(64), "unsupported_format", "Photoshop"),
        (b"\xff\x0a" + bytes(64), "unsupported_format", "JPEG XL"),
        (b"<!DOCTYPE html><html></html>", "not_an_image", "web page"),
        (b"RIFF\0\0\0\0WAVEfmt ", "not_an_image", "not a picture"),
        (b"BM not a bitmap at all", "not_an_image", "not a picture"),
        (b"\0" * 100, "not_an_image", "not a picture"),
    ],
)
async def test_what_is_no_readable_picture_is_named_for_what_it_is(
    xai: FakeXAI, folder: Path, content: bytes, code: str, named: str
) -> None:
    (folder / "x.png").write_bytes(content)
    text = await refused(xai, folder, str(folder / "x.png"))
    assert text.startswith(f"[{code}]")
    assert named in text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
async def test_a_truncated_picture_is_damaged(xai: FakeXAI, folder: Path, kind: str) -> None:
    data = encoded(noise(64, 64), kind)
    (folder / "cut.png").write_bytes(data[: len(data) * 2 // 3])
    assert "[damaged_image]" in await refused(xai, folder, str(folder / "cut.png"))


@pytest.mark.parametrize(
    "content", [b"garbage, not deflate", zlib.compress(b"\0" * 10), zlib.compress(bytes(9)), b""]
)
async def test_a_png_whose_pixels_are_not_there_is_damaged(
    xai: FakeXAI, folder: Path, content: bytes
) -> None:
    whole = encoded(quadrants(), "PNG")
    start = whole.index(b"IDAT") - 4
    body = b"IDAT" + content
    chunk = len(content).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
    (folder / "hollow.png").write_bytes(whole[:start] + (chunk if content else b"") + whole[-12:])
    assert "[damaged_image]" in await refused(xai, folder, str(folder / "hollow.png"))


async def test_a_scan_bomb_behind_a_stray_byte_is_refused(xai: FakeXAI, folder: Path) -> None:
    whole = encoded(noise(64, 64), "JPEG", progressive=True)
    scan = whole.rindex(b"\xff\xda")
    bomb = whole[:scan] + b"\0" + whole[scan:-2] * 500 + whole[-2:]
    (folder / "bomb.jpg").write_bytes(bomb)
    text = await refused(xai, folder, str(folder / "bomb.jpg"))
    assert text.startswith("[damaged_image]")
    assert "scans" in text


@pytest.mark.parametrize("start", [b"\xff\xd8" + b"\xff\xfe\x00\x02" * 200_000])
async def test_a_flood_of_segments_is_refused(xai: FakeXAI, folder: Path, start: bytes) -> None:
    (folder / "flood.jpg").write_bytes(start)
    assert "far too many parts" in await refused(xai, folder, str(folder / "flood.jpg"))


@pytest.mark.parametrize("gap", [float("inf"), -3.4e38])
async def test_measurements_with_gaps_are_no_picture(
    xai: FakeXAI, folder: Path, gap: float
) -> None:
    image = Image.new("F", (64, 48), 0.5)
    image.putpixel((0, 0), gap)
    text = await refused(xai, folder, saved(folder, "map.tif", image))
    assert text.startswith("[unsupported_format]")


@pytest.mark.parametrize(("width", "height"), [(1, 1), (15, 17), (7, 400), (400, 7)])
async def test_a_picture_below_the_providers_minimum_is_too_small(
    xai: FakeXAI, folder: Path, width: int, height: int
) -> None:
    text = await refused(xai, folder, saved(folder, image=quadrants(width, height)))
    assert text.startswith("[too_small]")
    assert f"{width}x{height}" in text
    assert "8 pixels a side and 512" in text


async def test_a_file_over_the_byte_cap_is_too_large(xai: FakeXAI, folder: Path) -> None:
    text = await refused(xai, folder, saved(folder), setting_max_image_bytes=100)
    assert text.startswith("[too_large]")
    assert "GROK_VISION_MAX_IMAGE_BYTES" in text


async def test_a_data_uri_over_the_byte_cap_is_too_large(xai: FakeXAI, folder: Path) -> None:
    uri = f"data:image/png;base64,{base64.b64encode(encoded(quadrants(), 'PNG')).decode()}"
    text = await refused(xai, folder, uri, setting_max_image_bytes=100)
    assert text.startswith("[too_large] image 1 (data URI)")


async def test_a_picture_over_the_pixel_cap_is_refused_by_its_header(
    xai: FakeXAI, folder: Path
) -> None:
    text = await refused(xai, folder, saved(folder), setting_max_pixels=1000)
    assert text.startswith("[too_many_pixels]")
    assert "64x48" in text
    assert "GROK_VISION_MAX_PIXELS" in text


@pytest.mark.parametrize(("colour", "pixels"), [(6, "64,000,000"), (2, "64,000,000")])
async def test_a_colour_picture_that_would_fill_the_memory_is_refused_by_its_header(
    xai: FakeXAI, folder: Path, colour: int, pixels: str
) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 9000, 8000, 8, colour, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT" + bytes(40))
    text = await refused(xai, folder, str(folder / "bomb.png"))
    assert text.startswith("[too_many_pixels]")
    assert pixels in text


async def test_a_path_outside_the_roots_names_roots_and_setting_but_not_what_is_there(
    xai: FakeXAI, folder: Path, tmp_path: Path
) -> None:
    there, absent = saved(tmp_path, "outside.png"), str(tmp_path / "absent.png")
    texts = [await refused(xai, folder, path) for path in (there, absent)]
    for text in texts:
        assert text.startswith("[not_allowed]")
        assert str(folder) in text
        assert "GROK_VISION_ROOTS" in text
    assert texts[0].replace("outside.png", "") == texts[1].replace("absent.png", "")


@pytest.mark.parametrize("through", ["/etc/ssl/../..", "/etc/no-such-folder/../.."])
async def test_a_path_with_dots_does_not_tell_which_folders_exist_elsewhere(
    xai: FakeXAI, folder: Path, through: str
) -> None:
    result = await describe(xai, folder, through + saved(folder))
    assert not result.is_error


async def test_a_file_that_is_swapped_for_a_link_after_it_was_named_is_not_read(
    xai: FakeXAI, folder: Path, tmp_path: Path
) -> None:
    """The real name is that of what was opened: reading races with a loop of renames."""
    outside = Path(saved(tmp_path, "outside.png", quadrants(50, 50)))
    inside = Path(saved(folder, "inside.png"))
    (folder / "real.png").write_bytes(inside.read_bytes())
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for target in (outside, folder / "real.png"):
                (folder / "next").symlink_to(target)
                (folder / "next").rename(inside)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        async with connected(xai, folder) as client:
            for _ in range(150):
                await client.call_tool("describe_image", {"image": str(inside)})
    finally:
        stop.set()
        thread.join()
    assert xai.requests
    assert {request.images[0].width for request in xai.requests} == {64}


async def test_a_link_inside_the_roots_to_a_picture_outside_is_refused(
    xai: FakeXAI, folder: Path, tmp_path: Path
) -> None:
    (folder / "link.png").symlink_to(saved(tmp_path, "outside.png"))
    assert "[not_allowed]" in await refused(xai, folder, str(folder / "link.png"))


async def test_a_link_inside_the_roots_to_a_picture_inside_is_read(
    xai: FakeXAI, folder: Path
) -> None:
    (folder / "link.png").symlink_to(saved(folder, "real.png"))
    result = await describe(xai, folder, str(folder / "link.png"))
    assert not result.is_error


@pytest.mark.parametrize("name", [".hidden.png", ".ssh/key.png", "a/.git/x.png"])
async def test_hidden_files_and_folders_under_a_root_are_refused(
    xai: FakeXAI, folder: Path, name: str
) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    assert "[not_allowed]" in await refused(xai, folder, saved(folder, name))


async def test_the_folder_of_playwright_is_open_though_hidden(xai: FakeXAI, folder: Path) -> None:
    (folder / ".playwright-mcp").mkdir()
    result = await describe(xai, folder, saved(folder, ".playwright-mcp/page.png"))
    assert not result.is_error


async def test_a_root_that_is_itself_hidden_may_be_read(xai: FakeXAI, tmp_path: Path) -> None:
    hidden = tmp_path / ".cache"
    hidden.mkdir()
    result = await describe(xai, hidden, saved(hidden))
    assert not result.is_error


@pytest.mark.parametrize(
    "path", ["/proc/self/environ", "/dev/zero", "/dev/stdin", "/sys/kernel/uevent_seqnum"]
)
async def test_system_files_are_refused_even_where_every_file_is_a_root(
    xai: FakeXAI, path: str
) -> None:
    assert "[not_allowed]" in await refused(xai, Path("/"), path)


async def test_a_pipe_is_refused_at_once(xai: FakeXAI, folder: Path) -> None:
    os.mkfifo(folder / "pipe.png")
    assert "[bad_source]" in await refused(xai, folder, str(folder / "pipe.png"))


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder that anybody may enter, in a process that is nobody's: root reads everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        before = os.geteuid()
        if before == 0:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(before)


async def test_an_unreadable_file_is_told_as_such(xai: FakeXAI, as_nobody: Path) -> None:
    os.seteuid(os.getuid())
    (as_nobody / "closed").mkdir(0o700)
    path = Path(saved(as_nobody))
    path.chmod(0)
    if os.getuid() == 0:
        os.seteuid(65534)
    else:
        (as_nobody / "closed").chmod(0)
    expected = {path: "not_allowed", as_nobody / "closed" / "x.png": "not_allowed"}
    for name, code in expected.items():
        text = await refused(xai, as_nobody, str(name))
        assert text.startswith(f"[{code}]")
        assert "the operating system refuses" in text
    assert "[bad_source]" in await refused(xai, as_nobody, str(as_nobody / "closed"))
    os.seteuid(os.getuid())
    (as_nobody / "closed").chmod(0o700)


async def test_a_path_that_runs_through_a_file_is_not_found(xai: FakeXAI, folder: Path) -> None:
    assert "[not_found]" in await refused(xai, folder, f"{saved(folder)}/inner.png")


async def test_a_name_longer_than_the_system_allows_is_told(xai: FakeXAI, folder: Path) -> None:
    text = await refused(xai, folder, str(folder / ("a" * 300 + ".png")))
    assert text.startswith("[bad_source]")
    assert "ENAMETOOLONG" in text


async def test_without_any_root_no_file_is_read(xai: FakeXAI, folder: Path) -> None:
    text = await refused(xai, folder, saved(folder), setting_roots=())
    assert "no local file may be read here; set GROK_VISION_ROOTS" in text


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "no picture is named"),
        ("   ", "no picture is named"),
        ("''", "no picture is named"),
        ("a\0b.png", "NUL"),
        ("file:///a%00b.png", "NUL"),
        ("file://server/share/x.png", "another machine"),
        ("file://[a]x/b.png", "another machine"),
        ("a\ud800.png", "no file name can"),
        ("~\0/x.png", "home folder"),
        ("~\ud800/x.png", "home folder"),
        ("s3://bucket/x.png", "s3:// is not read"),
        ("ftp://example.com/x.png", "ftp:// is not read"),
        ("data:image/png,rawtext", "not base64"),
        ("data:image/png;base64,@@@@", "cannot be decoded"),
        ("data:,", "not base64"),
        ("iVBORw0KGgo" * 500, "bare base64"),
        ("what is this? " * 500, "too long"),
        ("~nobody-of-this-name/x.png", "home folder"),
    ],
)
async def test_what_names_no_picture_is_a_bad_source(
    xai: FakeXAI, folder: Path, source: str, told: str
) -> None:
    text = await refused(xai, folder, source)
    assert text.startswith("[bad_source] image 1 (")
    assert told in text
    assert len(text) < 400


@pytest.mark.parametrize(
    "source",
    [
        "http://[/x.png",
        "http://[::1/x.png",
        "http://ex\u2100mple.com/a",
        "http://",
        "https:///x.png",
        "http://a b/x.png",
    ],
)
async def test_a_url_that_no_parser_takes_is_a_coded_error(
    xai: FakeXAI, folder: Path, source: str
) -> None:
    text = await refused(xai, folder, source)
    assert text.startswith(("[bad_source] image 1 (http", "[blocked_address] image 1 (http"))


@pytest.mark.parametrize(
    "source",
    [
        "ftp://user:SECRET@host/x.png",
        "s3://bucket/x.png?X-Amz-Signature=SECRET",
        "https://user:SECRET@10.0.0.1/x.png#SECRET",
        "https://user:SECRET/SECRET@10.0.0.1/x.png",
        "https://user:SECRET?SECRET@10.0.0.1/x.png",
        '"data:image/png;base64,SECRET!"',
        "@data:image/png;base64,SECRET!",
    ],
)
async def test_no_secret_of_a_url_is_repeated(xai: FakeXAI, folder: Path, source: str) -> None:
    assert "SECRET" not in await refused(xai, folder, source)


async def test_a_data_uri_of_any_length_is_judged_by_its_beginning(
    xai: FakeXAI, folder: Path
) -> None:
    for source in ("data:" + ";" * 5_000_000, "data:" + "a" * 200_000 + "/b;base64,AAAA"):
        text = await refused(xai, folder, source)
        assert text.startswith("[bad_source] image 1 (data URI)")
        assert len(text) < 200


@pytest.mark.parametrize("path", ["\\\\server\\share\\x.png", "//server/share/x.png"])
async def test_network_paths_are_never_touched(xai: FakeXAI, folder: Path, path: str) -> None:
    text = await refused(xai, folder, path)
    assert text.startswith("[not_allowed]")
    assert "network paths" in text


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.png",
        "http://localhost/x.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/x.png",
        "http://[::1]/x.png",
        "https://192.168.1.1/x.png",
    ],
)
async def test_an_address_that_is_not_public_is_blocked(
    xai: FakeXAI, folder: Path, url: str
) -> None:
    assert "[blocked_address] image 1" in await refused(xai, folder, url)


async def test_urls_can_be_switched_off(xai: FakeXAI, folder: Path) -> None:
    text = await refused(xai, folder, "https://example.com/x.png", setting_url_mode="off")
    assert text.startswith("[not_allowed]")
    assert "GROK_VISION_URL_MODE" in text


async def test_the_query_of_a_url_is_not_repeated_in_an_error(xai: FakeXAI, folder: Path) -> None:
    text = await refused(xai, folder, "http://10.0.0.1/x.png?signature=verysecret#frag")
    assert "http://10.0.0.1/x.png" in text
    assert "verysecret" not in text


async def test_a_missing_key_names_its_variable(xai: FakeXAI, folder: Path) -> None:
    text = await refused(
        xai, folder, saved(folder), setting_xai_api_key=None, setting_provider="xai"
    )
    assert text.startswith("[missing_key]")
    assert "XAI_API_KEY" in text


async def test_a_custom_provider_without_an_address_is_a_bad_setting(
    xai: FakeXAI, folder: Path
) -> None:
    text = await refused(xai, folder, saved(folder), setting_provider="custom")
    assert text.startswith("[bad_setting]")
    assert "GROK_VISION_BASE_URL" in text


def test_an_unknown_provider_is_named_on_the_command_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grok_vision", "describe", "x.png"],
        env={**os.environ, "GROK_VISION_PROVIDER": "grock"},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error[bad_setting]: GROK_VISION_PROVIDER: Input should be 'auto'"
    )
    assert "grock" not in done.stderr
