"""Forms that change an object. They never undo what somebody else has changed since they were shown.

The fields of such a form have the names of those of the message. A list is a text with a line for each element.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Mapping, Sequence

import grpc
from google.protobuf.message import Message

from identity import Error

from .forms import Field, Values
from .visits import Visit

# Stands for the values that the form showed.
VERSION = Field("version", kind="hidden")
CHANGED_MEANWHILE = {"CHANGED_MEANWHILE": ("", "Somebody else has changed this. Nothing of yours was saved. The form "
                                               "shows the present values: make your change again.")}


def present(message: Message, fields: Sequence[Field]) -> dict[str, str]:
    """What the fields and VERSION show."""
    values = {field.name: _text_of(getattr(message, field.name)) for field in fields}
    return {**values, VERSION.name: hashlib.sha256(json.dumps(values).encode()).hexdigest()}


def read(form: Values, message: Message, fields: Sequence[Field]) -> list[str]:
    """Puts what was typed into the message. Returns the names of what changes."""
    changed = []
    for field in fields:
        before = getattr(message, field.name)
        after = _value_of(form[field.name], field, type(before))
        if after != before:
            changed.append(field.name)
            message.ClearField(field.name)
            message.MergeFrom(type(message)(**{field.name: after}))
    return changed


async def save(visit: Visit, form: Values, request: Message, message: Message, fields: Sequence[Field],
               masks: Mapping[str, str] = {}) -> None:
    """Sends the request with what was changed. `message`, a part of it, is the object as it is now. If the form showed
    another one, raises Error, and the form shows the present one. `masks`: names in the mask, if they differ."""
    now = present(message, fields)
    if form[VERSION.name] != now[VERSION.name]:
        form.update(now)
        raise Error(grpc.StatusCode.FAILED_PRECONDITION, "", reason="CHANGED_MEANWHILE")
    # Each named field is a change: an unchanged address would still end the mails of the user.
    changed = {masks.get(name, name) for name in read(form, message, fields)}
    if changed:
        request.update_mask.paths.extend(sorted(changed))
        await visit.as_person(request)


def _text_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "on" if value else ""
    return str(value) if isinstance(value, int) else "\n".join(value)


def _value_of(text: str, field: Field, kind: type) -> Any:
    if kind is str:
        return text
    if kind is bool:
        return bool(text)
    if kind is int:
        return int(text) if text in dict(field.options) else 0
    return [line.strip() for line in text.splitlines() if line.strip()]
