"""Answers kept on disk by content. Other rooms import from here only.

SQLite, over `grok_vision.database`, because no library does what is asked here. diskcache had its
last release in 2023 and unpickles what it reads (CVE-2025-69872); its fork diskcache-community
5.8.1 (pypi.org, 2026-10), when tried, raised where its file was damaged, returned an answer with a
changed byte and grew to five times its bound; py-key-value-aio 0.5 bounds by diskcache only.
"""

from grok_vision.cache.answers import AnswerCache
from grok_vision.cache.key import key_of

__all__ = ["AnswerCache", "key_of"]
