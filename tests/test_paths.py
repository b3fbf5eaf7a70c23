"""Paths as people and agents write them: what is read, what is refused, and what nobody guesses."""

import base64
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grok_vision.errors import SourceError, VisionError
from grok_vision.images.labels import label_of
from grok_vision.images.local import LocalFiles
from grok_vision.images.machine import Machine
from grok_vision.images.source import FileSource, UrlSource, parse
from tests.fake_xai import FakeXAI
from tests.support import describe, encoded, error_text, quadrants, saved

ROWS: list[dict[str, str]] = json.loads(
    (Path(__file__).parent / "data" / "path_vectors.json").read_text(encoding="utf-8")
)
# What a row is refused with that names a file which may be opened.
OPENED = {
    "special-15": "too_large",
    "special-17": "not_an_image" if os.name == "posix" and os.geteuid() == 0 else "not_allowed",
    "special-19": "damaged_image",
}
POSIX, WINDOWS = Machine(), Machine(windows=True)
WSL = Machine(drives=frozenset("cd"), distribution="Ubuntu")
NO_BREAK, NARROW, THIN = "\xa0", "\u202f", "\u2009"
WHOLE_E, PARTED_E = "\xe9", "e\u0301"


class World:
    """The files that the rows suppose, with a picture in every place that must stay closed."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.root, self.home = top / "ground" / "root", top / "users" / "home"
        self.temporary, self.mac = top / "temporary", top / "mac"
        self._open_files()
        self._closed_files()
        self._links()
        self._special_files()

    @property
    def roots(self) -> tuple[Path, ...]:
        """The home is a root here, as the rows about its secrets demand."""
        mac = (self.mac / "tmp", self.mac / "var" / "folders")
        return (self.root, self.home, self.temporary, *mac)

    def path(self, row: dict[str, str]) -> str:
        """Return what the row writes; macOS's folders are moved, since tests own no other."""
        path = row["path"]
        if path.startswith(("/tmp/", "/var/folders/")):
            return f"{self.mac}{path}"
        places = {"{ROOT}": self.root, "{HOME}": self.home, "{TMP}": self.temporary}
        for word, place in places.items():
            path = path.replace(word, str(place))
        return path

    def _open_files(self) -> None:
        names = ["a.png", "a b.png", "..a.png", "%41.png", "日本語.png", "noextension", "sub/c.png"]
        by_id = {row["id"]: row["path"] for row in ROWS}
        names.append(by_id["allow-13"].removeprefix("{ROOT}/").replace(" ", NO_BREAK))
        for name in names:
            _picture(self.root / name)
        _picture(self.home / "Desktop" / "x.png")
        _picture(self.temporary / ".playwright-mcp" / "page-1.png")
        for name in ("tmp", "var"):
            (self.mac / "private" / name).mkdir(parents=True)
            (self.mac / name).symlink_to(self.mac / "private" / name)
        for row_id in ("allow-19", "allow-21"):
            _picture(Path(f"{self.mac}{by_id[row_id]}"))

    def _closed_files(self) -> None:
        outside = ("ground/secret.png", "ground/root-evil/a.png", "ground/root.bak/a.png")
        for name in (*outside, "etc/passwd", "outside/a.png"):
            _picture(self.top / name)
        for row in ROWS:
            if row["path"].startswith("{HOME}"):
                _picture(Path(self.path(row)))

    def _links(self) -> None:
        links = {
            "link_to_outside_file.png": "../secret.png",
            "abs_link.png": "/etc/passwd",
            "link_inside.png": "a.png",
            "l1": "l2",
            "l2": "l3",
            "l3": str(self.top / "outside"),
            "swap": str(self.top / "outside"),
        }
        for name, target in links.items():
            (self.root / name).symlink_to(target)

    def _special_files(self) -> None:
        os.mkfifo(self.root / "fifo.png")
        (self.root / "dir.png").mkdir()
        with (self.root / "sparse_1TiB.png").open("wb") as file:
            file.truncate(1 << 40)
        # Tests that run as root may open it: then it is not a picture.
        (self.root / "noperm.png").write_text("secret")
        (self.root / "noperm.png").chmod(0)
        whole = encoded(quadrants(), "PNG")
        (self.root / "truncated_while_reading.png").write_bytes(whole[: len(whole) // 2])


def _picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(quadrants(), "PNG"))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path)
    monkeypatch.setenv("HOME", str(world.home))
    monkeypatch.chdir(world.root)
    return world


@pytest.mark.anyio
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
async def test_every_published_path_is_read_or_refused_as_it_must_be(
    xai: FakeXAI, world: World, row: dict[str, str]
) -> None:
    result = await describe(xai, world.root, world.path(row), setting_roots=world.roots)
    if row["expect"] == "allow":
        assert not result.is_error, result.content
        assert len(xai.requests) == 1
    else:
        codes = OPENED.get(row["id"], "bad_source|not_found|not_allowed")
        assert re.match(rf"\[({codes})\] image 1 \(", error_text(result))
        assert xai.requests == []


@pytest.mark.anyio
@pytest.mark.parametrize("spelling", ["tmp", "private/tmp"])
@pytest.mark.parametrize("root", ["tmp", "private/tmp"])
async def test_a_root_behind_a_link_is_open_by_both_its_names(
    xai: FakeXAI, world: World, root: str, spelling: str
) -> None:
    result = await describe(xai, world.mac / root, str(world.mac / spelling / "x.png"))
    assert not result.is_error


@pytest.fixture
def shots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory and the home, readable, with `my shots/page 1.png` in it."""
    folder = tmp_path / "shots"
    (folder / "my shots").mkdir(parents=True)
    (folder / "my shots" / "page 1.png").write_bytes(encoded(quadrants(), "PNG"))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.anyio
@pytest.mark.parametrize(
    "written",
    [
        "{}",
        '"{}"',
        "'{}'",
        "`{}`",
        "\u201c{}\u201d",
        " {} ",
        " {}",
        "{}\n",
        "{}\r\n",
        '\n  "{}"  \n',
        "@{}",
        '@"{}"',
        '"@{}"',
        "@'{}'\n",
        "file://{}",
        "FILE://{}",
        "file:{}",
        "file://localhost{}",
        '"file://{}"',
        "<{}>",
        "<file://{}>",
        "file://{} ",
        "my shots/page 1.png",
        "./my shots/../my shots/page 1.png",
        "@my shots/page 1.png",
        "my shots\\page 1.png",
        "my\\ shots/page\\ 1.png",
        "~/my shots/page 1.png",
        "@~/my shots/page 1.png",
        "~/my\\ shots/page\\ 1.png",
        "~\\my shots\\page 1.png",
        f"my{NO_BREAK}shots/page{NARROW}1.png",
        f"@~/my{THIN}shots/page  1.png",
    ],
)
async def test_a_path_is_understood_in_every_common_spelling(
    xai: FakeXAI, shots: Path, written: str
) -> None:
    written = written.format(shots / "my shots" / "page 1.png")
    result = await describe(xai, shots, written)
    assert not result.is_error, result.content


@pytest.mark.anyio
@pytest.mark.parametrize("encoded_name", ["my%20shots/page%201.png", "my%20shots/%70age 1.png"])
async def test_a_file_url_is_decoded_once(xai: FakeXAI, shots: Path, encoded_name: str) -> None:
    assert not (await describe(xai, shots, f"file://{shots}/{encoded_name}")).is_error
    twice = encoded_name.replace("%", "%25")
    assert "[not_found]" in error_text(await describe(xai, shots, f"file://{shots}/{twice}"))
    assert "[not_found]" in error_text(await describe(xai, shots, f"{shots}/{encoded_name}"))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("@x.png", "x.png"),
        ('"x.png"', "x.png"),
        (" x.png ", "x.png"),
        ("x.png\n", "x.png"),
        ("a\\ b.png", "a b.png"),
        ("a\\b.png", "a/b.png"),
        ("~/b.png", "b.png"),
        ("~nobody/b.png", "b.png"),
        ("<x.png>", "x.png"),
        ("see https:/x.png", "x.png"),
        ("iVBORw0KGgo" * 8, "x.png"),
        ("x.png#page=1", "x.png"),
        ("x.png#xywh=0,0,0,0", "x.png"),
        (f"a{NARROW}b.png", "a b.png"),
        ("a b.png", f"a{NARROW}b.png"),
        (f"{WHOLE_E}.png", f"{PARTED_E}.png"),
        (f"{PARTED_E}.png", f"{WHOLE_E}.png"),
        ("C:\\a.png", "a.png"),
        ("latest", "newer.png"),
        ("clipboard", "newer.png"),
    ],
)
async def test_a_file_that_is_really_called_so_wins_over_every_other_reading(
    xai: FakeXAI, shots: Path, written: str, other: str
) -> None:
    for name, width in ((written, 50), (other, 60)):
        (shots / name).parent.mkdir(exist_ok=True)
        (shots / name).write_bytes(encoded(quadrants(width, 40), "PNG"))
    result = await describe(xai, shots, written)
    assert not result.is_error, result.content
    assert [request.images[0].width for request in xai.requests] == [50]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("on_disk", "typed"),
    [
        (f"Screenshot 2026-11-20 at 2.20.48{NARROW}PM.png", "Screenshot 2026-11-20 at 2.20.48 PM"),
        (f"Snímek{NO_BREAK}obrazovky.png", "Snímek obrazovky"),
        ("plain space.png", f"plain{NARROW}space"),
        (f"a{THIN} b.png", "a b"),
        (f"Captur{PARTED_E} d.png", f"Captur{WHOLE_E} d"),
        (f"Captur{WHOLE_E} d.png", f"Captur{PARTED_E} d"),
        (f"caf{PARTED_E}{NO_BREAK}1.png", f"caf{WHOLE_E} 1"),
        (f"Bilder{NO_BREAK}2026/M{PARTED_E}{NARROW}x/shot.png", f"Bilder 2026/M{WHOLE_E} x/shot"),
    ],
)
async def test_the_one_file_whose_name_differs_only_in_unicode_is_meant(
    xai: FakeXAI, folder: Path, on_disk: str, typed: str
) -> None:
    _picture(folder / on_disk)
    result = await describe(xai, folder, f"{folder}/{typed}.png")
    assert not result.is_error, result.content


@pytest.mark.anyio
async def test_nobody_guesses_between_two_names_that_look_alike(xai: FakeXAI, folder: Path) -> None:
    for space in (NARROW, NO_BREAK):
        _picture(folder / f"2{space}PM.png")
    text = error_text(await describe(xai, folder, f"{folder}/2 PM.png"))
    assert text.startswith("[not_found]")
    assert "2 differ from it only in invisible ways (2\\u00a0PM.png, 2\\u202fPM.png)" in text
    assert xai.requests == []


@pytest.mark.anyio
@pytest.mark.parametrize("typed", ["a.png ", "a.pn\ng", "A.PNG", "a.png/", "a.png/.", "a%2epng"])
async def test_a_name_that_differs_in_more_is_not_found(
    xai: FakeXAI, folder: Path, typed: str
) -> None:
    saved(folder, "a.png")
    if (folder / typed.rstrip("/.")).exists() and not typed.endswith(("/", "/.")):
        pytest.skip("this volume has no case")
    text = error_text(await describe(xai, folder, f"{folder}/{typed}"))
    assert text.startswith("[not_found]")


@pytest.mark.anyio
async def test_a_space_at_the_end_belongs_to_the_name_and_the_near_name_is_told(
    xai: FakeXAI, folder: Path
) -> None:
    saved(folder, "a.png")
    text = error_text(await describe(xai, folder, f"{folder}/a.png "))
    assert text.endswith("no such file: the name ends in white space; leave that out.")


@pytest.mark.anyio
async def test_near_names_are_near_though_written_large_or_small(
    xai: FakeXAI, folder: Path
) -> None:
    _picture(folder / "IMG_1.JPG")
    if (folder / "img_1.jpg").exists():
        pytest.skip("this volume has no case")
    text = error_text(await describe(xai, folder, f"{folder}/img_1.jpg"))
    assert "near names in the same folder: IMG_1.JPG" in text


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["root", "nobody-of-this-name"])
async def test_whether_there_is_a_user_of_some_name_is_not_told(
    xai: FakeXAI, shots: Path, name: str
) -> None:
    text = error_text(await describe(xai, shots, f"~{name}/a.png"))
    assert text.startswith("[bad_source]")
    assert text.endswith("write the full path.")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "written",
    [
        "![x](https://example.com/a.png?sig=s3cr3t)",
        "see https://u:s3cr3t@example.com/a.png?sig=s3cr3t",
        "https:/example.com/a.png?sig=s3cr3t",
        "https:\\\\example.com\\a.png?sig=s3cr3t",
        "HTTP:example.com/a.png#s3cr3t",
    ],
)
async def test_a_url_within_other_text_is_told_without_what_may_be_secret(
    xai: FakeXAI, folder: Path, written: str
) -> None:
    text = error_text(await describe(xai, folder, written))
    assert text.startswith("[bad_source] image 1 (")
    assert "pass the URL alone" in text
    assert "s3cr3t" not in text


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
async def test_a_picture_given_as_bare_base64_is_told_and_not_repeated(
    xai: FakeXAI, folder: Path, kind: str
) -> None:
    bare = base64.b64encode(encoded(quadrants(), kind)).decode()[:200]
    text = error_text(await describe(xai, folder, bare))
    assert text.startswith("[bad_source] image 1 (the text given): it looks like bare base64")


@pytest.mark.anyio
@pytest.mark.parametrize("where", ["", "link/", ".hidden/"])
async def test_names_outside_the_roots_are_not_told_by_what_looks_alike(
    xai: FakeXAI, folder: Path, tmp_path: Path, where: str
) -> None:
    """A link to a folder outside, a hidden folder, and a folder outside by its own name."""
    outside = folder / ".hidden" if where == ".hidden/" else tmp_path / "outside"
    (folder / "link").symlink_to(tmp_path / "outside")
    before = folder if where else outside
    texts = []
    for names in ([], ["a b.png"], [f"a{NARROW}b.png"], [f"a{NARROW}b.png", f"a{NO_BREAK}b.png"]):
        for name in names:
            _picture(outside / name)
        texts.append(error_text(await describe(xai, folder, f"{before}/{where}a b.png")))
        for name in names:
            (outside / name).unlink()
    assert len(set(texts)) == 1
    assert texts[0].startswith("[not_allowed]")


@pytest.mark.anyio
async def test_a_folder_whose_name_begins_with_two_dots_stays_closed(
    xai: FakeXAI, folder: Path
) -> None:
    """Kubernetes keeps secrets in `..data`, and links beside it that lead there."""
    _picture(folder / "..data" / "x.png")
    (folder / "x.png").symlink_to("..data/x.png")
    for written in (f"{folder}/..data/x.png", f"{folder}/x.png", f"{folder}/..data"):
        text = error_text(await describe(xai, folder, written))
        assert text.startswith("[bad_source]" if written.endswith("data") else "[not_allowed]")
        assert "such as" not in text


@pytest.mark.anyio
async def test_a_link_to_what_the_system_makes_up_is_refused_where_every_folder_is_open(
    xai: FakeXAI, folder: Path
) -> None:
    for name, target in (("zero.png", "/dev/zero"), ("env.png", "/proc/self/environ")):
        (folder / name).symlink_to(target)
        text = error_text(await describe(xai, Path("/"), str(folder / name)))
        assert text.startswith("[not_allowed]")
        assert "system files" in text


@pytest.mark.anyio
async def test_a_path_of_windows_is_told_as_one_that_cannot_exist_here(
    xai: FakeXAI, folder: Path
) -> None:
    for written in ("C:\\Users\\x\\a.png", '"Z:/a.png"', "file:///C:/Users/x/a.png"):
        text = error_text(await describe(xai, folder, written))
        assert text.startswith("[not_found]")
        assert "path of Windows" in text
        assert "copy the file to this machine" in text


def names(written: str, machine: Machine) -> list[str]:
    source = parse(written, max_bytes=1, machine=machine)
    assert isinstance(source, FileSource)
    return [reading.name for reading in source.readings]


@pytest.mark.parametrize(
    ("written", "machine", "expected"),
    [
        ("C:\\Users\\x\\a.png", WSL, "/mnt/c/Users/x/a.png"),
        ("d:/shots/a b.png", WSL, "/mnt/d/shots/a b.png"),
        ('"C:\\a.png"', WSL, "/mnt/c/a.png"),
        ("file:///C:/Users/x/a%20b.png", WSL, "/mnt/c/Users/x/a b.png"),
        ("file://C:/a.png", WSL, "/mnt/c/a.png"),
        ("\\\\wsl$\\Ubuntu\\home\\x\\a.png", WSL, "/home/x/a.png"),
        ("\\\\wsl.localhost\\ubuntu\\home\\x\\a.png", WSL, "/home/x/a.png"),
        ("//wsl.localhost/Ubuntu/home/x/a.png", WSL, "/home/x/a.png"),
        ("file://wsl.localhost/Ubuntu/home/x/a.png", WSL, "/home/x/a.png"),
        ("file://wsl%24/Ubuntu/home/x/a.png", WSL, "/home/x/a.png"),
        ("\\\\wsl$\\Ubuntu\\home\\x\\a.png", Machine(drives=frozenset("c")), "/home/x/a.png"),
        ("shots\\page.png", POSIX, "shots/page.png"),
        ("..\\shots\\page.png", POSIX, "../shots/page.png"),
        ("/mnt/c/Users/x/a.png", WINDOWS, "C:\\Users\\x\\a.png"),
        ("/c/Users/x/a.png", WINDOWS, "C:\\Users\\x\\a.png"),
        ("C:/Users/x/a.png", WINDOWS, "C:/Users/x/a.png"),
        ("file:///C:/Users/x/a%20b.png", WINDOWS, "C:/Users/x/a b.png"),
        ("shots\\page\\ 1.png", WINDOWS, "shots\\page\\ 1.png"),
    ],
)
def test_each_side_of_wsl_understands_the_paths_of_the_other(
    written: str, machine: Machine, expected: str
) -> None:
    assert names(written, machine)[-1] == expected


@pytest.mark.parametrize(
    ("written", "machine"),
    [
        ("E:\\a.png", WSL),
        ("C:\\a.png", POSIX),
        ("/mnt/c/a.png", WSL),
        ("/c/a.png", POSIX),
        ("/mnt/cc/a.png", WINDOWS),
        ("a\\.b.png\\", WINDOWS),
    ],
)
def test_what_has_no_other_side_is_taken_by_its_own_name_only(
    written: str, machine: Machine
) -> None:
    assert names(written, machine) == [written]


@pytest.mark.parametrize("machine", [POSIX, WSL, WINDOWS], ids=["posix", "wsl", "windows"])
@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("\\\\server\\share\\a.png", "network"),
        ("//server/share/a.png", "network"),
        ("/\\server/share/a.png", "network"),
        ('"\\\\server\\share\\a.png"', "network"),
        ("@//server/share/a.png", "network"),
        ("\\\\wsl$\\Debian\\home\\a.png", "network"),
        ("file:////server/share/a.png", "network"),
        ("file:///%5C%5Cserver%5Cshare/a.png", "network"),
        ("file://localhost//server/share/a.png", "network"),
        ("file://server/share/a.png", "another machine"),
        ("file:a.png", "another machine"),
        ("file:\\\\server\\a.png", "another machine"),
        ("\\\\?\\C:\\x.png", "devices"),
        ("//?/C:/x.png", "devices"),
        ("\\\\.\\pipe\\x", "devices"),
        ("\\??\\C:\\x.png", "devices"),
        ("C:a.png", "without a folder"),
        ("c:", "without a folder"),
        ("C:\\a.png:secret", "streams"),
        ("C:/a.png::$DATA", "streams"),
        ("shots\\a.png:secret", "streams"),
        ("a\0.png", "NUL"),
        ("@a.png\0", "NUL"),
        ("file:///a%00.png", "NUL"),
        ("a\ud800.png", "no file name can"),
    ],
)
def test_what_must_not_be_touched_is_refused_by_its_spelling_on_every_system(
    written: str, told: str, machine: Machine
) -> None:
    """`parse` makes no system call about the path, so a refusal here comes before any."""
    with pytest.raises(SourceError, match=told):
        parse(written, max_bytes=1, machine=machine)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "CON",
            "con.png",
            "shots\\NUL",
            "shots/Aux.tar.gz",
            "C:\\LPT1\\a.png",
            "COM9",
            "COM¹.png",
        ),
        *("prn .png", "CONIN$", "~/nul:x", "file:///C:/shots/con", "/c/aux"),
    ],
)
def test_names_of_devices_are_refused_on_windows_and_are_names_elsewhere(written: str) -> None:
    with pytest.raises(SourceError, match="devices"):
        parse(written, max_bytes=1, machine=WINDOWS)
    if ":" not in written:
        assert names(written, POSIX)[0] == written


@pytest.mark.parametrize("written", ["a.png:secret", "C:\\a.png:Zone.Identifier", "C:/a:b/c.png"])
def test_streams_are_refused_on_windows(written: str) -> None:
    with pytest.raises(SourceError, match="streams"):
        parse(written, max_bytes=1, machine=WINDOWS)


@pytest.mark.parametrize(
    "written", ["Screenshot 12:30.png", "Screen\\ Shot\\ 12:30.png", "aux.png"]
)
def test_a_colon_is_part_of_a_name_where_there_are_no_streams(written: str) -> None:
    assert names(written, POSIX)[0] == written


@pytest.mark.parametrize(
    "written",
    [
        '"https://example.com/x.png"',
        " @https://example.com/x.png\n",
        "https://example.com/x.png ",
        "\thttps://example.com/x.png\u3000",
        "<https://example.com/x.png>",
        '"<https://example.com/x.png> "',
    ],
)
def test_a_url_is_known_whatever_is_around_it(written: str) -> None:
    source = parse(written, max_bytes=1)
    assert isinstance(source, UrlSource)
    assert source.url == "https://example.com/x.png"


ANY_TEXT = st.text() | st.text(
    alphabet="~@\"'` \n\\/:#.%$?cC\0\xa0e\u0301latestfiledata,;=&xywhp19"
)


@given(ANY_TEXT, st.sampled_from([POSIX, WSL, WINDOWS]))
@example("~", POSIX)
@example("#page=1", POSIX)
@example("data:;base64,AAAA#page=0", POSIX)
def test_any_text_is_a_source_or_a_coded_error(written: str, machine: Machine) -> None:
    assert label_of(written).isprintable()
    try:
        source = parse(written, max_bytes=100, machine=machine)
    except VisionError:
        return
    assert source.label.isprintable()
    assert source.written.encode()


def _is_a_name(name: str) -> bool:
    refused = name.startswith(".") or (":" in name and re.search(r"\\[\w.]", name))
    return not refused and len(os.fsencode(name)) < 200


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=30
).filter(_is_a_name)
EVERY_SHELL_CHARACTER = re.compile(r"([ !\"#$&'()*,:;<=>?@\[\\\]^`{|}~])")


@given(NAMES, st.randoms(use_true_random=False))
@example("a b.png", None)
@example("x.png#xywh=0,0,0,0", None)
@example(f"2{NARROW}PM.png ", None)
@example('"', None)
@example("\n", None)
def test_every_name_leads_to_its_file_plainly_quoted_escaped_and_as_a_url(
    name: str, random: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(b"this one")
        Path(folder, f"_{name}"[:50]).write_bytes(b"another")
        spellings = [str(path), f'"{path}"', f"@{path}", f" {path} ", f"file://{quote(str(path))}"]
        if ":" not in name:
            spellings.append(folder + "/" + EVERY_SHELL_CHARACTER.sub(r"\\\1", name))
        for written in spellings:
            if written[0] in " @" and name != name.strip():
                continue  # what is around a path cannot be told from a name that ends so
            source = parse(written, max_bytes=10, machine=POSIX)
            assert isinstance(source, FileSource)
            file = LocalFiles([Path(folder)], max_bytes=10).read(source)
            assert (file.data, file.path) == (b"this one", path), written
