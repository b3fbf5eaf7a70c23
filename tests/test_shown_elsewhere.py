"""Pictures of a comparison on a shelf that processes share: one makes, another shows them."""

import math
from pathlib import Path

import pytest

from grok_vision.errors import SharedStateError
from grok_vision.images import Images, OpenedImage, Policy
from grok_vision.shared import UnavailableError
from grok_vision.shelves import MemoryShelf
from grok_vision.vision.drawings import Drawings
from grok_vision.vision.gallery import Gallery
from tests.support import encoded, noise, quadrants, saved

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024


class Away(MemoryShelf):
    """A shelf that can be reached for so many calls."""

    def __init__(self, calls: int = 0) -> None:
        super().__init__(per_owner=64 * MIB, in_all=64 * MIB, seconds=math.inf)
        self.calls = calls

    def _count(self) -> None:
        self.calls -= 1
        if self.calls < 0:
            raise UnavailableError("Redis cannot be reached")

    async def put(self, owner: str, name: str, data: bytes) -> bool:
        self._count()
        return await super().put(owner, name, data)

    async def get(self, owner: str, name: str) -> bytes | None:
        self._count()
        return await super().get(owner, name)


def shelf(size: int = 64 * MIB) -> MemoryShelf:
    return MemoryShelf(per_owner=size, in_all=size, seconds=math.inf)


async def opened(folder: Path, *sources: str) -> list[OpenedImage]:
    bounds = {"max_bytes": 80 * MIB, "max_pixels": 10**8, "fetch_deadline": 5.0}
    return await Images(Policy(roots=(folder,), **bounds)).open(sources)


async def test_a_picture_that_one_process_compared_is_shown_by_another(folder: Path) -> None:
    shared = shelf()
    whole = saved(folder, "whole.png")
    part = f"{saved(folder, 'part.png', noise(64, 48))}#xywh=percent:0,0,50,50"
    pictures = await opened(folder, whole, part, f"{whole}#page=1&t=0.5")
    name = await Gallery(shared).keep(pictures)
    assert name
    for picture in pictures:
        found = await Gallery(shared).find(name, str(picture.number))
        assert found is not None
        assert found.label == picture.label
        assert found.loaded.data == picture.loaded.data
        assert found.loaded.selection == picture.loaded.selection


@pytest.mark.parametrize("number", ["0", "2", "01", "1.note", "x", "", "1" * 99, "\u0661"])
async def test_a_number_that_there_is_not_shows_nothing(folder: Path, number: str) -> None:
    gallery = Gallery(shelf())
    name = await gallery.keep(await opened(folder, saved(folder)))
    assert name
    assert await gallery.find(name, number) is None
    assert await gallery.find(name[:-1], "1") is None
    assert await gallery.find("x" * 22, "1") is None


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 10_000,
        b'{"label":"a.png"}',
        b'{"label":"a.png","selection":{"crop":null,"page":null,"seconds":1e999}}',
        b'{"label":"a.png","selection":{"crop":null,"page":null,"seconds":null,"layer":2}}',
    ],
)
async def test_what_another_version_or_another_program_noted_shows_nothing(
    folder: Path, told: bytes
) -> None:
    kept = shelf()
    gallery = Gallery(kept)
    name = await gallery.keep(await opened(folder, saved(folder)))
    await kept.put("", f"{name}.1.note", told)
    assert name
    assert await gallery.find(name, "1") is None


async def test_pictures_that_are_too_large_are_not_kept(folder: Path) -> None:
    (folder / "large.png").write_bytes(encoded(quadrants(), "PNG") + bytes(64 * MIB))
    pictures = await opened(folder, str(folder / "large.png"))
    assert await Gallery(shelf(200 * MIB)).keep(pictures) is None
    small = await opened(folder, saved(folder))
    assert await Gallery(shelf(10)).keep(small) is None


@pytest.mark.parametrize("calls", [0, 1])
async def test_a_comparison_whose_pictures_cannot_be_kept_is_told_without_them(
    folder: Path, calls: int
) -> None:
    assert await Gallery(Away(calls)).keep(await opened(folder, saved(folder))) is None


async def test_where_kept_pictures_cannot_be_reached_that_is_told(folder: Path) -> None:
    gallery = Gallery(Away(calls=2))
    name = await gallery.keep(await opened(folder, saved(folder)))
    assert name
    with pytest.raises(SharedStateError, match="Redis cannot be reached") as caught:
        await gallery.find(name, "1")
    assert caught.value.code == "unavailable"


async def test_a_drawing_of_one_process_is_read_by_another_with_another_folder(
    tmp_path: Path,
) -> None:
    shared = shelf()
    path = await Drawings(tmp_path / "one", shared).save(b"png", 2)
    assert path.parent == tmp_path / "one"
    assert path.read_bytes() == b"png"
    assert await Drawings(tmp_path / "one").read(path.name) == b"png"
    assert await Drawings(tmp_path / "two", shared).read(path.name) == b"png"
    assert await Drawings(tmp_path / "two").read(path.name) is None
    assert await Drawings(tmp_path / "two", shared).read(f"../one/{path.name}") is None


async def test_without_the_shelf_a_drawing_is_in_the_folder_all_the_same(tmp_path: Path) -> None:
    drawings = Drawings(tmp_path / "one", Away())
    path = await drawings.save(b"png", 2)
    assert await drawings.read(path.name) == b"png"
    with pytest.raises(SharedStateError, match="Redis cannot be reached") as caught:
        await Drawings(tmp_path / "two", Away()).read(path.name)
    assert caught.value.code == "unavailable"
