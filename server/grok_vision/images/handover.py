"""What of the web a provider may fetch by itself, where settings let it."""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from grok_vision.errors import SourceError
from grok_vision.images.addresses import IPAddress
from grok_vision.images.network import Target, check_address

# What no provider takes everywhere, so that it is converted here: by the path's ending, because
# nothing is fetched to see.
_CONVERTED = re.compile(r"\.(?:avif|bmp|gif|hei[cf]|ico|jxl|pdf|svgz?|tiff?|webp)/?", re.IGNORECASE)


def may_be_handed_on(target: Target, addresses: Sequence[IPAddress]) -> bool:
    """Says whether a checked URL is one that a stranger can fetch and a provider can read.

    Not where it takes a rule of ours: that host is opened to this machine. Not where its path
    ends as that of a picture which must be converted first.
    """
    try:
        for address in addresses:
            check_address(target, address)
    except SourceError:
        return False
    path = unquote(target.resource.partition("?")[0])
    return _CONVERTED.fullmatch(path, path.rfind(".")) is None
