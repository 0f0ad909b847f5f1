"""What errors mean for people."""

from __future__ import annotations

import logging
import math
import re
from typing import Collection, Mapping, NamedTuple

import grpc

from identity import Error

_STATUS = {
    grpc.StatusCode.INVALID_ARGUMENT: 422,
    grpc.StatusCode.UNAUTHENTICATED: 422,  # what was typed into the form; a session that has ended is SignedOut
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.FAILED_PRECONDITION: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.INTERNAL: 500,
}
_TEXTS = {
    "INVALID_FIELD": "Correct what is marked below.",
    "INVALID_CREDENTIALS": "That was not right.",
    "ALREADY_EXISTS": "This already exists.",
    "NOT_FOUND": "This does not exist, or not any more.",
    "PERMISSION_DENIED": "You lack the permission for this.",
    "GRANT_EXCEEDS_CALLER": "You cannot give a permission of this service that you do not hold yourself.",
    "OWN_ROLES": "Nobody can do this to their own account. Ask another administrator.",
    "SUPER_ADMIN_REQUIRED": "Only a super admin can do this.",
    "PROOF_REQUIRED": "Confirm that it is you: enter your current password and, if you use one, a second factor.",
    "RATE_LIMITED": "There were too many attempts. Try again in {delay}.",
    "OVERLOADED": "Many people are waiting right now. Nothing is lost: try again in {delay}.",
    "MAIL_NOT_CONFIGURED": "This service sends no mail. Ask an administrator.",
    "MAILED_TOKEN_INVALID": "This link was used already, or it has expired. Request another mail.",
    "MFA_NOT_ENROLLED": "The account has no second factor.",
    "MFA_TOO_NEW": "The code was right, but the second factor is too new. It counts 24 hours after it was added, or "
                   "when an administrator trusts it.",
    "LAST_SUPER_ADMIN": "Nobody would be left to administer the service.",
    "LAST_CREDENTIAL": "You could not log in any more. Set a password first.",
    "LIMIT_REACHED": "There are too many of these already.",
    "ROLE_CYCLE": "Roles cannot inherit each other in a circle.",
    "ROLE_IN_USE": "The role is in use. Remove its bindings first.",
    "BUILT_IN": "This is built in and cannot be changed.",
    "COMMIT_IN_DOUBT": "It is not known whether this was done. Look before you repeat it.",
    "CONFLICT": "Somebody changed this at the same moment. Try again.",
    "DEADLINE_EXCEEDED": "This took too long. It is not known whether it was done. Look before you repeat it.",
    "PROVIDER_UNAVAILABLE": "The other service does not answer. Try again in {delay}.",
}
_CHARACTERS = {  # in rules of Identity
    "[A-Za-z0-9_-]": "letters, digits, - and _",
    "[a-z0-9_-]{1,64}": "lower-case letters, digits, - and _",
    "[A-Za-z0-9._~@-]{1,128}": "letters, digits, and the characters . _ ~ @ -",
}
_UNAVAILABLE = "The service cannot be reached right now. Try again in {delay}."
_FAULT = "Something went wrong. It is not known whether this was done. Look before you repeat it."

# The service is busy, or it refuses the credential of the frontend. An error without a reason is not from the service.
_NOT_THE_PERSONS_FAULT = ("OVERLOADED", "CALLER_INVALID", "CALLER_UNKNOWN")

_log = logging.getLogger(__package__)

# What a page says instead: for a reason, or a code without one, the name of a field or "", and the text.
Wording = Mapping[str, tuple[str, str]]


class Problem(NamedTuple):
    """`fields` has the text for each field that is wrong."""

    status: int
    text: str
    fields: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}

    @classmethod
    def of(cls, error: Error, wording: Wording = {}) -> Problem:
        status = _STATUS.get(error.code, 503)
        if error.reason in _NOT_THE_PERSONS_FAULT or not error.reason and status < 500:
            status = 503
        if status >= 500:
            _log.warning("Identity: %s", error)
        seconds = max(math.ceil(error.retry_after or 1), 1)
        headers = {"Retry-After": str(seconds)} if status in (429, 503) else {}
        fallback = _FAULT if status == 500 else _UNAVAILABLE
        kind = error.reason or error.code.name
        field, text = wording.get(kind) or ("", _TEXTS.get(kind, fallback))
        text = text.format(delay=_duration(seconds))
        fields = {_name_of(violation.field): _sentence(violation.rule) for violation in error.fields}
        return cls(status, _TEXTS["INVALID_FIELD"] if field else text, {field: text} if field else fields, headers)

    def on_form(self, names: Collection[str]) -> Problem:
        """Moves errors of fields that the form does not have into the text."""
        orphans = [f"{name}: {text}" for name, text in self.fields.items() if name not in names]
        marked = {name: text for name, text in self.fields.items() if name in names}
        return self._replace(text=" ".join([self.text, *orphans] if marked or not orphans else orphans), fields=marked)


def _duration(seconds: int) -> str:
    count, unit = (seconds, "second") if seconds < 120 else (math.ceil(seconds / 60), "minute")
    return f"{count} {unit}" + ("s" if count > 1 else "")


def _name_of(path: str) -> str:
    """`role.permissions[2]` is the field `permissions` of a form."""
    return re.sub(r"\[\d+\]", "", path).rpartition(".")[2]


def _sentence(rule: str) -> str:
    for pattern, words in _CHARACTERS.items():
        rule = rule.replace(pattern, words)
    return f"This {rule}."
