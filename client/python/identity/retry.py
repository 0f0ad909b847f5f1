"""Whether and when a call is repeated. Pure rules, without a clock."""

from __future__ import annotations

import dataclasses
import enum

import grpc
from google.protobuf.message import Message

from .errors import Error
from .v1.identity_service_pb2 import AuthenticateRequest


class Repeat(enum.Enum):
    """When a call may be repeated."""

    NEVER = enum.auto()  # a second call could have another effect, or be a second guess of a password
    WHEN_UNAVAILABLE = enum.auto()  # for 10 seconds, a spent refresh token still gives the same successor
    SAFE = enum.auto()

    @classmethod
    def of(cls, request: Message) -> Repeat:
        name = type(request).__name__
        if name == "RefreshRequest":
            return cls.WHEN_UNAVAILABLE
        is_read = name.startswith(("Get", "List", "Check", "BatchCheck"))
        is_exchange_of_key = isinstance(request, AuthenticateRequest) and request.HasField("api_key")
        if is_read or name == "RevokeRequest" or is_exchange_of_key or getattr(request, "request_id", None):
            return cls.SAFE
        return cls.NEVER


@dataclasses.dataclass(frozen=True)
class Retry:
    """At most `attempts` calls in all. The pauses, in seconds, double from `first` to `longest`."""

    attempts: int = 5
    first: float = 0.02
    longest: float = 1.0

    def allows(self, error: Error, repeat: Repeat, made: int) -> bool:
        """Whether another call may follow after `made` calls."""
        if made >= self.attempts:
            return False
        if _refused_by_shutdown(error):
            return True
        if repeat is Repeat.NEVER:
            return False
        if error.code is grpc.StatusCode.UNAVAILABLE:
            return True
        return repeat is Repeat.SAFE and error.reason in ("CONFLICT", "OVERLOADED", "COMMIT_IN_DOUBT")

    def pause(self, error: Error, made: int, random: float) -> float:
        """The seconds to wait after `made` calls. `random` is from 0 to 1, so that clients do not retry together."""
        pause = min(self.first * 2.0 ** (made - 1), self.longest) * (1 - random / 2)
        if error.retry_after is None or error.retry_after < pause:
            return pause
        return error.retry_after + self.first * random


def _refused_by_shutdown(error: Error) -> bool:
    # The server's gRPC answers so to a call that arrives while it shuts down. No handler has seen the call.
    return error.code is grpc.StatusCode.CANCELLED and error.message == "CANCELLED"
