"""What completes the arguments of prompts: pictures that may be read, by name, and nothing else."""

import os
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, Completion, PromptReference, ResourceTemplateReference

from grok_vision.app import create_server
from grok_vision.images import suggested, suggesting
from grok_vision.settings import Settings
from grok_vision.vision import suggesting as patience

Era = Literal["auto", "legacy"]
both_eras = pytest.mark.parametrize("era", ["auto", "legacy"], ids=["2026-07-28", "2025-11-25"])
WORDS = ["latest", "clipboard"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths start where nothing may be read."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


def put(folder: Path, *names: str) -> None:
    """Write files; the later in the list, the newer."""
    for place, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (0, 1_000_000 + place))


def told(text: str, *roots: Path, most: int = 100) -> list[str]:
    return suggested(text, roots, most)


@asynccontextmanager
async def connected(
    era: Era = "auto", desktop: bool = True, **settings: Any
) -> AsyncIterator[Client]:
    server = create_server(Settings(**settings), desktop=desktop)
    async with Client(server, mode=era) as client:
        yield client


async def completed(
    client: Client, value: str, argument: str = "image", prompt: str = "alt_text"
) -> Completion:
    reference = PromptReference(name=prompt)
    result = await client.complete(reference, {"name": argument, "value": value})
    return result.completion


# By name


def test_the_newest_pictures_come_first_where_nothing_is_typed(folder: Path) -> None:
    put(folder, "old.png", "notes.txt", "sub/newer.jpg")
    assert told("", folder) == [f"{folder}/sub/newer.jpg", f"{folder}/old.png"]


@pytest.mark.parametrize("word", ["shot", "SHOT", "een", "@shot"])
def test_a_word_is_looked_for_in_the_names_of_pictures(folder: Path, word: str) -> None:
    put(folder, "chart.png", "sub/Screenshot 1.png", "shot/other.png")
    mention = "@" if word.startswith("@") else ""
    assert told(word, folder) == [f"{mention}{folder}/sub/Screenshot 1.png"]


def test_a_path_is_completed_with_pictures_and_folders_by_name(folder: Path) -> None:
    put(folder, "b.png", "a.pdf", "deep/x.png", "notes.txt")
    assert told(f"{folder}/", folder) == [
        f"{folder}/{name}" for name in ("a.pdf", "b.png", "deep/")
    ]
    assert told(f"{folder}/DE", folder) == [f"{folder}/deep/"]
    assert told(f"{folder}/deep/", folder) == [f"{folder}/deep/x.png"]
    assert told(f"{folder}/b.png", folder) == [f"{folder}/b.png"]
    assert told(f"{folder}/x", folder) == []


def test_roots_are_completed_from_above(tmp_path: Path, folder: Path) -> None:
    put(tmp_path, "shut/a.png", "a.png")
    (tmp_path / "elsewhere" / "open").mkdir()
    roots = (folder, tmp_path / "elsewhere" / "open")
    assert told(f"{tmp_path}/", *roots) == [f"{folder}/", f"{tmp_path}/elsewhere/open/"]
    assert told(f"{tmp_path}/rea", *roots) == [f"{folder}/"]
    assert told("/", folder) == [f"{folder}/"]


def test_a_path_goes_on_as_it_was_begun(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "sub/a b.png")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    assert told("sub/", folder) == ["sub/a b.png"]
    assert told("./sub/../sub/a", folder) == ["./sub/../sub/a b.png"]
    assert told("~/s", folder) == ["~/sub/"]
    assert told("@~/sub/A", folder) == ["@~/sub/a b.png"]


def test_a_path_need_not_begin_with_a_slash(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "examples/a.png", "examine.png", "sub/example.png")
    monkeypatch.chdir(folder)
    paths, newest = ["examine.png", "examples/"], [f"{folder}/sub/example.png"]
    assert told("exam", folder) == [*paths, *newest, f"{folder}/examine.png"]
    assert told("@EXAMP", folder) == ["@examples/", f"@{folder}/sub/example.png"]
    assert told("examples", folder / "examples") == ["examples/"]
    assert told("", folder)[0] == f"{folder}/sub/example.png"


@pytest.mark.parametrize("text", ["exa", "./exa", "./examples", "{here}/exa"])
def test_roots_given_by_a_relative_path_are_completed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    put(folder, "examples/a.png")
    monkeypatch.chdir(folder)
    typed = text.format(here=folder)
    (found,) = told(typed, Path("examples"))
    assert found == f"{typed.removesuffix('mples')}mples/"
    assert told(found, Path("examples")) == [f"{found}a.png"]


def test_names_are_told_as_they_are(folder: Path) -> None:
    names = ['it\'s "so".png', "naïve é.png", "3.41\u202fPM.png", "a#xywh=1,2,3,4.png"]
    put(folder, *names)
    assert set(told(f"{folder}/", folder)) == {f"{folder}/{name}" for name in names}


def test_what_no_list_can_show_is_left_out(folder: Path) -> None:
    put(folder, "a\nb.png", "c\x1b[1m.png", os.fsdecode(b"\xff.png"), "good.png")
    assert told(f"{folder}/", folder) == told("", folder) == [f"{folder}/good.png"]


# Nothing else


@pytest.mark.parametrize(
    "name",
    [".hidden.png", ".git/a.png", "sub/.cache/b.png", "..data/a.png", "home/Library/Mail/a.png"],
)
def test_what_is_hidden_is_not_told_by_any_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    put(tmp_path, name)
    hidden = tmp_path / name
    for text in (
        "",
        hidden.name,
        str(hidden),
        f"{hidden.parent}/",
        f"{hidden.parent}/{hidden.name}",
    ):
        assert not [one for one in told(text, tmp_path) if hidden.name in one], text
    assert not [one for one in told(f"{tmp_path}/", tmp_path) if "/." in one]


@pytest.mark.parametrize("text", ["{out}/", "{out}/sec", "{root}/../outside/", "{root}/link/", ""])
def test_what_lies_outside_is_not_told(tmp_path: Path, folder: Path, text: str) -> None:
    put(tmp_path / "outside", "secret.png")
    put(tmp_path / f"{folder.name}-too", "secret.png")
    (folder / "link").symlink_to(tmp_path / "outside")
    typed = text.format(out=tmp_path / "outside", root=folder)
    assert told(typed, folder) == []
    assert told(f"{folder}-too/", folder) == []


def test_a_link_that_leads_outside_is_not_told_and_one_within_is(
    tmp_path: Path, folder: Path
) -> None:
    put(tmp_path, "secret.png")
    put(folder, "real.png")
    (folder / "out.png").symlink_to(tmp_path / "secret.png")
    (folder / "in.png").symlink_to(folder / "real.png")
    assert told(f"{folder}/", folder) == [f"{folder}/in.png", f"{folder}/real.png"]


def test_a_folder_that_was_swapped_while_it_was_walked_tells_nothing(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "good.png")
    put(tmp_path / "outside", "secret.png")
    (folder / "swapped").symlink_to(tmp_path / "outside")
    found = [folder / "swapped" / "secret.png", folder / "gone.png", folder / "good.png"]
    monkeypatch.setattr(suggesting, "newest_pictures", lambda roots, most: found)
    assert told("", folder) == [f"{folder}/good.png"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("/proc/self/", id="processes"),
        pytest.param("/dev/", id="devices"),
        pytest.param("//host/share/", id="network"),
        pytest.param("\\\\host\\share/", id="network of Windows"),
        pytest.param("~nobody/", id="home of another"),
        pytest.param("a\0b/", id="NUL"),
        pytest.param("\ud800/", id="half a character"),
        pytest.param("https://example.com/", id="URL"),
        pytest.param("file:///", id="file URL"),
        pytest.param("data:image/png;base64,/", id="data"),
    ],
)
def test_what_is_no_path_of_a_readable_folder_brings_nothing(folder: Path, text: str) -> None:
    put(folder, "a.png")
    assert told(text, folder) == []


def test_what_is_too_long_for_a_path_brings_nothing(folder: Path) -> None:
    put(folder, "a.png")
    assert told(f"{folder}/{'./' * 9}", folder) == [f"{folder}/{'./' * 9}a.png"]
    assert told(f"{folder}/{'./' * 3000}", folder) == []


def test_without_a_folder_that_may_be_read_nothing_is_told() -> None:
    assert told("") == told("/") == told("/tmp/") == []


def test_no_more_is_told_nor_looked_at_than_was_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, *(f"{number}.png" for number in range(7)))
    looked_at = []
    resolved = suggesting.resolved
    monkeypatch.setattr(
        suggesting, "resolved", lambda path: looked_at.append(path) or resolved(path)
    )
    assert told("", folder, most=2) == [f"{folder}/6.png", f"{folder}/5.png"]
    assert told(f"{folder}/", folder, most=2) == [f"{folder}/0.png", f"{folder}/1.png"]
    assert looked_at == [f"{folder}/0.png", f"{folder}/1.png"]


# By the protocol


@pytest.mark.anyio
@both_eras
async def test_pictures_complete_every_argument_that_takes_them(folder: Path, era: Era) -> None:
    put(folder, "a.png")
    path = f"{folder}/a.png"
    async with connected(era, roots=(folder,)) as client:
        for prompt in (await client.list_prompts()).prompts:
            for argument in prompt.arguments or ():
                answer = await completed(client, "", argument.name, prompt.name)
                takes_pictures = argument.name in {"image", "images"}
                assert (answer.values[:3] == [*WORDS, path]) is takes_pictures
        assert (await completed(client, "cl")).values == ["clipboard"]
        assert (await completed(client, "A.P")).values == [path]


@pytest.mark.anyio
@both_eras
async def test_presets_are_completed_without_that_of_another_prompt(era: Era) -> None:
    async with connected(era) as client:
        every = await completed(client, "", "preset", "extract_document")
        begun = await completed(client, "Re", "preset", "extract_document")
    assert every.values == ["invoice", "receipt", "table", "form", "chart", "ui_elements"]
    assert (every.total, every.has_more) == (6, False)
    assert begun.values == ["receipt"]


@pytest.mark.anyio
async def test_the_last_of_several_pages_is_completed(folder: Path) -> None:
    put(folder, "a.png", "b.png")
    first = f"{folder}/a.png\n"
    async with connected(roots=(folder,)) as client:
        answer = await completed(client, f"{first}{folder}/b", "images", "extract_document")
        listed = await completed(client, f'["{folder}/', "images", "extract_document")
    assert answer.values == [f"{first}{folder}/b.png"]
    assert listed.values == []


@pytest.mark.anyio
async def test_at_most_a_hundred_values_are_told_and_that_there_are_more(folder: Path) -> None:
    put(folder, *(f"{number:03}.png" for number in range(120)))
    async with connected(roots=(folder,)) as client:
        for value in ("", f"{folder}/"):
            answer = await completed(client, value)
            assert (len(answer.values), answer.total, answer.has_more) == (100, None, True)
        few = await completed(client, f"{folder}/11")
    assert (len(few.values), few.total, few.has_more) == (10, 10, False)


@pytest.mark.anyio
@both_eras
async def test_where_others_can_call_nothing_is_told_but_what_was_opened(
    tmp_path: Path, folder: Path, era: Era, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "a.png")
    monkeypatch.chdir(folder)
    async with connected(era, desktop=False) as client:
        for value in ("", "l", f"{folder}/", "/", "a"):
            assert (await completed(client, value)).values == []
    async with connected(era, desktop=False, roots=(folder,)) as client:
        assert (await completed(client, "")).values == [f"{folder}/a.png"]
        assert (await completed(client, "l")).values == []


@pytest.mark.anyio
@both_eras
async def test_addresses_that_cannot_be_guessed_are_not_completed(era: Era) -> None:
    async with connected(era) as client:
        for template in (await client.list_resource_templates()).resource_templates:
            reference = ResourceTemplateReference(uri=template.uri_template)
            result = await client.complete(reference, {"name": "name", "value": ""})
            assert result.completion.values == []


@pytest.mark.anyio
@both_eras
@pytest.mark.parametrize(
    ("prompt", "argument", "said"),
    [
        ("alt-text", "image", "unknown prompt alt-text (did you mean alt_text?); there are "),
        ("alt_text", "imag", "unknown argument imag (did you mean image?); there are image, "),
    ],
)
async def test_an_unknown_prompt_or_argument_is_invalid(
    era: Era, prompt: str, argument: str, said: str
) -> None:
    async with connected(era) as client:
        with pytest.raises(MCPError) as caught:
            await completed(client, "", argument, prompt)
    assert caught.value.error.code == INVALID_PARAMS
    assert caught.value.error.message.startswith(f"[bad_argument] {said}")


@pytest.mark.anyio
async def test_a_folder_that_does_not_answer_holds_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()

    def hanging(text: str, roots: Sequence[Path], most: int) -> list[str]:
        answers.wait(30)
        return ["late.png"]

    monkeypatch.setattr(suggesting, "suggested", hanging)
    monkeypatch.setattr(patience, "_PATIENCE", 0.05)
    try:
        async with connected(roots=(folder,)) as client:
            for _ in range(2):  # the second does not even get a turn
                assert (await completed(client, "")).values == WORDS
    finally:
        answers.set()
