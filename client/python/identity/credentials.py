"""Token sources: where a client's credential comes from."""

from __future__ import annotations

import os
import pathlib
import threading
import time
from typing import Any, Callable, Protocol

import grpc

from .errors import Error

_REREAD_SECONDS = 10


class TokenSource(Protocol):
    """Gives the credential of a call."""

    def token(self) -> str: ...


class Token:
    """An API key or an access token that never changes."""

    def __init__(self, text: str):
        self._text = text

    def token(self) -> str:
        return self._text


class File:
    """A file, such as the token of a Kubernetes service account. It is read again at most once in 10 seconds. While it
    cannot be read, the text that it had before counts."""

    def __init__(self, path: str | os.PathLike[str], *, clock: Callable[[], float] = time.monotonic):
        self._path = pathlib.Path(path)
        self._clock = clock
        self._lock = threading.Lock()
        self._text = ""
        self._next_read = float("-inf")

    def token(self) -> str:
        with self._lock:
            if self._clock() >= self._next_read:
                self._read()
            return self._text

    def _read(self) -> None:
        try:
            text = self._path.read_text(encoding="utf-8").strip()
        except OSError:
            text = ""
        if not text and not self._text:
            raise Error(grpc.StatusCode.FAILED_PRECONDITION, f"there is no credential in {self._path}")
        self._text = text or self._text
        self._next_read = self._clock() + _REREAD_SECONDS


def source_of(credential: Any) -> Any:
    """The source that is meant by a text, a source, or None."""
    return Token(credential) if isinstance(credential, str) else credential
