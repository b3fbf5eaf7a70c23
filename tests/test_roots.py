"""Which folders may be read when nothing is configured, and what the door tells of several."""

import tempfile
from pathlib import Path

import pytest
from mcp import Client

from grok_vision.app import create_server
from grok_vision.errors import VisionError
from grok_vision.images import Images, Policy, default_roots
from grok_vision.images.local import LocalFiles
from grok_vision.images.roots import is_store
from grok_vision.images.source import FileSource, parse
from grok_vision.providers import endpoint
from grok_vision.settings import Settings
from tests.fake_xai import FakeXAI
from tests.support import describe, error_text, quadrants, saved

LIMITS = endpoint(Settings(xai_api_key="k")).choose().images


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    home = tmp_path / "home"
    for name in ("Desktop", "Downloads", "Pictures", ".ssh"):
        (home / name).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    return home


def test_the_users_picture_folders_and_the_temporary_folder_are_open(home: Path) -> None:
    roots = default_roots()
    assert {home / "Desktop", home / "Downloads", home / "Pictures"} <= set(roots)
    assert Path(tempfile.gettempdir()) in roots


def test_folders_that_do_not_exist_are_left_out(home: Path) -> None:
    assert home / "Documents" not in default_roots()


def test_the_home_itself_is_never_open(home: Path) -> None:
    assert home not in default_roots()


def test_folders_that_the_desktop_calls_otherwise_are_open(home: Path) -> None:
    for name in ("Schreibtisch", "Bilder", "Musik"):
        (home / name).mkdir()
    (home / ".config").mkdir()
    (home / ".config" / "user-dirs.dirs").write_text(
        "# This file is written by xdg-user-dirs-update\n"
        'XDG_DESKTOP_DIR="$HOME/Schreibtisch"\n'
        'XDG_DOWNLOAD_DIR="$HOME/"\n'
        'XDG_DOCUMENTS_DIR="$HOME/Bilder/.."\n'
        'XDG_PICTURES_DIR="$HOME/Bilder"\n'
        'XDG_MUSIC_DIR="$HOME/Musik"\n'
        '#XDG_PICTURES_DIR="$HOME/.ssh"\n'
    )
    roots = default_roots()
    assert {home / "Schreibtisch", home / "Bilder"} <= set(roots)
    assert not {home, home / "Musik", home / ".ssh"} & set(roots)


@pytest.mark.anyio
async def test_a_server_that_others_can_call_opens_no_folder_by_itself(
    xai: FakeXAI, home: Path
) -> None:
    path = saved(home / "Desktop")
    settings = Settings(xai_api_key="test")
    for desktop in (True, False):
        server = create_server(settings, transport=xai.transport(), desktop=desktop)
        async with Client(server) as client:
            result = await client.call_tool("describe_image", {"image": path})
        assert result.is_error is not desktop
    assert "set GROK_VISION_ROOTS" in error_text(result)


@pytest.mark.parametrize(
    "folder", ["/", "/usr", "/etc", "/var", "/home", "/usr/bin", "/var/lib", "/proc/self"]
)
def test_a_system_folder_is_not_open_though_the_server_started_there(
    home: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(folder)
    assert Path(folder) not in default_roots()


def test_the_folder_where_the_server_started_is_open(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = home / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    assert default_roots()[0] == project


def test_a_home_behind_a_link_is_not_open(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(home)
    monkeypatch.setenv("HOME", str(tmp_path / "link"))
    assert home not in default_roots()


def test_a_folder_above_the_home_is_not_open(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.parent)
    assert home.parent not in default_roots()


@pytest.mark.parametrize("name", ["Library/Application Support/Host", "AppData/Local/Host/app-1.0"])
def test_a_folder_of_programs_is_not_open_though_the_server_started_there(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (home / name).mkdir(parents=True)
    monkeypatch.chdir(home / name)
    assert home / name not in default_roots()


def may_read(roots: list[Path], path: Path) -> bool:
    """Tell whether the file, which is made for it, may be read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"content")
    source = parse(str(path), max_bytes=1)
    assert isinstance(source, FileSource)
    try:
        LocalFiles(roots, max_bytes=100).read(source)
    except VisionError as error:
        return error.code != "not_allowed"
    return True


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("Pictures/x.png", True),
        ("..x.png", True),
        (".playwright-mcp/x.png", True),
        ("work/Library/x.png", True),
        ("Library/Mobile Documents/com~apple~CloudDocs/x.png", True),
        ("Library/CloudStorage/Dropbox/x.png", True),
        ("Library/Messages/Attachments/x.png", False),
        ("Library/x.png", False),
        ("AppData/Roaming/Host/x.png", False),
        (".ssh/x.png", False),
        ("Pictures/.thumbnails/x.png", False),
        ("Pictures/..data/x.png", False),
    ],
)
def test_what_programs_keep_in_a_home_stays_closed_where_the_home_is_a_root(
    home: Path, name: str, readable: bool
) -> None:
    assert may_read([home], home / name) is readable
    assert may_read([home.parent], home / name) is readable


def test_a_root_inside_a_closed_folder_is_open(home: Path) -> None:
    temporary = home / "AppData" / "Local" / "Temp"
    temporary.mkdir(parents=True)
    assert may_read([home, temporary], temporary / "x.png")
    assert not may_read([home, temporary], temporary.parent / "x.png")


@pytest.mark.parametrize(
    ("folder", "closed"),
    [
        ("/Users/x/Library", True),
        ("/home/x/Library", True),
        ("/srv/x/Library", False),
        ("/Users/Library", False),
        ("/Library", False),
    ],
)
def test_the_homes_of_all_users_are_known(folder: str, closed: bool) -> None:
    assert is_store(Path(folder), Path(folder, "Messages", "x.png")) is closed


@pytest.fixture
def in_a_folder_that_is_gone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = home / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()


@pytest.mark.usefixtures("in_a_folder_that_is_gone")
def test_a_folder_that_is_gone_leaves_the_other_roots(home: Path) -> None:
    assert home / "Desktop" in default_roots()


@pytest.mark.anyio
@pytest.mark.usefixtures("in_a_folder_that_is_gone")
async def test_a_relative_path_from_a_folder_that_is_gone_is_told_as_a_problem(
    home: Path,
) -> None:
    with pytest.raises(VisionError, match="pass an absolute path"):
        await images_of(home).prepare(["shot.png"], limits=LIMITS, detail="auto")


@pytest.mark.anyio
@pytest.mark.usefixtures("in_a_folder_that_is_gone")
@pytest.mark.parametrize("written", ['"{}"', "@{}", "~/shot.png", "latest"])
async def test_what_is_not_relative_is_found_from_a_folder_that_is_gone(
    xai: FakeXAI, home: Path, written: str
) -> None:
    result = await describe(xai, home, written.format(saved(home)))
    assert not result.is_error, result.content


def images_of(folder: Path) -> Images:
    return Images(
        Policy(roots=(folder,), max_bytes=10_000_000, max_pixels=10_000_000, fetch_deadline=1)
    )


@pytest.mark.anyio
async def test_all_problems_of_several_images_are_told_at_once(folder: Path) -> None:
    (folder / "text.png").write_text("secret")
    sources = [saved(folder), str(folder / "text.png"), str(folder / "absent.png")]
    with pytest.raises(VisionError) as caught:
        await images_of(folder).prepare(sources, limits=LIMITS, detail="auto")
    assert caught.value.code == "not_an_image"
    assert caught.value.message.splitlines()[0] == (
        "2 of 3 images cannot be used, so nothing was sent:"
    )
    assert f"[not_an_image] image 2 ({sources[1]}): " in caught.value.message
    assert f"[not_found] image 3 ({sources[2]}): " in caught.value.message


@pytest.mark.anyio
async def test_no_source_gives_no_picture(folder: Path) -> None:
    limits = endpoint(Settings(provider="groq", groq_api_key="k")).choose().images
    assert await images_of(folder).prepare([], limits=limits, detail="auto") == []


@pytest.mark.anyio
async def test_several_pictures_come_in_the_order_of_their_sources(folder: Path) -> None:
    sources = [saved(folder, f"{width}.png", quadrants(width, 40)) for width in (50, 60, 70)]
    prepared = await images_of(folder).prepare(sources, limits=LIMITS, detail="auto")
    assert [picture.report.sent_width for picture in prepared] == [50, 60, 70]
    assert [picture.report.source for picture in prepared] == sources
