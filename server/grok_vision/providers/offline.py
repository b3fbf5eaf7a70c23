"""The embedded engine, as a provider like the others: no address is dialled and nothing is billed.

Its host ends in `.invalid` (RFC 2606), so that a mistake in the wiring cannot reach a machine.
"""

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, ModelProfile, Provider
from grok_vision.providers.schema_dialect import SchemaDialect
from grok_vision.providers.token_rules import Flat

_OURS = Evidence("recorded", "this package: grok_vision.local", "2026-11-21")

LOCAL = Provider(
    name="local",
    title="the offline engine",
    base_url="http://offline.invalid/v1",
    key_field=None,
    default_model="local/ocr",
    # Text is read at full size: nothing is shrunk for it below what memory allows.
    images=ImageLimits(max_bytes=64 * 1024 * 1024, max_side=20_000, evidence=_OURS),
    tokens=Flat(name="offline: none", tokens=0, evidence=_OURS),
    bills=False,
    streams="none",
    json_forms=frozenset({"json_schema", "json_object"}),
    # It fills two presets and tells of comparisons, and says of any other schema that it cannot.
    schema_dialect=SchemaDialect(shown=True, evidence=_OURS),
    evidence=_OURS,
    fetches_urls=False,  # it opens no connection at all
    models=(ModelProfile(name="local/ocr", evidence=_OURS),),
)
