"""The client for threads."""

from __future__ import annotations

import copy
import time
from typing import Any

import grpc
from google.protobuf.message import Message

from .calls import Attempts, Metadata, Tls, metadata_of, multicallable, opener_of
from .credentials import TokenSource, source_of
from .retry import Retry


class Client:
    """Calls the identity service. Thread-safe; make one and keep it.

    `address`: HOST:PORT, IP addresses with ports separated by commas, or a target of gRPC. Calls go to all addresses in
    turn. `credential`: an API key or access token, or a source of them. `timeout`: the seconds of a call with all its
    retries.
    """

    def __init__(self, address: str, credential: str | TokenSource | None = None, *, plaintext: bool = False,
                 tls: Tls = Tls(), timeout: float = 2.0, retry: Retry = Retry()):
        self._channel = opener_of(grpc, address, plaintext, tls)()
        self._source = source_of(credential)
        self._timeout = timeout
        self._retry = retry

    def with_credential(self, credential: str | TokenSource) -> Client:
        """A client on the same connections, with another credential. None is an error: the calls of a person would be
        those of the client's certificate. A client without a credential is made without one."""
        if credential is None:
            raise TypeError("with_credential needs a credential")
        other = copy.copy(self)
        other._source = source_of(credential)
        return other

    def call(self, request: Message, *, timeout: float | None = None, metadata: Metadata = ()) -> Any:
        """Calls the RPC of the request: a CheckPermissionRequest gets a CheckPermissionResponse. Raises Error.

        `metadata` goes beside the credential, such as the `x-forwarded-for` of a proxy that the service trusts."""
        send = multicallable(self._channel, request)
        attempts = Attempts(request, self._retry, self._timeout if timeout is None else timeout)
        while True:
            own = metadata_of(self._source.token() if self._source else None)
            try:
                return send(request, timeout=attempts.time_left(), metadata=(*own, *metadata))
            except grpc.RpcError as error:
                time.sleep(attempts.pause_after(error))

    def close(self) -> None:
        """Ends the connections, also those of `with_credential`."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
