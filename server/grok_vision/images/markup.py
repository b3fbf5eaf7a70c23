"""The text of an SVG drawing, read and written anew without what reaches outside or never ends.

The parser resolves nothing, and what it finds is written as it comes: no tree is built.
"""

from dataclasses import dataclass, field
from html import escape
from xml.parsers import expat

from grok_vision.errors import ImageError
from grok_vision.images.canvas import canvas_size, view_box
from grok_vision.images.references import References, harmless_style

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"

_MOST_CHARACTERS = 40_000_000
_MOST_ELEMENTS, _MOST_DEPTH = 200_000, 200
# Illustrator declares some twenty entities, each the address of a namespace.
_MOST_ENTITIES, _LONGEST_ENTITY, _MOST_USES = 100, 200, 2_000

_HTML = "foreignobject"
# Elements that show what they refer to; others link to it, or take their looks from it.
_SHOWING = {"image", "feimage", "use"}
_DROPPED = {_HTML, "script", "iframe", "object", "embed", "audio", "video", "handler"}

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Markup:
    """A drawing that reaches nothing outside; its size in pixels is open, that given its own.

    `has_text` tells that fonts are needed, `lacks_html` and `lacks_pictures` that HTML or pictures
    within it were left out.
    """

    root: str
    attributes: Attributes = field(repr=False)
    body: str = field(repr=False)
    width: float
    height: float
    has_text: bool
    lacks_html: bool
    lacks_pictures: bool

    def sized(self, width: int, height: int) -> str:
        """Return the whole document, to be drawn in this size."""
        start = _tag(self.root, {**self.attributes, "width": f"{width}", "height": f"{height}"})
        return f"{start}{self.body}</{self.root}>"


def read_markup(data: bytes) -> Markup:
    """Read a drawing.

    Raises:
        ImageError: `not_an_image` where it is other XML, `unsupported_format` where it is too
            large or too deep, or declares what may be an attack, `too_many_pixels` for pictures
            within it.
        ExpatError: it is damaged.
    """
    reader = _Reader()
    reader.read(data)
    return reader.markup()


def _too_large() -> ImageError:
    return ImageError(
        "unsupported_format", "it is too large or too deep a drawing; export it as PNG."
    )


class _Reader:
    """Writes what it is told of a document, as far as it is harmless."""

    def __init__(self) -> None:
        self._references = References()
        self._left = _MOST_CHARACTERS
        self._elements = self._entities = self._uses = 0
        self._open: list[str] = []
        # How deep the element lies of which nothing is written.
        self._dropped = 0
        self._css: list[str] | None = None
        self._written: list[str] = []
        self._root: tuple[str, Attributes] = ("", {})
        self._has_text = self._lacks_html = self._lacks_pictures = False

    def read(self, data: bytes) -> None:
        self._uses = data.count(b"&")
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.EntityDeclHandler = self._entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(data, True)

    def markup(self) -> Markup:
        name, attributes = self._root
        box = view_box(attributes.get("viewBox", ""))
        width, height = canvas_size(attributes, box)
        attributes = {"xmlns": _SVG, "xmlns:xlink": _XLINK, **attributes}
        if box is None:
            attributes["viewBox"] = f"0 0 {width:g} {height:g}"
        return Markup(
            root=name,
            attributes=attributes,
            body="".join(self._written),
            width=width,
            height=height,
            has_text=self._has_text,
            lacks_html=self._lacks_html,
            lacks_pictures=self._lacks_pictures,
        )

    def _entity(self, _: str, is_parameter: bool, value: str | None, *__: str | None) -> None:
        """Take only words for words: no entity within another, no file, nothing that grows."""
        self._entities += 1
        harmless = value is not None and "&" not in value and len(value) <= _LONGEST_ENTITY
        few = self._entities <= _MOST_ENTITIES and self._uses <= _MOST_USES
        if is_parameter or not harmless or not few:
            raise ImageError(
                "unsupported_format",
                "it declares entities, as attacks do; save it as plain SVG or export it as PNG.",
            )

    def _start(self, name: str, attributes: Attributes) -> None:
        local = _local(name)
        self._spend(len(name) + sum(map(len, attributes.values())))
        self._elements += 1
        self._open.append(local)
        if self._elements > _MOST_ELEMENTS or len(self._open) > _MOST_DEPTH:
            raise _too_large()
        if self._dropped:
            return
        if len(self._open) == 1:
            self._begin(name, attributes)
        elif local in _DROPPED or "style" in self._open[:-1]:
            self._dropped = len(self._open)
            # A switch offers another form of it.
            self._lacks_html |= local == _HTML and "switch" not in self._open
        else:
            harmless = self._harmless(attributes)
            self._written.append(_tag(name, harmless))
            self._lacks_pictures |= local in _SHOWING and _lost_link(attributes, harmless)
            self._has_text |= local == "text"
            self._css = [] if local == "style" else self._css

    def _begin(self, name: str, attributes: Attributes) -> None:
        if _local(name) != "svg":
            raise ImageError("not_an_image", "it is XML but no SVG drawing; pass a picture.")
        self._root = name, self._harmless(attributes)

    def _end(self, name: str) -> None:
        local = self._open.pop()
        if self._dropped:
            if len(self._open) < self._dropped:
                self._dropped = 0
            return
        if local == "style" and self._css is not None:
            self._written.append(escape(harmless_style("".join(self._css)), quote=False))
            self._css = None
        if self._open:
            self._written.append(f"</{name}>")

    def _text(self, text: str) -> None:
        self._spend(len(text))
        if self._dropped:
            return
        if self._css is not None:
            self._css.append(text)
        else:
            self._written.append(escape(text, quote=False))

    def _spend(self, length: int) -> None:
        self._left -= length
        if self._left < 0:
            raise _too_large()

    def _harmless(self, attributes: Attributes) -> Attributes:
        found = {name: self._kept(name, value) for name, value in attributes.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _kept(self, name: str, value: str) -> str | None:
        """Return the value to write, None for none."""
        local = _local(name)
        if name == "xmlns" or name.startswith("xmlns:"):
            return value
        if local in {"src", "base"} or local.startswith("on"):
            return None
        if local == "href":
            return self._references.kept(value)
        if local == "style" or "url(" in value.lower():
            return harmless_style(value)
        return value


def _lost_link(attributes: Attributes, harmless: Attributes) -> bool:
    lost = attributes.keys() - harmless.keys()
    return any(_local(name) == "href" and attributes[name].strip() for name in lost)


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _tag(name: str, attributes: Attributes) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>"
