"""The client and the session for asyncio, with the same names as those for threads."""

from __future__ import annotations

import asyncio
import copy
import inspect
import time
from typing import Any, Callable, Protocol

import grpc
import grpc.aio
from google.protobuf.message import Message

from .calls import Attempts, Metadata, Tls, metadata_of, multicallable, opener_of
from .credentials import File, Token, TokenSource, source_of
from .errors import Error
from .retry import Retry
from .session import Clock, Tokens
from .v1.identity_service_pb2 import RefreshRequest
from .v1.types_pb2 import TokenSet

__all__ = ["AsyncTokenSource", "Client", "Error", "File", "Retry", "Session", "Tls", "Token", "TokenSource"]


class AsyncTokenSource(Protocol):
    """Gives the credential of a call, as a session does."""

    async def token(self) -> str: ...


Credential = str | TokenSource | AsyncTokenSource | None


class Client:
    """Calls the identity service, as identity.Client does. It connects in the event loop of its first call; in another
    loop, as in the next test, it connects again."""

    def __init__(self, address: str, credential: Credential = None, *, plaintext: bool = False,
                 tls: Tls = Tls(), timeout: float = 2.0, retry: Retry = Retry()):
        self._connection = _Connection(opener_of(grpc.aio, address, plaintext, tls))
        self._source = source_of(credential)
        self._timeout = timeout
        self._retry = retry

    def with_credential(self, credential: Credential) -> Client:
        """A client on the same connections, with another credential. None is an error: the calls of a person would be
        those of the client's certificate. A client without a credential is made without one."""
        if credential is None:
            raise TypeError("with_credential needs a credential")
        other = copy.copy(self)
        other._source = source_of(credential)
        return other

    async def call(self, request: Message, *, timeout: float | None = None, metadata: Metadata = ()) -> Any:
        """Calls the RPC of the request: a CheckPermissionRequest gets a CheckPermissionResponse. Raises Error.

        `metadata` goes beside the credential, such as the `x-forwarded-for` of a proxy that the service trusts."""
        send = multicallable(self._connection.channel(), request)
        attempts = Attempts(request, self._retry, self._timeout if timeout is None else timeout)
        while True:
            own = metadata_of(await self._token())
            try:
                return await send(request, timeout=attempts.time_left(), metadata=(*own, *metadata))
            except grpc.RpcError as error:
                await asyncio.sleep(attempts.pause_after(error))

    async def _token(self) -> str | None:
        token: Any = self._source.token() if self._source else None
        if inspect.isawaitable(token):
            token = await token
        return token

    async def close(self) -> None:
        """Ends the connections, also those of `with_credential`."""
        await self._connection.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _Connection:
    """The channel of the running event loop: gRPC binds each to one."""

    def __init__(self, opener: Callable[[], Any]):
        self._open = opener
        self._loop: asyncio.AbstractEventLoop | None = None
        self._channel: Any = None

    def channel(self) -> Any:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._channel = loop, self._open()
        return self._channel

    async def close(self) -> None:
        if self._loop is asyncio.get_running_loop():
            await self._channel.close()


class Session:
    """Holds the tokens of a login and refreshes them before they expire. A token source.

    At most one refresh runs at a time, because the first use of a refresh token spends it. For the same reason,
    sessions, processes and machines must not share a refresh token.
    """

    def __init__(self, client: Client, tokens: TokenSet, *, clock: Clock = time.time):
        self.id = tokens.session_id
        self.principal_id = tokens.principal_id
        self._client = client
        self._tokens = Tokens(tokens, clock)
        self._refresh: asyncio.Task[None] | None = None

    async def token(self) -> str:
        """An access token that has not expired. Waits for a refresh only if there is none. Raises Error: after
        UNAUTHENTICATED the session has ended, so log in again."""
        if self._tokens.are_due and self._refresh is None:
            self._refresh = asyncio.create_task(self._refresh_now())
        if self._refresh and not self._tokens.are_valid:
            # A cancelled caller must not cancel the refresh: the token is spent, and others wait.
            await asyncio.shield(self._refresh)
        return self._tokens.access_token()

    async def _refresh_now(self) -> None:
        try:
            self._tokens.renew(await self._client.call(RefreshRequest(refresh_token=self._tokens.refresh_token)))
        except Error as error:
            self._tokens.fail(error)
        finally:
            self._refresh = None
