"""A login that stays valid."""

from __future__ import annotations

import threading
import time
from typing import Callable

import grpc

from .client import Client
from .errors import Error
from .v1.identity_service_pb2 import RefreshRequest, RefreshResponse
from .v1.types_pb2 import TokenSet

Clock = Callable[[], float]


class Tokens:
    """The tokens of a session, and when to replace them. Not thread-safe."""

    AHEAD_SECONDS = 60
    PAUSE_SECONDS = 1  # well below 10 s, the time in which a lost response can be repeated

    def __init__(self, tokens: TokenSet, clock: Clock):
        if not tokens.access_token:
            raise ValueError("the tokens have no access token; a login that needs a second factor has none yet")
        self._clock = clock
        self.keep(tokens)

    def keep(self, tokens: TokenSet) -> None:
        now = self._clock()
        lifetime = tokens.expires_in.ToTimedelta().total_seconds()
        self._access_token = tokens.access_token
        self._expires = now + lifetime
        self._next_refresh = now + max(lifetime - self.AHEAD_SECONDS, lifetime / 2)
        self._error = Error(grpc.StatusCode.UNAUTHENTICATED, "the access token has expired")
        self.refresh_token = tokens.refresh_token

    def renew(self, answer: RefreshResponse) -> None:
        """Keeps the tokens of the answer, if it has any."""
        if answer.tokens.access_token:
            self.keep(answer.tokens)
        else:
            self.fail(Error(grpc.StatusCode.INTERNAL, "the answer to Refresh has no tokens"))

    def fail(self, error: Error) -> None:
        self._error = error
        self._next_refresh = self._clock() + self.PAUSE_SECONDS
        if error.reason.startswith("REFRESH_TOKEN_"):
            self._access_token = self.refresh_token = ""

    @property
    def are_due(self) -> bool:
        # The exchange of an API key gives no refresh token.
        return bool(self.refresh_token) and self._clock() >= self._next_refresh

    @property
    def are_valid(self) -> bool:
        return bool(self._access_token) and self._clock() < self._expires

    def access_token(self) -> str:
        if self.are_valid:
            return self._access_token
        raise self._error.with_traceback(None)  # raised many times, it would grow


class Session:
    """Holds the tokens of a login and refreshes them before they expire. Thread-safe. A token source.

    At most one refresh runs at a time, because the first use of a refresh token spends it. For the same reason,
    sessions, processes and machines must not share a refresh token.
    """

    def __init__(self, client: Client, tokens: TokenSet, *, clock: Clock = time.time):
        self.id = tokens.session_id
        self.principal_id = tokens.principal_id
        self._client = client
        self._tokens = Tokens(tokens, clock)
        self._changed = threading.Condition()
        self._refreshing = False

    def token(self) -> str:
        """An access token that has not expired. Waits for a refresh only if there is none. Raises Error: after
        a reason that begins with REFRESH_TOKEN_ the session has ended, so log in again."""
        with self._changed:
            if self._tokens.are_due and not self._refreshing:
                self._refresh()
            elif not self._tokens.are_valid:
                self._changed.wait_for(lambda: not self._refreshing)
            return self._tokens.access_token()

    def _refresh(self) -> None:
        """Refreshes without the lock, which the caller holds."""
        request = RefreshRequest(refresh_token=self._tokens.refresh_token)
        self._refreshing = True
        self._changed.release()
        try:
            outcome = self._client.call(request)
        except Error as error:
            outcome = error
        finally:
            self._changed.acquire()
            self._refreshing = False
            self._changed.notify_all()
        if isinstance(outcome, Error):
            self._tokens.fail(outcome)
        else:
            self._tokens.renew(outcome)
