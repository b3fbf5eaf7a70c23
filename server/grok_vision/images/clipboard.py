"""What was copied last: a picture, or a picture file."""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from grok_vision.errors import SourceError
from grok_vision.images.boundary import decoder_boundary
from grok_vision.images.limits import too_many_bytes
from grok_vision.images.local import LocalFiles
from grok_vision.images.machine import this_machine
from grok_vision.images.source import ClipboardSource, FileSource
from grok_vision.images.spelling import readings

if TYPE_CHECKING:
    from PIL import Image

_CLIPBOARD = ClipboardSource()
# Fast: it is not what is sent.
_COMPRESSION = 1


def read_clipboard(files: LocalFiles, source: ClipboardSource = _CLIPBOARD) -> bytes:
    """Return the picture that was copied, as PNG, or the content of the file that was; blocks.

    A file goes through `files`, and so may be read only where any file may.

    Raises:
        SourceError: `not_found` where no picture was copied, `bad_source` where the clipboard
            cannot be read here, `too_large`; for a file as `LocalFiles.read`.
        ImageError: `damaged_image`.
    """
    if named := files.named(source.readings):
        return named.data
    data = _bytes_of(_grabbed(), files)
    if len(data) > files.max_bytes:
        raise too_many_bytes(len(data), files.max_bytes)
    return data


def copied_file(paths: Sequence[str], files: LocalFiles) -> bytes:
    """Return the content of the first file that was copied.

    Raises:
        SourceError: `not_found` where none was; else as `LocalFiles.read`.
    """
    if not paths:
        raise _empty()
    return files.read(FileSource(paths[0], readings(paths[0], this_machine()))).data


def _grabbed() -> "Image.Image | list[str] | None":
    from PIL import ImageGrab, UnidentifiedImageError

    with decoder_boundary("PNG"):
        try:
            return ImageGrab.grabclipboard()
        except NotImplementedError:
            raise SourceError(
                "bad_source",
                "the clipboard cannot be read without a helper; install wl-clipboard (Wayland) "
                "or xclip (X11), or save the picture and pass its path.",
            ) from None
        except UnidentifiedImageError:
            raise _empty() from None
        except (ChildProcessError, FileNotFoundError, PermissionError):
            raise SourceError(
                "bad_source",
                "the clipboard of this session cannot be reached; save the picture and pass its "
                "path.",
            ) from None


def _bytes_of(grabbed: "Image.Image | list[str] | None", files: LocalFiles) -> bytes:
    if grabbed is None:
        raise _empty()
    if isinstance(grabbed, list):
        return copied_file(grabbed, files)
    buffer = BytesIO()
    with decoder_boundary("PNG"):
        grabbed.save(buffer, "PNG", compress_level=_COMPRESSION)
    return buffer.getvalue()


def _empty() -> SourceError:
    return SourceError("not_found", "the clipboard holds no picture; copy one and call again.")
