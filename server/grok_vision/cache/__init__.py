"""Answers kept on disk by content. Other rooms import from here only.

SQLite, over `grok_vision.database`, because no library does what is asked here. diskcache had its
last release in 2023 and unpickles what it reads (CVE-2025-69872); its fork diskcache-community
5.8.1 (pypi.org, 2026-10), when tried, raised where its file was damaged, returned an answer with a
changed byte and grew to five times its bound; py-key-value-aio 0.5 bounds by diskcache only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from grok_vision.cache.answers import AnswerCache
from grok_vision.cache.answers_in_file import Answers, AnswersInFile
from grok_vision.cache.key import key_of

if TYPE_CHECKING:
    from grok_vision.cache.shared_answers import SharedAnswers

__all__ = ["AnswerCache", "Answers", "AnswersInFile", "SharedAnswers", "key_of"]

# For several processes only: one alone does not wait for it.
_LATER = {"SharedAnswers": "shared_answers"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
