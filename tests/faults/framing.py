"""Answers whose form as HTTP is the fault, or is only unusual."""

import gzip
import zlib

from tests.faults.completion import BODY_MARK, OK, Said, head, raw, reply
from tests.faults.visit import chunk

_CHUNKED = "Transfer-Encoding: chunked"
_END = b"0\r\n\r\n"


def _with(*headers: str) -> Said:
    return reply(OK, "200 OK", *headers)


def _coded(coding: str, data: bytes) -> Said:
    return reply(data, "200 OK", f"Content-Encoding: {coding}")


def _length(length: str) -> Said:
    return raw(head("200 OK", f"Content-Length: {length}") + OK)


def _chunked(body: bytes, *headers: str) -> bytes:
    return head("200 OK", _CHUNKED, *headers) + body


ANSWERS: dict[str, Said] = {
    "premature-close": raw(reply().data[:-40]),
    "early-hints-103": Said(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + reply().data),
    "http10-no-length": raw(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + OK),
    "cl-too-long-then-close": _length(str(len(OK) + 10)),
    "cl-duplicate": raw(head("200 OK", f"Content-Length: {len(OK)}", "Content-Length: 3") + OK),
    "chunked-truncated": raw(_chunked(chunk(OK)[:-20])),
    "not-http": raw(b"SSH-2.0-OpenSSH_10.2 " + BODY_MARK.encode() + b"\r\n"),
    "http09": raw(OK),
    "bad-status-line": raw(head("twohundred fine") + OK),
    "header-64k": _with("X-Long: " + "x" * 65_000),
    "headers-10000": _with(*(f"a{number}: b" for number in range(10_000))),
    "header-nul": raw(head("200 OK", "X-Nul: a\0b", f"Content-Length: {len(OK)}") + OK),
    "gzip-ok": _coded("gzip", gzip.compress(OK)),
    "gzip-lie": _coded("gzip", OK),
    "br-unasked": _coded("br", b"\x1b\x03\x00\xf8\xff" + b"\x93" * 40),
    # Ours
    "headers-10000-long": _with(*(f"X-Header-{number}: value" for number in range(10_000))),
    "header-cr": raw(head("200 OK", "X-Cr: a\rSet-Cookie: b=c", f"Content-Length: {len(OK)}") + OK),
    "header-latin1": _with("X-Place: M\xfcnchen\xff"),
    "header-without-colon": raw(head("200 OK", "NoColon", f"Content-Length: {len(OK)}") + OK),
    "header-name-with-space": raw(head("200 OK", "X Y: z", f"Content-Length: {len(OK)}") + OK),
    "header-folded": _with("X-Folded: a\r\n b"),
    "header-cookies": _with(*("Set-Cookie: a=" + "b" * 900 for _ in range(60))),
    "lf-only": Said(reply().data.replace(b"\r\n", b"\n")),
    "http-2-frames": raw(b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x80\0\4\0\1\0\0\0\5\0\xff\xff\xff"),
    "http-3.0": raw(reply().data.replace(b"HTTP/1.1", b"HTTP/3.0")),
    "cl-negative": _length("-5"),
    "cl-plus": _length(f"+{len(OK)}"),
    "cl-hex": _length(hex(len(OK))),
    "cl-2-to-63": _length(str(2**63)),
    "cl-digits-10000": _length("9" * 10_000),
    "cl-too-short": raw(head("200 OK", f"Content-Length: {len(OK) // 2}") + OK),
    "cl-and-chunked": raw(_chunked(chunk(OK) + _END, "Content-Length: 7")),
    "chunk-size-overflow": raw(_chunked(b"F" * 30 + b"\r\n" + OK)),
    "chunk-size-2-to-63": raw(_chunked(b"8000000000000000\r\n" + OK)),
    "chunk-size-negative": raw(_chunked(b"-1\r\n" + OK + b"\r\n" + _END)),
    "chunk-size-no-number": raw(_chunked(b"zz\r\n" + OK + b"\r\n" + _END)),
    "chunk-extensions": Said(_chunked(f"{len(OK):x};a=b;c\r\n".encode() + OK + b"\r\n" + _END)),
    "chunks-of-one-byte": Said(_chunked(b"".join(chunk(bytes([x])) for x in OK) + _END)),
    "trailers": Said(_chunked(chunk(OK) + b"0\r\nX-Sum: 1\r\nContent-Length: 3\r\n\r\n")),
    "transfer-coding-unknown": raw(head("200 OK", "Transfer-Encoding: gzip, chunked") + OK),
    "deflate-ok": _coded("deflate", zlib.compress(OK)),
    "deflate-lie": _coded("deflate", b"\x78\x9c" + OK),
    "zstd-unasked": _coded("zstd", b"\x28\xb5\x2f\xfd\0\x38" + b"\xff" * 40),
    "gzip-cut": _coded("gzip", gzip.compress(OK)[:-60]),
    "gzip-twice": _coded("gzip, gzip", gzip.compress(gzip.compress(OK))),
    "coding-unknown": _coded("snappy", OK),
    "coding-of-200": _coded(", ".join(["gzip"] * 200), OK),
    "charset-lie": reply(kind="application/json; charset=utf-16"),
    "charset-unknown": reply(kind=f'application/json; charset="{"x" * 500}"'),
    # The second answer belongs to nobody: the next call on that connection must not read it.
}
