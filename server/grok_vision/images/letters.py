"""What is sent in place of the bytes of a picture: the letters that stand for them."""

from grok_vision.errors import ImageError, SourceError
from grok_vision.images.data_uri import is_data_uri
from grok_vision.images.labels import is_bare_picture

_LOOK_AT = 4096
_AROUND = " \t\r\n\"'"
# PNG begins with the line breaks of all systems, so that this is noticed.
_PNG_WITHOUT_BREAKS = b"\x89PNG\x1a"


def refuse_letters(data: bytes) -> None:
    """Make sure that these are not the letters of a picture in place of its bytes.

    Raises:
        SourceError: `bad_source` for a data URI or base64.
        ImageError: `damaged_image` for a PNG whose line breaks were taken out.
    """
    text = data[:_LOOK_AT].decode("latin-1").strip(_AROUND)
    if is_data_uri(text) or is_bare_picture(text):
        raise SourceError(
            "bad_source", "it is base64; send the bytes of the file, as curl --data-binary does."
        )
    if data.startswith(_PNG_WITHOUT_BREAKS):
        raise ImageError(
            "damaged_image",
            "its line breaks are gone, as curl -d leaves them out; send it with --data-binary.",
        )
