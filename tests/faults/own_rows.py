"""Faults of our own beside the published ones, in the same words."""

_BAD = "typed bad_response, no retry"
_EITHER = "success or typed bad_response"
_BROKEN = "retry within budget then typed connection_error/bad_response"
_DOWN = "retry within budget then typed upstream_unavailable/rate_limited"
_NO_RETRY = "typed, no retry"
_AT_ONCE = "typed at once, no retry"
_EMPTY = "typed empty_response"
_REFUSED = "typed refused"
_TOO_LARGE = "typed response_too_large, RSS +<64 MiB"
_LATE = "typed timeout by total deadline"
_CUT = "result with truncated=true"
_REDIRECT = "typed upstream_redirect, not followed, Authorization never re-sent"
_INSECURE = "typed connection_error; TLS never downgraded or retried insecurely"
_ANY = "typed or success; never raw exception"


def _all(words: str, *faults: str) -> dict[str, str]:
    return dict.fromkeys(faults, words)


BODIES = {
    **_all(_BAD, "null-200", "string-200", "empty-object", "two-documents", "trailing-garbage"),
    **_all(_BAD, "choice-a-string", "latin1", "text-of-9-mib"),
    **_all(_EMPTY, "content-blank", "content-an-object"),
    **_all(_EITHER, "deep-json-in-a-field", "digits-10000", "usage-digits-10000"),
    **_all("success", "usage-of-wrong-types", "usage-infinite", "usage-a-list", "model-a-number"),
    **_all("success", "content-with-controls", "escaped-ascii", "ratelimit-nonsense"),
    **_all("typed empty_response or bad_response", "choices-an-object", "message-a-string"),
    "key-in-200-error": _ANY,
    "error-beside-words": _CUT,
    "content-filter": _REFUSED,
}
STATUSES = {
    **{f"status-{status}": _NO_RETRY for status in (403, 405, 418, 422, 451)},
    **{f"status-{status}": _DOWN for status in (408, 530, 599)},
    **{f"status-{status}": _AT_ONCE for status in (525, 526)},
    **{f"status-{status}": _BAD for status in (205, 304, 600, 999)},
    # Whether the connection that follows is read as an answer is open.
    "status-101": "typed bad_response",
    "status-300-without-location": _BAD,
    **_all(_NO_RETRY, "401-html", "403-html", "413-html", "429-out-of-credits"),
    "400-key-in-body": _NO_RETRY,
    **_all(_DOWN, "503-html", "500-key-in-request-id", "500-should-retry-nonsense"),
    **_all(_DOWN, "429-retry-after-ms", "429-retry-after-ms-nan", "429-retry-after-negative"),
    **_all(_DOWN, "429-retry-after-date-2s", "429-retry-after-date-broken"),
    **_all(_DOWN, "429-retry-after-infinity", "429-retry-after-twice"),
    **_all(_AT_ONCE, "429-retry-after-date-far", "429-retry-after-digits-10000"),
    **_all(_AT_ONCE, "500-should-not-retry", "503-retry-after-past-deadline"),
}
FRAMING = {
    **_all(_BROKEN, "header-cr", "header-without-colon", "header-name-with-space"),
    **_all(_BROKEN, "http-2-frames", "cl-negative", "cl-plus", "cl-hex"),
    **_all(_BROKEN, "cl-2-to-63", "cl-digits-10000", "chunk-size-overflow"),
    **_all(_BROKEN, "chunk-size-2-to-63", "chunk-size-negative", "chunk-size-no-number"),
    **_all(_BROKEN, "transfer-coding-unknown"),
    **_all("success", "header-latin1", "header-folded", "header-cookies", "lf-only"),
    **_all("success", "chunk-extensions", "chunks-of-one-byte", "trailers"),
    **_all("success", "deflate-ok", "gzip-twice", "charset-unknown"),
    **_all(_EITHER, "headers-10000-long", "cl-and-chunked", "coding-unknown", "charset-lie"),
    "http-3.0": _EITHER,
    **_all(_BAD, "cl-too-short", "deflate-lie", "zstd-unasked", "gzip-cut", "coding-of-200"),
}
BREAKING = {
    **_all(_BROKEN, "endless-headers", "endless-header-line", "endless-trailers"),
    **_all(_BROKEN, "endless-chunk-extension"),
    "gzip-bomb-error": _DOWN,
    **_all(_LATE, "slow-status-line", "stall-in-error-body", "endless-whitespace-slow"),
    **_all(_LATE, "informational-endless", "never-reads"),
    **_all(_BROKEN, "closes-after-half-the-request", "reset-on-request"),
    "413-before-the-body": "typed request_too_large",
    "413-then-reset": "typed request_too_large or connection_error",
    "ok-before-the-body": "success",
    **_all(_REDIRECT, "redirect-308-other-port", "redirect-302-relative", "redirect-to-file"),
    "redirect-broken-location": _REDIRECT,
    **_all("success", "stale-keepalive-reset", "flap-reset-then-ok"),
}
FLOODS = {
    **_all(_TOO_LARGE, "huge-500mb-error", "huge-json-string", "endless-whitespace"),
    **_all(_TOO_LARGE, "gzip-bomb"),
    **_all(_TOO_LARGE, "deflate-bomb", "gzip-bomb-nested", "zstd-bomb"),
}
STREAM_FLOODS = _all(
    "typed response_too_large, RSS +<64 MiB",
    *("sse-gzip-bomb", "sse-comments-flood", "sse-event-without-end", "sse-lines-without-end"),
)
TUNNELS = {
    "tls-ok": "success",
    "tls-no-close-notify": "success",
    **_all(_INSECURE, "tls-expired", "tls-plain-http", "tls-closed-in-handshake"),
    **_all(_INSECURE, "proxy-403", "proxy-502", "proxy-redirect", "proxy-garbage"),
    **_all(_LATE, "tls-silent-handshake", "proxy-silent"),
}
# Of answers in events; where none were asked for, each of them may be refused as well.
STREAMS = {
    **_all("success", "sse-crlf", "sse-no-space", "sse-comments-and-names", "sse-without-usage"),
    **_all("success", "sse-usage-in-each-chunk", "sse-usage-null", "sse-null-deltas"),
    **_all("success", "sse-delta-null", "sse-other-choice", "sse-finish-with-words"),
    **_all("success", "sse-escaped-pair", "sse-gzip", "sse-with-length", "sse-http10"),
    **_all("success", "sse-split-in-character", "sse-byte-by-byte"),
    **_all("success", "sse-many-events-then-ok", "sse-stall-after-done", "sse-flap-then-ok"),
    **_all(_CUT, "sse-finish-length", "sse-error-after-text", "sse-error-named"),
    **_all(_CUT, "sse-stall-mid-text", "sse-cut-in-event", "sse-close-unchunked"),
    **_all(_EMPTY, "sse-reasoning-only", "sse-reasoning-then-length", "sse-tool-calls"),
    **_all(_EMPTY, "sse-empty-deltas"),
    **_all(_REFUSED, "sse-refusal", "sse-content-filter"),
    **_all("typed empty_response or bad_response", "sse-empty", "sse-done-only"),
    **_all("typed upstream_unavailable/rate_limited", "sse-error-before-text"),
    **_all("typed upstream_unavailable/rate_limited", "sse-limit-before-text"),
    **_all(_LATE, "sse-stall-before-text", "sse-endless-comments"),
    "sse-reset-before-text": _BROKEN,
    "sse-of-500": _DOWN,
    "sse-of-400": _NO_RETRY,
    **_all("typed bad_response", "sse-utf16", "sse-of-html", "sse-gzip-lie"),
    **_all(_ANY, "sse-json-content-type", "sse-content-list", "sse-whole-message"),
    **_all(_ANY, "sse-split-pair", "sse-chunk-null", "sse-chunk-a-list", "sse-chunk-deep"),
    **_all(_ANY, "sse-invalid-utf8", "sse-nul", "sse-no-last-blank-line", "sse-flood-of-text"),
    "sse-of-json": _EITHER,
    "sse-end-without-finish": "success or result with truncated=true",
}
# What is published of these leaves more open than we promise of a stream that was asked for.
PROMISED = {
    **_all("success", "sse-ok", "sse-split-inside-crlf", "sse-cr-only", "sse-no-done"),
    **_all("success", "sse-data-after-done", "sse-multi-data-lines", "sse-bom"),
    **_all("success", "sse-usage-only-last-chunk"),
    **_all(_CUT, "sse-reset-midstream", "sse-endless"),
    **_all("success", "lone-surrogate", "json-nan", "dup-keys"),
}
