"""How people and agents write paths: one text, and the names that it may mean, in order.

Pure: nothing is looked up but the home folder. Which name there is, `local` finds out.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from grok_vision.errors import ImageError, SourceError
from grok_vision.images.machine import Machine
from grok_vision.images.selection import parse_selection
from grok_vision.images.windows import is_network, is_refused, refuse_name, slashed, translated

_QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019", "<": ">"}
_MOST_LAYERS = 6
# What shells escape; letters, digits and dots are not among it.
_ESCAPED = re.compile(r"\\([ !\"#$&'()*,:;<=>?@\[\\\]^`{|}~])")
# A drive in the place of a host, and the host by which Windows names this side of WSL.
_KEPT_HOST = re.compile(r"[A-Za-z]:|wsl(?:\$|%24|\.localhost)", re.IGNORECASE)
# file:///C:/shot.png carries the drive behind a slash that is not part of the path.
_KEPT_PATH = re.compile(r"[A-Za-z]:|//wsl", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """A path that a text may mean, and the fragment that selects a part of the file."""

    name: str
    fragment: str = ""


def peeled(written: str) -> tuple[str, ...]:
    """Return the text as it is, then each time with one thing less around it.

    These are white space, quotes and the `@` of mentions. White space at the end alone belongs to
    a name, unless it is a line break.
    """
    texts = [written]
    while len(texts) <= _MOST_LAYERS and (inner := _inner(texts[-1])) != texts[-1]:
        texts.append(inner)
    return tuple(texts)


def bare(written: str) -> str:
    """Return the text with nothing around it; no white space at the end either."""
    text = written
    for _ in range(_MOST_LAYERS):
        text = peeled(text.strip())[-1]
    return text.strip()


def readings(written: str, machine: Machine) -> tuple[Reading, ...]:
    """Return every path that the text may mean: the exact name first, fragments taken off last.

    Raises:
        SourceError: for a name that must not be touched, or that no file can have.
    """
    whole = [Reading(name) for name in _names(written, machine)]
    base, mark, fragment = peeled(written)[-1].rpartition("#")
    if mark and _is_selection(fragment):
        whole += [Reading(name, fragment) for name in _names(base, machine) if name]
    return _checked(whole, machine)


def url_readings(url: str, machine: Machine) -> tuple[Reading, ...]:
    """Return the path that a file URL (RFC 8089) names, and it without the fragment.

    Raises:
        SourceError: `bad_source` where it names another machine or no absolute path, else as
            `readings`.
    """
    whole = [Reading(name) for name in _translations(_url_path(url), machine)]
    base, mark, fragment = url.rpartition("#")
    if mark and _is_selection(fragment):
        whole += [Reading(name, fragment) for name in _translations(_url_path(base), machine)]
    return _checked(whole, machine)


def starts_at_home(text: str) -> bool:
    """Tell whether the text starts with a home folder: `~/a.png` does, `~a.png` is a file."""
    return text == "~" or re.match(r"~[^\\/]*[\\/]", text) is not None


def unknown_home() -> SourceError:
    """Return the error for a `~` of which nobody knows whose home it is."""
    return SourceError(
        "bad_source",
        "~ is read as your own home folder only, where that is known; write the full path.",
    )


def _inner(text: str) -> str:
    if text[:1].isspace():
        return text.strip()
    if text.endswith(("\n", "\r")):
        return text.rstrip("\r\n")
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
        return text[1:-1]
    return text.removeprefix("@")


def _names(text: str, machine: Machine) -> Iterator[str]:
    *around, core = peeled(text)
    for layer in around:
        # A quote before a drive makes no name of it: only what is inside must pass.
        yield from (name for name in _spelled(layer, machine) if not is_refused(name, machine))
    yield from _spelled(core, machine)


def _spelled(text: str, machine: Machine) -> Iterator[str]:
    for name in _translations(text, machine):
        yield name
        # On Windows a backslash parts folders, and nothing else.
        others = () if machine.windows else (_ESCAPED.sub(r"\1", name), slashed(name))
        yield from others
        if starts_at_home(text):
            yield from map(_expanded, (name, *others))


def _translations(text: str, machine: Machine) -> Iterator[str]:
    other = translated(text, machine)
    if other is None or not is_network(text):
        yield text
    if other is not None:
        yield other


def _expanded(text: str) -> str:
    # Nobody else is looked up: whether there is a user of some name is not to be told.
    if re.match(r"~(?:[\\/]|$)", text):
        return os.path.expanduser(text)  # noqa: PTH111 - a Path would drop the slash at the end
    if not _is_possible(text):
        raise unknown_home()
    return text


def _url_path(url: str) -> str:
    # By hand: urlsplit refuses some hosts and drops line breaks.
    rest = url[len("file:") :]
    host, slash, path = rest[2:].partition("/") if rest[:2] == "//" else ("", rest[:1], rest[1:])
    if _KEPT_HOST.fullmatch(host):
        host, path = "", f"{'' if host.endswith(':') else '//'}{host}/{path}"
    if host.lower() not in {"", "localhost"} or slash != "/":
        raise SourceError(
            "bad_source", "a file:// URL must not name another machine; use file:///path."
        )
    path = unquote(path, errors="surrogateescape")
    return path if _KEPT_PATH.match(path) else f"/{path}"


def _is_selection(fragment: str) -> bool:
    try:
        return parse_selection(fragment) is not None
    except ImageError:
        return True


def _checked(found: list[Reading], machine: Machine) -> tuple[Reading, ...]:
    for reading in found:
        refuse_name(reading.name, machine)
        _refuse_impossible(reading.name)
    return tuple(dict.fromkeys(found))


def _refuse_impossible(name: str) -> None:
    if "\0" in name:
        raise SourceError("bad_source", "the name holds a NUL character; pass a real path.")
    if not _is_possible(name):
        raise SourceError(
            "bad_source", "the name holds characters that no file name can; pass a real path."
        )


def _is_possible(name: str) -> bool:
    try:
        return b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False
