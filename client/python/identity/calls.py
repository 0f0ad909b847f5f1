"""What the clients share: the methods, the channel, and the attempts of a call."""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import json
import os
import pathlib
import random
import re
import time
from types import ModuleType
from typing import Any, Callable, NamedTuple, Sequence

import grpc
from google.protobuf.message import Message

from .errors import Error
from .retry import Repeat, Retry
from .v1 import account_service_pb2, admin_service_pb2, identity_service_pb2


Metadata = Sequence[tuple[str, str]]

_IS_TOKEN = re.compile(r"[!-~]+")


class Method(NamedTuple):
    path: str
    response_type: Any


# Each RPC has a request type of its own, so a request names its method.
METHODS = {
    method.input_type.full_name: Method(f"/{service.full_name}/{method.name}", getattr(module, method.output_type.name))
    for module in (account_service_pb2, admin_service_pb2, identity_service_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}


def multicallable(channel: grpc.Channel, request: Message) -> Any:
    """gRPC's callable for the method of the request."""
    method = METHODS.get(request.DESCRIPTOR.full_name)
    if method is None:
        raise TypeError(f"{type(request).__name__} is not the request of a call")
    return channel.unary_unary(method.path, request_serializer=type(request).SerializeToString,
                               response_deserializer=method.response_type.FromString)


@dataclasses.dataclass(frozen=True)
class Tls:
    """Files in PEM. `roots` replaces the roots of the system. `certificate` and `key` are the client's own. They are
    read once: make another client before the certificate expires. `name` is the name that the certificate of the
    service must have, if it is not that in the address."""

    roots: str | os.PathLike[str] | None = None
    certificate: str | os.PathLike[str] | None = None
    key: str | os.PathLike[str] | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("give both the certificate and its key, or none")

    def credentials(self) -> grpc.ChannelCredentials:
        files = (self.roots, self.key, self.certificate)
        return grpc.ssl_channel_credentials(*(pathlib.Path(name).read_bytes() if name else None for name in files))


_OPTIONS: tuple[tuple[str, Any], ...] = (
    # Each replica has a connection.
    ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
    ("grpc.max_receive_message_length", 8 * 1024 * 1024),  # a batch of 1,000 with explanations
    ("grpc.use_local_subchannel_pool", 1),
    # Not more often than servers accept. A connection to a host that vanished ends after both together.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),  # no limit
    # The least time between two look-ups of the name, which find new replicas.
    ("grpc.dns_min_time_between_resolutions_ms", 5_000),
)


def opener_of(library: ModuleType, address: str, plaintext: bool, tls: Tls) -> Callable[[], Any]:
    """Opens a channel of `library`, which is grpc or grpc.aio. Reads the files at once."""
    if not address or address.startswith(("http://", "https://")):
        raise ValueError("address: HOST:PORT is required, such as localhost:50051")
    if not isinstance(plaintext, bool):
        raise TypeError("plaintext is True or False")  # the text "false" would be true
    if plaintext and tls != Tls():
        raise ValueError("give either plaintext or tls")
    target, authority = address, tls.name
    if "," in address and not address.startswith(("ipv4:", "ipv6:")):
        if not plaintext and authority is None:
            # gRPC expects one name of all, and the address of the first is not in the certificates of the others.
            raise ValueError("a list of addresses needs the name in their certificates: tls=Tls(name=…)")
        target = _target_of(address.split(","))
        authority = authority or address.partition(",")[0]
    options = (*_OPTIONS, ("grpc.default_authority", authority)) if authority else _OPTIONS
    if plaintext:
        return functools.partial(library.insecure_channel, target, options=options)
    return functools.partial(library.secure_channel, target, tls.credentials(), options=options)


def _target_of(addresses: list[str]) -> str:
    try:
        versions = {ipaddress.ip_address(each.rpartition(":")[0].strip("[]")).version for each in addresses}
    except ValueError:
        versions = set()
    if len(versions) != 1:
        raise ValueError("a list has IP addresses of one version with ports; for replicas by name, give one name with "
                         "all their addresses")
    return f"ipv{versions.pop()}:{','.join(addresses)}"


class Attempts:
    """The attempts of one call, until its deadline."""

    def __init__(self, request: Message, retry: Retry, timeout: float):
        self._repeat = Repeat.of(request)
        self._retry = retry
        self._end = time.monotonic() + timeout
        self._made = 0

    def time_left(self) -> float:
        return max(self._end - time.monotonic(), 0)

    def pause_after(self, error: grpc.RpcError) -> float:
        """The seconds to wait before the next attempt. Raises the error if there is none."""
        self._made += 1
        failure = Error.of(error)
        if self._retry.allows(failure, self._repeat, self._made):
            pause = self._retry.pause(failure, self._made, random.random())
            if pause < self.time_left():
                return pause
        raise failure from error


def metadata_of(token: str | None) -> Metadata:
    """Without a token: none. gRPC would put another text than a token into its exception."""
    if token is None:
        return ()
    if not _IS_TOKEN.fullmatch(token):
        raise Error(grpc.StatusCode.FAILED_PRECONDITION, "the client's credential is empty or no token")
    return (("authorization", f"Bearer {token}"),)
