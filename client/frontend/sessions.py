"""The session of a browser: the tokens of Identity, in a sealed cookie."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Mapping

from identity.v1.types_pb2 import TokenSet

_AHEAD_SECONDS = 60


@dataclasses.dataclass(frozen=True)
class Session:
    """`limit` says why the tokens open only the own account: "password", "factor" or "email" must come first."""

    id: str
    access_token: str = dataclasses.field(repr=False)
    refresh_token: str = dataclasses.field(repr=False)
    refresh_time: float
    expire_time: float
    limit: str = ""

    @classmethod
    def begin(cls, tokens: TokenSet, limit: str = "") -> Session:
        if tokens.password_change_required:
            limit = "password"
        elif tokens.mfa_enrollment_required:
            limit = "factor"
        return cls(tokens.session_id, tokens.access_token, tokens.refresh_token, *_times_of(tokens), limit)

    def renew(self, tokens: TokenSet) -> Session:
        """The same session with new tokens. Some calls give only an access token: then the refresh token stays."""
        refresh_time, expire_time = _times_of(tokens)
        return dataclasses.replace(self, access_token=tokens.access_token, refresh_time=refresh_time,
                                   expire_time=expire_time, refresh_token=tokens.refresh_token or self.refresh_token)

    @classmethod
    def load(cls, values: Mapping[str, Any]) -> Session | None:
        try:
            return cls(**values) if values else None
        except TypeError:  # the cookie of another version
            return None

    def dump(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @property
    def is_due(self) -> bool:
        return time.time() >= self.refresh_time

    @property
    def is_expired(self) -> bool:
        return time.time() >= self.expire_time


def _times_of(tokens: TokenSet) -> tuple[float, float]:
    now = time.time()
    lifetime = tokens.expires_in.ToTimedelta().total_seconds()
    return now + max(lifetime - _AHEAD_SECONDS, lifetime / 2), now + lifetime
