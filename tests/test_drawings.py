"""SVG drawings: drawn as in a browser, and never with anything from outside the drawing."""

import gzip
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from grok_vision.errors import ImageError
from grok_vision.images.decode import pixels
from tests.documents import (
    BLACK,
    FOUR,
    GREEN,
    MAGENTA,
    RED,
    WHITE,
    corners,
    data_uri,
    opened,
    seen,
    svg,
)
from tests.support import encoded

RED_PNG = encoded(Image.new("RGB", (4, 4), RED), "PNG")
RED_URI = data_uri("image/png", RED_PNG)
LETTERS = RED_URI.partition(",")[2]


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="120" height="80"', (120, 80)),
        ('width="120px" height="80.4"', (120, 80)),
        ('width="1in" height="2.54cm"', (96, 96)),
        ('width="72pt" height="6pc"', (96, 96)),
        ('width="25.4mm" height="101.6Q"', (96, 96)),
        ('viewBox="0 0 400 100"', (400, 100)),
        ('viewBox="0,0,400,100" width="100%" height="100%"', (400, 100)),
        ('viewBox="0 0 400 100" width="200"', (200, 50)),
        ('viewBox="0 0 400 100" height="200"', (800, 200)),
        ('viewBox="0 0 0 100"', (300, 150)),
        ('viewBox="a b c d" width="auto"', (300, 150)),
        ('width="100"', (100, 150)),
        ('width="0" height="-5"', (300, 150)),
        ("", (300, 150)),
    ],
)
def test_a_drawing_has_the_size_that_a_browser_gives_it(
    attributes: str, size: tuple[int, int]
) -> None:
    data = svg('<rect width="100%" height="100%" fill="red"/>', attributes)
    assert opened(data).upright_size == size
    assert corners(seen(data)) == [RED] * 4


def test_a_drawing_is_drawn_sharp_in_any_size() -> None:
    image = opened(FOUR).draw((960, 640))
    assert [image.getpixel(place) for place in ((478, 10), (481, 10))] == [RED, GREEN]


def test_a_drawing_whose_namespaces_are_left_out_is_drawn() -> None:
    data = (
        b'<svg width="40" height="40"><g id="a"><rect width="40" height="40" fill="red"/></g></svg>'
    )
    assert corners(seen(data)) == [RED] * 4


def test_transparent_places_of_a_drawing_are_white() -> None:
    assert corners(seen(svg("<!-- nothing -->"))) == [WHITE] * 4


@pytest.mark.parametrize(
    "family", ["Arial", "No Such Font", "system-ui", "monospace", "Inter, sans-serif", ""]
)
def test_text_of_a_drawing_is_drawn_whether_or_not_its_font_is_installed(family: str) -> None:
    named = f'font-family="{family}"' if family else ""
    data = svg(f'<text x="2" y="30" font-size="30" {named}>Hg</text>')
    assert seen(data).convert("L").getextrema() == (0, 255)


PLAIN_DOCTYPE = (
    '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
    '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
)
ILLUSTRATOR = '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg"><!ENTITY c "red">]>'


@pytest.mark.parametrize(
    "data",
    [
        svg('<rect width="40" height="40" fill="red"/>', before=PLAIN_DOCTYPE),
        svg('<rect xmlns="&ns;" width="40" height="40" fill="&c;"/>', before=ILLUSTRATOR),
        svg("<style><![CDATA[ svg > rect { fill: red } ]]></style><rect width='40' height='40'/>"),
        svg('<rect width="40" height="40" style="fill:url(#none) red"/>'),
        svg('<defs><rect id="r" width="40" height="40" fill="red"/></defs><use xlink:href="#r"/>'),
        svg(
            '<linearGradient id="g"><stop stop-color="red"/></linearGradient>'
            "<style>rect{fill:url( '#g' )}</style><rect width='40' height='40'/>"
        ),
        svg(
            '<image width="40" height="40" xlink:href="'
            + data_uri("image/png", encoded(Image.new("RGB", (4, 4), RED), "PNG"))
            + '"/>'
        ),
        svg(
            '<switch><foreignObject width="40" height="40"><p xmlns="http://www.w3.org/1999/xhtml">'
            '</p></foreignObject><rect width="40" height="40" fill="red"/></switch>'
        ),
        svg('<a href="https://example.com/"><rect width="40" height="40" fill="red"/></a>'),
        svg(f'<image width="40" height="40" href="{RED_URI}" onload="" xml:base="/a"/>'),
    ],
)
def test_a_drawing_of_a_common_kind_is_drawn(data: bytes) -> None:
    picture = opened(data)
    assert corners(pixels(picture, (40, 40))) == [RED] * 4
    assert picture.losses == ()


def test_html_in_a_drawing_that_cannot_be_drawn_is_told() -> None:
    (told,) = opened(svg("<foreignObject><p>A label</p></foreignObject>")).losses
    assert "HTML" in told


@pytest.mark.parametrize(
    "reference",
    [
        "https://example.com/a.png",
        "a.png",
        "data:image/png," + quote(RED_PNG),
        data_uri("image/avif", encoded(Image.new("RGB", (4, 4), RED), "AVIF")),
        data_uri("image/svg+xml", FOUR),
        data_uri("image/png", RED_PNG[:20]),
        "data:image/png;base64,A",
    ],
)
@pytest.mark.parametrize("element", ["image", "use", "filter><feImage"])
def test_a_picture_in_a_drawing_that_is_not_drawn_is_told(element: str, reference: str) -> None:
    end = "</filter>" if "filter" in element else ""
    (told,) = opened(svg(f'<{element} xlink:href="{reference}"/>{end}')).losses
    assert "pictures that were not drawn" in told


@pytest.mark.parametrize(
    "uri",
    [
        "data:image/png;base64," + quote(LETTERS, safe=""),
        RED_URI.rstrip("="),
        RED_URI.replace(";", ";charset=utf-8;"),
        RED_URI[:40] + "\n  " + RED_URI[40:],
    ],
)
def test_a_picture_in_a_drawing_is_drawn_however_its_base64_is_written(uri: str) -> None:
    picture = opened(svg(f'<image width="40" height="40" href="{uri}"/>'))
    assert corners(pixels(picture, (40, 40))) == [RED] * 4
    assert picture.losses == ()


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A picture of one colour that no drawing may show; it lies in the working directory, too."""
    path = tmp_path / "secret.png"
    path.write_bytes(encoded(Image.new("RGB", (40, 40), MAGENTA), "PNG"))
    monkeypatch.chdir(tmp_path)
    return path


WHOLE = 'width="40" height="40"'
OUTSIDE = {
    "a path": f'<image {WHOLE} href="PATH"/>',
    "a file URL": f'<image {WHOLE} href="file://PATH"/>',
    "a relative path": f'<image {WHOLE} href="secret.png"/>',
    "a path with a fragment": f'<image {WHOLE} href="PATH#x"/>',
    "a link of the old kind": f'<image {WHOLE} xlink:href="PATH"/>',
    "a link by another prefix": (
        f'<image xmlns:q="http://www.w3.org/1999/xlink" {WHOLE} q:href="PATH"/>'
    ),
    "a base": f'<g xml:base="file:///FOLDER/"><image {WHOLE} href="secret.png"/></g>',
    "a filter": f'<filter id="f"><feImage href="PATH"/></filter><rect {WHOLE} filter="url(#f)"/>',
    "an element that is used": f'<use {WHOLE} href="PATH#picture"/>',
    "a fill": f'<rect {WHOLE} fill="url(PATH)"/>',
    "a style": f"<rect {WHOLE} style=\"fill:url('PATH');background:url(PATH)\"/>",
    "rules": f"<style>rect{{fill:url(&quot;PATH&quot;)}}</style><rect {WHOLE}/>",
    "escaped rules": f"<style>rect{{fill:u\\72l(PATH);mask:url\\28 PATH)}}</style><rect {WHOLE}/>",
    "rules around an element": f"<style><style/>rect{{fill:url(PATH)}}</style><rect {WHOLE}/>",
    "an import": f"<style>@import url(PATH);@import 'PATH';</style><rect {WHOLE}/>",
    "an entity": f'<image {WHOLE} href="&path;"/>',
    "a drawing within": f'<image {WHOLE} href="NESTED"/>',
    "a drawing that says it is a PNG": f'<image {WHOLE} href="DISGUISED"/>',
    "a drawing that says it is text": f'<image {WHOLE} href="TEXT"/>',
    "html": f'<foreignObject {WHOLE}><img src="PATH"/></foreignObject>',
    "a script": "<script href='PATH'>fetch('PATH')</script>",
}


@pytest.mark.parametrize("way", OUTSIDE)
def test_a_drawing_shows_no_pixel_of_a_file(secret: Path, way: str) -> None:
    nested = svg(f'<image width="40" height="40" href="{secret}"/>')
    body = OUTSIDE[way].replace("PATH", str(secret)).replace("FOLDER", str(secret.parent))
    body = body.replace("NESTED", data_uri("image/svg+xml", nested))
    body = body.replace("DISGUISED", data_uri("image/png", nested))
    body = body.replace("TEXT", data_uri("text/plain", nested))
    before = f'<?xml-stylesheet href="{secret}"?><!DOCTYPE svg [<!ENTITY path "{secret}">]>'
    image = seen(svg(body, before=before))
    assert {colour for _, colour in image.getcolors(1600) or []} <= {WHITE, BLACK}


@pytest.mark.parametrize(
    "attributes",
    [
        'width="100000" height="100000"',
        'width="90000" height="90000" viewBox="0 0 1 1"',
        'width="10" height="10" style="width:100000px;height:100000px"',
    ],
)
def test_a_drawing_of_a_huge_size_is_drawn_within_the_memory(attributes: str) -> None:
    body = "<style>svg{width:100000px;height:100000px}</style><rect width='100%' height='100%'/>"
    picture = opened(svg(body, attributes))
    assert picture.draw((100, 100)).size == (100, 100)
    assert sum(picture.draw((90_000, 90_000)).size) <= 10_000


LARGE = encoded(Image.new("1", (6_000, 6_000)), "PNG")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (svg("", 'width="1e9" height="1e9"'), "damaged_image"),
        (svg("", 'viewBox="0 0 1e308 1e308"'), "damaged_image"),
        (svg("<g>" * 5_000 + "</g>" * 5_000), "unsupported_format"),
        (svg("<g/>" * 250_000), "unsupported_format"),
        (gzip.compress(svg("<!--" + "x" * 30_000_000 + "-->"), mtime=0), "unsupported_format"),
        (
            svg("&a;", before='<!DOCTYPE svg [<!ENTITY a SYSTEM "/etc/hostname">]>'),
            "unsupported_format",
        ),
        (svg("", before='<!DOCTYPE svg [<!ENTITY % a "b">]>'), "unsupported_format"),
        (
            svg("&b;", before='<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'),
            "unsupported_format",
        ),
        (svg("&a;" * 9_999, before='<!DOCTYPE svg [<!ENTITY a "aa">]>'), "unsupported_format"),
        (
            svg("<g/>" * 9_999, before=f'<!DOCTYPE svg [<!ATTLIST g a CDATA "{"x" * 99_999}">]>'),
            "unsupported_format",
        ),
        (
            svg(f'<image href="{data_uri("image/png", LARGE)}"/>'),
            "too_many_pixels",
        ),
        (svg("<g>"), "damaged_image"),
        (b"<rss><svg/></rss>", "not_an_image"),
    ],
)
def test_a_hostile_drawing_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ImageError) as caught:
        seen(data)
    assert caught.value.code == code
