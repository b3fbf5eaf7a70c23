"""Every failure a caller can meet, as one tree.

```
VisionError
├─ ConfigurationError     missing_key · bad_setting · missing_extra
├─ SourceError            bad_source · not_found · not_allowed · blocked_address · fetch_failed
│                         too_large
├─ ImageError             not_an_image · unsupported_format · damaged_image · too_small
│                         too_many_pixels · animated · bad_region
├─ RequestError           too_many_images · request_too_large · bad_schema · bad_argument
│                         over_budget · context_exceeded
├─ ProviderError          unauthorized · out_of_credits · model_not_found · rejected
│                         rate_limited · unavailable · timeout · refused
├─ SharedStateError       unavailable
└─ AnswerError            empty_answer · blind_answer
```

A message says what happened, to what, and what to do next, in one sentence or two. It never holds
a key, a header, base64 or the body of a response. The codes are public and do not change.
"""

from collections.abc import Sequence
from typing import Literal, Self

ConfigurationCode = Literal["missing_key", "bad_setting", "missing_extra"]
SourceCode = Literal[
    "bad_source", "not_found", "not_allowed", "blocked_address", "fetch_failed", "too_large"
]
ImageCode = Literal[
    "not_an_image",
    "unsupported_format",
    "damaged_image",
    "too_small",
    "too_many_pixels",
    "animated",
    "bad_region",
]
RequestCode = Literal[
    "too_many_images",
    "request_too_large",
    "bad_schema",
    "bad_argument",
    "over_budget",
    "context_exceeded",
]
ProviderCode = Literal[
    "unauthorized",
    "out_of_credits",
    "model_not_found",
    "rejected",
    "rate_limited",
    "unavailable",
    "timeout",
    "refused",
]
SharedStateCode = Literal["unavailable"]
AnswerCode = Literal["empty_answer", "blind_answer"]
Code = (
    ConfigurationCode
    | SourceCode
    | ImageCode
    | RequestCode
    | ProviderCode
    | SharedStateCode
    | AnswerCode
)


class VisionError(Exception):
    """A failure that the caller is told of: a stable `code` and a `message` for people.

    Attributes:
        unsent: Whether it is known that no provider was asked.
        unbilled: Whether it is known that no provider charges for what failed.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
        self.unsent = False
        self.unbilled = False

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}"

    def add(self, told: str) -> Self:
        """Put more after the message, and return the same error."""
        self.message = f"{self.message} {told}"
        self.args = (self.message,)
        return self

    def about(self, subject: str) -> Self:
        """Put what the failure is about before the message, and return the same error."""
        self.message = f"{subject}: {self.message}"
        self.args = (self.message,)
        return self


class SeveralProblemsError(VisionError):
    """Several images failed: every problem is told, under the code of the first."""

    def __init__(self, problems: Sequence[VisionError], images: int) -> None:
        told = "\n".join(f"[{problem.code}] {problem.message}" for problem in problems)
        super().__init__(
            problems[0].code,
            f"{len(problems)} of {images} images cannot be used, so nothing was sent:\n{told}",
        )


def all_told(problems: Sequence[VisionError], images: int) -> VisionError:
    """Return the one problem, or all of them in one error; `images` is how many there are."""
    return problems[0] if len(problems) == 1 else SeveralProblemsError(problems, images)


class ConfigurationError(VisionError):
    """The server is not set up for what was asked."""

    def __init__(self, code: ConfigurationCode, message: str) -> None:
        super().__init__(code, message)


class SourceError(VisionError):
    """What the caller wrote does not lead to bytes that may be read."""

    def __init__(self, code: SourceCode, message: str) -> None:
        super().__init__(code, message)


class ImageError(VisionError):
    """The bytes are not a picture that can be sent."""

    def __init__(self, code: ImageCode, message: str) -> None:
        super().__init__(code, message)


class RequestError(VisionError):
    """The call as a whole cannot be made."""

    def __init__(self, code: RequestCode, message: str) -> None:
        super().__init__(code, message)


class ProviderError(VisionError):
    """The provider, or the way to it, failed."""

    def __init__(self, code: ProviderCode, message: str) -> None:
        super().__init__(code, message)


class SharedStateError(VisionError):
    """What several processes share cannot be reached, and the call needs it."""

    def __init__(self, code: SharedStateCode, message: str) -> None:
        super().__init__(code, message)


class AnswerError(VisionError):
    """The provider answered, and the answer is of no use."""

    def __init__(self, code: AnswerCode, message: str) -> None:
        super().__init__(code, message)
