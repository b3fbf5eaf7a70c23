"""`doctor`: what holds for clients over HTTP, where spans go, and what is installed for that."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands import here

TOKEN = "a-token-that-nobody-may-see"


def diagnosed(folder: Path, **settings: str) -> dict[str, Any]:
    environment = {"HOME": str(folder), "GROK_VISION_PROVIDER": "local", **settings}
    done = here("doctor", "--json", env=environment)
    shown = here("doctor", env=environment)
    diagnosis = json.loads(done.stdout)
    assert TOKEN not in done.stdout + done.stderr + shown.stdout + shown.stderr
    assert f"http            {diagnosis['http']}\n" in shown.stdout
    assert f"traces          {diagnosis['traces']}\n" in shown.stdout
    return diagnosis


def test_what_is_set_for_http_is_shown_without_the_token(tmp_path: Path) -> None:
    bare = diagnosed(tmp_path)
    assert bare["http"] == "no token; reached as this machine only; no rate limit"
    public = diagnosed(
        tmp_path,
        GROK_VISION_AUTH_TOKEN=f"{TOKEN} another-{TOKEN}",
        GROK_VISION_OAUTH_ISSUER="https://login.example.com",
        GROK_VISION_PUBLIC_HOST="vision.example.com",
        GROK_VISION_RATE_LIMIT="60",
    )
    assert public["http"] == (
        "2 tokens and tokens of https://login.example.com; reached as vision.example.com; "
        "60 requests a minute"
    )


def test_where_spans_go_is_shown_without_what_else_is_in_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://u:{TOKEN}@collector:4318/x?key={TOKEN}"}
    assert diagnosed(tmp_path)["traces"] == "are not sent"
    assert diagnosed(tmp_path, **address)["traces"] == "are sent to http://collector:4318"
    for wrong in ("collector:4318", "http://[bad"):
        told = diagnosed(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=wrong)["traces"]
        assert told == "are not sent: OTEL_EXPORTER_OTLP_ENDPOINT is no http(s) address"
    off = {**address, "OTEL_TRACES_EXPORTER": "otlp_file"}
    assert diagnosed(tmp_path, **off)["traces"] == "are not sent"
    monkeypatch.setattr("grok_vision.cli.extras._SPANS", "no-such-distribution")
    without = diagnosed(tmp_path, **address)
    assert without["traces"] == "would be sent to http://collector:4318 with the extra otel"
    assert without["extras"]["otel"] is False
