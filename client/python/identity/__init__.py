"""The client of Identity: who is this, and may they do this?"""

from .calls import Tls
from .client import Client
from .credentials import File, Token, TokenSource
from .errors import Error, FieldViolation
from .guard import PUBLIC, Decision, Refused, Rule
from .retry import Retry
from .session import Session

__all__ = ["PUBLIC", "Client", "Decision", "Error", "FieldViolation", "File", "Refused", "Retry", "Rule", "Session",
           "Tls", "Token", "TokenSource"]
