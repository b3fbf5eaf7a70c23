"""Answers whose status, or what a header says about trying again, is the fault."""

from tests.faults.completion import BODY_MARK, KEY, Said, completion, failed, head, raw, reply

_PAGE = f"<html><title>Cloudflare</title><h1>{BODY_MARK}</h1></html>".encode()


def _html(status: str) -> Said:
    return reply(_PAGE, status, "Server: cloudflare", "CF-RAY: 8f-FRA", kind="text/html")


def _limited(*headers: str) -> Said:
    return failed("429 Too Many Requests", *headers)


def _after(value: str) -> Said:
    return _limited(f"Retry-After: {value}")


ANSWERS: dict[str, Said] = {
    "no-content-204": Said(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "html-500-cloudflare": _html("500 Internal Server Error"),
    **{
        f"status-{status}": failed(f"{status} Said so")
        for status in (400, 402, 404, 409, 415, 425, 500, 502, 504, 522, 529)
    },
    "429-retry-after-0": _after("0"),
    "429-retry-after-1.5": _after("1.5"),
    "429-retry-after-huge": _after("86400"),
    "429-retry-after-nan": _after("nan"),
    "429-retry-after-date-past": _after("Wed, 21 Oct 2015 07:28:00 GMT"),
    "429-retry-after-empty": _after(""),
    "503-should-not-retry": failed("503 Service Unavailable", "x-should-retry: false"),
    "400-should-retry": failed("400 Bad Request", "x-should-retry: true"),
    # Ours
    **{
        f"status-{status}": failed(f"{status} Said so")
        for status in (403, 405, 408, 418, 422, 451, 525, 526, 530, 599, 600, 999)
    },
    "status-205": Said(b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
    "status-304": Said(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "status-300-without-location": failed("300 Multiple Choices"),
    "status-101": raw(head("101 Switching Protocols", "Upgrade: x", "Connection: Upgrade") + b"x"),
    "401-html": _html("401 Unauthorized"),
    "403-html": _html("403 Forbidden"),
    "413-html": _html("413 Payload Too Large"),
    "503-html": _html("503 Service Unavailable"),
    "400-key-in-body": failed("400 Bad Request", said=f"Incorrect API key provided: {KEY}."),
    "500-key-in-request-id": failed(
        "500 Failed", f"x-request-id: {KEY}", f"request-id: \t<b>{BODY_MARK}</b>"
    ),
    "429-out-of-credits": failed(
        "429 Too Many Requests", said="Your team has used all available credits"
    ),
    "429-retry-after-ms": _limited("retry-after-ms: 40", "Retry-After: 86400"),
    "429-retry-after-ms-nan": _limited("retry-after-ms: nan"),
    "429-retry-after-negative": _after("-5"),
    "429-retry-after-infinity": _after("inf"),
    "429-retry-after-digits-10000": _after("9" * 10_000),
    "429-retry-after-date-broken": _after("Wed, 99 Foo 2026 77:88:99 GMT"),
    "429-retry-after-date-far": _after("Fri, 31 Dec 9999 23:59:59 GMT"),
    "429-retry-after-twice": _limited("Retry-After: 0", "Retry-After: 1"),
    "500-should-not-retry": failed("500 Failed", "x-should-retry: false"),
    "500-should-retry-nonsense": failed("500 Failed", "x-should-retry: \x7fperhaps"),
    "503-retry-after-past-deadline": failed("503 Service Unavailable", "Retry-After: 30"),
    "ratelimit-nonsense": reply(
        completion(),
        "200 OK",
        "x-ratelimit-remaining-requests: -1e999",
        "x-ratelimit-remaining-tokens: nan",
        "x-ratelimit-reset-requests: " + "9" * 1000 + "h",
        "x-ratelimit-reset-tokens: NaNms",
    ),
}
