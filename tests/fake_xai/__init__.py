"""A strict stand-in of `https://api.x.ai/v1`, for tests.

It refuses what xAI refuses, in xAI's order and words, and records what it saw. Behaviours are
those of xAI's documentation, its published clients and recorded traffic, read on 2026-11-20.

A request is judged in this order: queued failures · transport (404, 413, 411, 415) · JSON ·
types · model · key · arguments · images. Then the answer is made.

Where it is stricter than xAI, so that our own mistakes are loud:

- unknown keys, at any level, are refused; xAI ignores them;
- content parts are `text` or `image_url`; xAI also takes `file`, which starts a paid search;
- a picture must be what its label says; xAI ignores the label;
- a picture is JPEG or PNG; xAI also takes WebP and ICO;
- a picture's URL leads to a public host, is plain ASCII without user and fragment, and does not
  end as another format does; what xAI says of others is not recorded;
- a `detail` other than auto, low and high is refused; xAI takes any string;
- there is at most one system message and it comes first; xAI's pages disagree about it;
- a schema has only keywords and formats that xAI documents, within their bounds; xAI accepts some
  others and does not enforce them;
- `n` above 1, `stream_options` without `stream`, and a missing Content-Length are refused.

Refusals that are the stand-in's own have messages that begin with `stand-in:`, save unknown keys,
which get xAI's own "Argument not supported: …".
"""

from tests.fake_xai.app import FakeXAI
from tests.fake_xai.recorded import Link, Picture, Recorded
from tests.fake_xai.response import Response

__all__ = ["FakeXAI", "Link", "Picture", "Recorded", "Response"]
