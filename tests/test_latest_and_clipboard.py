"""`latest` and `clipboard`: the picture an agent means without knowing its name."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from grok_vision.errors import VisionError
from grok_vision.images.clipboard import copied_file, read_clipboard
from grok_vision.images.local import LocalFile, LocalFiles
from grok_vision.images.source import LatestSource, parse
from tests.fake_xai import FakeXAI
from tests.support import describe, encoded, error_text, quadrants, structured


def put(folder: Path, *names: str, age: int = 0) -> None:
    """Write files that hold their names; the later in the list, and the younger, the newer."""
    for place, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        os.utime(path, (0, 1_000_000 - age * 1000 + place))


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be a user whom permissions hold back: root reads everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
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
        with as_nobody():
            assert newest(folder).path.name == "older.png"


def test_a_picture_that_is_too_large_is_told_by_its_name(folder: Path) -> None:
    put(folder, "large.png")
    with pytest.raises(VisionError, match=r"large\.png: it has 9 bytes") as caught:
        newest(folder, max_bytes=5)
    assert caught.value.code == "too_large"


def test_without_any_picture_the_folders_are_named(folder: Path) -> None:
    with pytest.raises(VisionError, match=f"no picture in .*{folder}.*save one there") as caught:
        newest(folder, folder / "no such folder")
    assert caught.value.code == "not_found"


def test_without_any_root_nothing_is_looked_for() -> None:
    with pytest.raises(VisionError, match="GROK_VISION_ROOTS") as caught:
        newest()
    assert caught.value.code == "not_allowed"


def test_where_all_files_may_be_read_the_default_folders_are_searched(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    put(folder, "shot.png")
    os.utime(folder / "shot.png", (4_000_000_000, 4_000_000_000))
    assert LocalFiles(None, max_bytes=100).latest().path == folder / "shot.png"


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
@pytest.mark.parametrize("written", ["latest", "Latest", '"latest"', "@latest", " latest\n"])
async def test_the_newest_picture_is_described(xai: FakeXAI, folder: Path, written: str) -> None:
    put(folder, "broken.png", age=1)
    (folder / "shot.png").write_bytes(encoded(quadrants(), "PNG"))
    structured(await describe(xai, folder, written))
    assert xai.requests[0].images[0].width == 64


Helper = Callable[[str], None]


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Helper:
    """Install a script as `xclip`, by which Pillow reads the clipboard of X11."""
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
@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        ("echo 'Error: target image/png not available' >&2; exit 1", "not_found", "holds no pic"),
        ("echo 'a text'", "not_found", "holds no picture"),
        ("echo 'cannot open display SECRET' >&2; exit 1", "bad_source", "cannot be reached"),
        ("printf '\\211PNG\\r\\n\\032\\n'", "not_found", "holds no picture"),
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


def test_a_damaged_picture_in_the_clipboard_is_damaged(
    folder: Path, tmp_path: Path, helper: Helper
) -> None:
    whole = encoded(Image.effect_noise((64, 64), 80), "PNG")
    (tmp_path / "copied").write_bytes(whole[: len(whole) // 2])
    helper(f"exec /bin/cat '{tmp_path}/copied'")
    with pytest.raises(VisionError) as caught:
        read_clipboard(LocalFiles([folder], max_bytes=100_000))
    assert caught.value.code == "damaged_image"


def test_a_copied_picture_over_the_limit_is_too_large(
    folder: Path, tmp_path: Path, helper: Helper
) -> None:
    (tmp_path / "copied").write_bytes(encoded(quadrants(), "PNG"))
    helper(f"exec /bin/cat '{tmp_path}/copied'")
    with pytest.raises(VisionError) as caught:
        read_clipboard(LocalFiles([folder], max_bytes=50))
    assert caught.value.code == "too_large"


def test_a_copied_file_is_read_where_any_file_may_be(folder: Path, tmp_path: Path) -> None:
    put(folder, "a.png")
    put(tmp_path, "outside.png")
    files = LocalFiles([folder], max_bytes=100)
    assert copied_file([str(folder / "a.png"), "ignored"], files) == b"a.png"
    for paths, code in (([str(tmp_path / "outside.png")], "not_allowed"), ([], "not_found")):
        with pytest.raises(VisionError) as caught:
            copied_file(paths, files)
        assert caught.value.code == code
