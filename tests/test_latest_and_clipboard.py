"""`latest` and `clipboard`: the picture an agent means without knowing its name."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest
from PIL import Image

from grok_vision.errors import VisionError
from grok_vision.images.clipboard import copied_file
from grok_vision.images.local import LocalFile, LocalFiles
from grok_vision.images.source import ClipboardSource, LatestSource, parse
from grok_vision.vision import build_vision
from tests.fake_xai import FakeXAI
from tests.support import (
    describe,
    encoded,
    error_text,
    quadrants,
    saved,
    settings_for,
    structured,
)


def put(folder: Path, *names: str, age: int = 0) -> None:
    """Write files that hold their names; the later in the list, and the younger, the newer."""
    for place, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        os.utime(path, (0, 1_000_000 - age * 1000 + place))


NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be a user whom permissions hold back: root reads everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def newest(*folders: Path, max_bytes: int = 100) -> LocalFile:
    return LocalFiles(folders, max_bytes=max_bytes).latest()


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test starts in a folder that has a file called `latest`."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


def test_the_picture_that_was_modified_last_is_meant(tmp_path: Path) -> None:
    put(tmp_path / "one", "a.png", "z.jpg", age=1)
    put(tmp_path / "two", "old.png", "sub/Screenshot.PNG")
    file = newest(tmp_path / "one", tmp_path / "two")
    assert file.path == tmp_path / "two" / "sub" / "Screenshot.PNG"
    assert file.data == b"sub/Screenshot.PNG"


@pytest.mark.parametrize("name", ["a.heic", "a.heif", "a.ico", "a.svg", "a.pdf", "a.avif", "a.tif"])
def test_every_kind_of_picture_counts(folder: Path, name: str) -> None:
    put(folder, "older.png", name)
    assert newest(folder).path.name == name


@pytest.mark.parametrize(
    "name",
    [
        *("notes.txt", "png", ".hidden.png", ".git/a.png", "a/.cache/b.png", "..data/a.png"),
        *("node_modules/a.png", "a/node_modules/b/c.png", "1/2/3/4/deep.png"),
    ],
)
def test_what_is_hidden_deep_or_no_picture_does_not_count(folder: Path, name: str) -> None:
    put(folder, "older.png", name)
    assert newest(folder).path.name == "older.png"


@pytest.mark.parametrize("name", [".playwright-mcp/page.png", "1/2/3/deep.png", "..a.png"])
def test_where_screenshot_tools_write_does_count(folder: Path, name: str) -> None:
    put(folder, "older.png", name)
    assert newest(folder).path == folder / name


def test_links_do_not_count(folder: Path, tmp_path: Path) -> None:
    put(folder, "older.png")
    put(tmp_path / "outside", "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "outside" / "secret.png")
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "loop").symlink_to(folder)
    assert newest(folder).path.name == "older.png"


def test_a_folder_called_like_a_picture_does_not_count(folder: Path) -> None:
    put(folder, "older.png", "folder.png/notes.txt")
    assert newest(folder).path.name == "older.png"


def test_what_lies_near_a_root_is_seen_though_another_folder_is_full(folder: Path) -> None:
    put(folder / "two", "shot.png")
    full = folder / "one" / "sub"
    full.mkdir(parents=True)
    for number in range(20_100):
        os.link(folder / "two" / "shot.png", full / f"{number}")
    assert newest(folder / "one", folder / "two").path.name == "shot.png"


def test_a_picture_that_may_not_be_opened_is_passed_over() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        put(folder, "older.png", "newer.png")
        (folder / "newer.png").chmod(0)
        if os.geteuid() == 0:
            for path in folder.iterdir():
                os.chown(path, NOBODY, NOBODY)
        with as_nobody():
            assert newest(folder).path.name == "older.png"


def test_a_picture_that_is_too_large_is_told_by_its_name(folder: Path) -> None:
    put(folder, "large.png")
    with pytest.raises(VisionError, match=r"large\.png: it has 9 bytes") as caught:
        newest(folder, max_bytes=5)
    assert caught.value.code == "too_large"


def test_without_any_picture_the_folders_are_named(folder: Path) -> None:
    told = f"no picture of yours in .*{folder}.*save one there"
    with pytest.raises(VisionError, match=told) as caught:
        newest(folder, folder / "no such folder")
    assert caught.value.code == "not_found"


def test_without_any_root_nothing_is_looked_for() -> None:
    with pytest.raises(VisionError, match="GROK_VISION_ROOTS") as caught:
        newest()
    assert caught.value.code == "not_allowed"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_picture_of_another_user_does_not_count(folder: Path) -> None:
    """Anybody may write into /tmp, with a date in the future."""
    put(folder, "own.png", "planted.png")
    os.chown(folder / "planted.png", NOBODY, NOBODY)
    assert newest(folder).path.name == "own.png"


@pytest.mark.anyio
async def test_on_the_command_line_the_configured_folders_are_searched(
    xai: FakeXAI, folder: Path
) -> None:
    saved(folder)
    settings = settings_for(folder)
    async with build_vision(settings, any_file=True, transport=xai.transport()) as vision:
        result = await (await vision.journey()).describe_image("latest")
    assert result.images[0].source == f"latest ({folder / 'shot.png'})"


@pytest.mark.anyio
async def test_a_failure_names_the_picture_that_was_found(xai: FakeXAI, folder: Path) -> None:
    (folder / "broken.png").write_bytes(encoded(quadrants(), "PNG")[:100])
    text = error_text(await describe(xai, folder, "latest"))
    assert text.startswith(f"[damaged_image] image 1 (latest ({folder / 'broken.png'})): ")


def test_a_folder_called_latest_is_no_file_called_latest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    put(folder, "latest/report.txt", "shot.png")
    assert newest(folder).path == folder / "shot.png"


def test_the_selection_is_kept(folder: Path) -> None:
    put(folder, "scan.pdf")
    source = parse("LATEST#page=3", max_bytes=1)
    assert isinstance(source, LatestSource)
    assert LocalFiles([folder], max_bytes=100).latest(source).selection.page == 3


@pytest.mark.anyio
@pytest.mark.parametrize(
    "written",
    [
        "latest",
        "Latest",
        '"latest"',
        "@latest",
        " latest\n",
        "latest ",
        "\tlatest\xa0",
        "'latest' ",
    ],
)
async def test_the_newest_picture_is_described(xai: FakeXAI, folder: Path, written: str) -> None:
    put(folder, "broken.png", age=1)
    (folder / "shot.png").write_bytes(encoded(quadrants(), "PNG"))
    structured(await describe(xai, folder, written))
    assert xai.requests[0].images[0].width == 64


Helper = Callable[[str], None]


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Helper:
    """Install a script as `xclip`, by which the clipboard of X11 is read."""
    if sys.platform in {"darwin", "win32"}:
        pytest.skip("this system has a clipboard of its own")
    commands = tmp_path / "commands"
    commands.mkdir()
    monkeypatch.setenv("PATH", str(commands))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    def install(script: str) -> None:
        (commands / "xclip").write_text(f"#!/bin/sh\n{script}\n")
        (commands / "xclip").chmod(0o755)

    return install


@pytest.mark.anyio
async def test_the_copied_picture_is_described(
    xai: FakeXAI, folder: Path, tmp_path: Path, helper: Helper
) -> None:
    (tmp_path / "copied").write_bytes(encoded(quadrants(70, 40), "PNG"))
    helper(f"exec /bin/cat '{tmp_path}/copied'")
    structured(await describe(xai, folder, "clipboard"))
    image = xai.requests[0].images[0]
    assert (image.width, image.height) == (70, 40)


@pytest.mark.anyio
async def test_the_copied_bytes_are_judged_like_those_of_a_file(
    xai: FakeXAI, folder: Path, tmp_path: Path, helper: Helper
) -> None:
    """No decoder that is closed to files is open to what was copied."""
    helper(f"exec /bin/cat '{tmp_path}/copied'")
    (tmp_path / "copied").write_bytes(encoded(quadrants(), "JPEG"))
    (image,) = structured(await describe(xai, folder, "clipboard"))["images"]
    assert (image["format"], image["bytes"]) == ("JPEG", (tmp_path / "copied").stat().st_size)
    (tmp_path / "copied").write_bytes(encoded(quadrants(), "PPM"))
    text = error_text(await describe(xai, folder, "clipboard"))
    assert text.startswith(("[unsupported_format]", "[not_an_image]"))


@pytest.mark.anyio
async def test_a_helper_that_never_ends_its_picture_is_stopped_at_the_limit(
    xai: FakeXAI, folder: Path, helper: Helper
) -> None:
    helper("exec /bin/cat /dev/zero")
    assert error_text(await describe(xai, folder, "clipboard")).startswith("[too_large]")


@pytest.mark.anyio
@pytest.mark.parametrize("script", ["/bin/sleep 60", "exec >&- 2>&-; /bin/sleep 60"])
async def test_a_program_that_copied_and_hangs_is_told(
    xai: FakeXAI, folder: Path, helper: Helper, script: str
) -> None:
    helper(script)
    text = error_text(await describe(xai, folder, "clipboard"))
    assert text.startswith("[bad_source] image 1 (clipboard): ")
    assert "does not answer" in text


@pytest.mark.anyio
async def test_the_helper_ends_with_the_call(
    xai: FakeXAI, folder: Path, tmp_path: Path, helper: Helper
) -> None:
    os.mkfifo(tmp_path / "alive")
    helper(f"exec 9> '{tmp_path}/alive'; echo started >&9; /bin/sleep 60")
    alive = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(describe, xai, folder, "clipboard")
            await anyio.wait_readable(alive)
            assert os.read(alive, 100) == b"started\n"
            group.cancel_scope.cancel()
        # The pipe ends when nobody, also no child of the helper, can write to it.
        await anyio.wait_readable(alive)
        assert os.read(alive, 100) == b""
    os.close(alive)


@pytest.mark.anyio
async def test_the_helper_is_handed_no_key(
    xai: FakeXAI, folder: Path, tmp_path: Path, helper: Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XAI_API_KEY", "distinctive")
    helper(f"/usr/bin/env > '{tmp_path}/environment'; exit 1")
    error_text(await describe(xai, folder, "clipboard"))
    environment = (tmp_path / "environment").read_text()
    assert "DISPLAY=:0" in environment
    assert "distinctive" not in environment


@pytest.mark.anyio
async def test_variables_that_the_host_dropped_are_named(
    xai: FakeXAI, folder: Path, helper: Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY")
    helper("echo 'cannot open display' >&2; exit 1")
    text = error_text(await describe(xai, folder, "clipboard"))
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in text


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        ("echo 'Error: target image/png not available' >&2; exit 1", "not_found", "holds no pic"),
        ("exit 0", "not_found", "holds no picture"),
        ("echo 'a text'", "not_an_image", "not a picture"),
        ("echo 'cannot open display SECRET' >&2; exit 1", "bad_source", "cannot be reached"),
        ("printf '\\211PNG\\r\\n\\032\\n'", "damaged_image", ""),
    ],
)
async def test_a_clipboard_without_a_picture_is_told(
    xai: FakeXAI, folder: Path, helper: Helper, script: str, code: str, told: str
) -> None:
    helper(script)
    text = error_text(await describe(xai, folder, "clipboard"))
    assert text.startswith(f"[{code}] image 1 (clipboard): ")
    assert told in text
    assert "SECRET" not in text
    assert xai.requests == []


@pytest.mark.anyio
@pytest.mark.usefixtures("helper")
async def test_without_a_helper_what_to_install_is_told(xai: FakeXAI, folder: Path) -> None:
    text = error_text(await describe(xai, folder, "clipboard"))
    assert text.startswith("[bad_source] image 1 (clipboard): ")
    assert "install wl-clipboard (Wayland) or xclip (X11)" in text


@pytest.mark.anyio
async def test_a_damaged_picture_in_the_clipboard_is_damaged(
    xai: FakeXAI, folder: Path, tmp_path: Path, helper: Helper
) -> None:
    whole = encoded(Image.effect_noise((64, 64), 80), "PNG")
    (tmp_path / "copied").write_bytes(whole[: len(whole) // 2])
    helper(f"exec /bin/cat '{tmp_path}/copied'")
    assert error_text(await describe(xai, folder, "clipboard")).startswith("[damaged_image]")


def test_a_copied_file_is_read_where_any_file_may_be(folder: Path, tmp_path: Path) -> None:
    put(folder, "a.png")
    put(tmp_path, "outside.png")
    files, source = LocalFiles([folder], max_bytes=100), ClipboardSource()
    copied = copied_file([str(folder / "a.png"), "ignored"], files, source)
    assert (copied.data, copied.path) == (b"a.png", folder / "a.png")
    for paths, code in (([str(tmp_path / "outside.png")], "not_allowed"), ([], "not_found")):
        with pytest.raises(VisionError) as caught:
            copied_file(paths, files, source)
        assert caught.value.code == code
