"""What was copied last: a picture, or a picture file."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from grok_vision.errors import SourceError
from grok_vision.images.boundary import decoder_boundary
from grok_vision.images.limits import too_many_bytes
from grok_vision.images.local import LocalFiles
from grok_vision.images.machine import this_machine
from grok_vision.images.pasted import pasted
from grok_vision.images.selection import Selection
from grok_vision.images.source import ClipboardSource, FileSource
from grok_vision.images.spelling import readings

if TYPE_CHECKING:
    from PIL import Image

_CLIPBOARD = ClipboardSource()
# Fast: it is not what is sent.
_COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: bytes, not yet looked at; which part is meant; of a file, where it lies.

    Of a file, `data` is as much as was needed; `file_bytes` is how long it is in all.
    """

    data: bytes = field(repr=False)
    selection: Selection
    file_bytes: int
    path: Path | None = None


def read_clipboard(files: LocalFiles, source: ClipboardSource = _CLIPBOARD) -> Copied:
    """Return the picture that was copied, or the content of the file that was.

    A file goes through `files`, and so may be read only where any file may. Blocks: call it from a
    worker thread of anyio, so that what it waits for ends with the call.

    Raises:
        SourceError: `not_found` where no picture was copied, `bad_source` where the clipboard
            cannot be read here, `too_large`; for a file as `LocalFiles.read`.
        ImageError: `damaged_image`.
    """
    if named := files.named(source.readings):
        return Copied(named.data, named.selection, named.file_bytes)
    if sys.platform in {"darwin", "win32"}:
        copied = _of_system(files, source)
    else:
        copied = _picture(pasted(files.max_bytes + 1), source)
    if not copied.data:
        raise _empty()
    if len(copied.data) > files.max_bytes:
        raise too_many_bytes(len(copied.data), files.max_bytes)
    return copied


def copied_file(paths: Sequence[str], files: LocalFiles, source: ClipboardSource) -> Copied:
    """Return the content of the first file that was copied.

    Raises:
        SourceError: `not_found` where none was; else as `LocalFiles.read`.
    """
    if not paths:
        raise _empty()
    file = files.read(FileSource(paths[0], readings(paths[0], this_machine())))
    return Copied(file.data, source.selection, file.file_bytes, file.path)


def _of_system(files: LocalFiles, source: ClipboardSource) -> Copied:
    """Read the clipboards of macOS and Windows, which are the system's own, by Pillow."""
    grabbed = _grabbed()
    if isinstance(grabbed, list):
        return copied_file(grabbed, files, source)
    buffer = BytesIO()
    if grabbed is not None:
        with decoder_boundary("PNG"):
            grabbed.save(buffer, "PNG", compress_level=_COMPRESSION)
    return _picture(buffer.getvalue(), source)


def _picture(data: bytes, source: ClipboardSource) -> Copied:
    return Copied(data, source.selection, len(data))


def _grabbed() -> "Image.Image | list[str] | None":
    from PIL import ImageGrab, UnidentifiedImageError

    with decoder_boundary("PNG"):
        try:
            return ImageGrab.grabclipboard()
        except UnidentifiedImageError:
            raise _empty() from None
        except OSError:
            raise SourceError(
                "bad_source",
                "the clipboard of this session cannot be reached; save the picture and pass its "
                "path.",
            ) from None


def _empty() -> SourceError:
    return SourceError("not_found", "the clipboard holds no picture; copy one and call again.")
