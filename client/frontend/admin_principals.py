"""The administrator's pages about what users and service accounts share: their roles and API keys, and their end."""

from __future__ import annotations

import asyncio
import datetime
import re
from typing import Any, NamedTuple

import grpc
from fastapi import APIRouter, Depends
from fastapi.responses import Response
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from identity import Error, FieldViolation
from identity.v1 import account_service_pb2 as account
from identity.v1 import admin_service_pb2 as admin
from identity.v1 import identity_service_pb2 as identity
from identity.v1.types_pb2 import ServiceAccount, User

from .account import KEY_FIELDS, PAGE_SIZE, find, key_facts, new_key, not_found
from .admin_roles import role_field
from .forms import Field, Values, form_page
from .visits import Visit, with_query

router = APIRouter(prefix="/admin/principals")

_OWN_KEYS = {"PROOF_REQUIRED": ("", "This is your own account. Make and replace its keys on your account's page.")}


_IS_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


# --- Names and pages of principals ---

class Principal(NamedTuple):
    """`path` is the page about it."""

    id: str
    name: str
    path: str

    @classmethod
    def of_user(cls, user: User) -> Principal:
        return cls(user.id, user.username, f"/admin/users/{user.id}")

    @classmethod
    def of_service_account(cls, each: ServiceAccount) -> Principal:
        return cls(each.id, each.name, f"/admin/service-accounts/{each.id}")

    @classmethod
    def without_name(cls, id: str) -> Principal:
        """For requests without a credential, and for administrators who may not read names."""
        return cls(id, id, with_query("/admin/bindings", principal_id=id))


async def find_user(visit: Visit, id: str) -> User:
    return (await visit.as_person(admin.GetUserRequest(user_id=id))).user


async def find_service_account(visit: Visit, id: str) -> ServiceAccount:
    return await find(visit, admin.ListServiceAccountsRequest(), "service_accounts", id)


async def _user(visit: Visit, id: str) -> Principal:
    return Principal.of_user(await find_user(visit, id))


async def _service_account(visit: Visit, id: str) -> Principal:
    return Principal.of_service_account(await find_service_account(visit, id))


async def _find_principal(visit: Visit, id: str) -> Principal:
    if id == "anonymous":
        return Principal.without_name(id)
    failures = []
    for lookup in (_user, _service_account):
        try:
            return await lookup(visit, id)
        except Error as error:
            if error.reason not in ("NOT_FOUND", "PERMISSION_DENIED"):
                raise
            failures.append(error)
    if not _IS_ID.fullmatch(id) or all(error.reason == "NOT_FOUND" for error in failures):
        raise not_found()
    return Principal.without_name(id)


async def named_principal(visit: Visit) -> dict[str, Any]:
    return {"principal": await _find_principal(visit, visit.request.path_params["id"])}


@router.get("/{id}", response_model=None)
async def show_principal(visit: Visit = Depends(Visit.begin)) -> Response:
    return visit.redirect((await named_principal(visit))["principal"].path)


async def if_allowed(visit: Visit, request: Message) -> Any:
    """The answer, or None for an administrator who may not see this part."""
    try:
        return await visit.as_person(request)
    except Error as error:
        if error.code is not grpc.StatusCode.PERMISSION_DENIED:
            raise
        return None


async def holdings(visit: Visit, id: str) -> dict[str, Any]:
    """The roles and API keys of a principal, for its page."""
    bindings, keys = await asyncio.gather(
        if_allowed(visit, admin.ListBindingsRequest(principal_id=id, page_size=PAGE_SIZE)),
        if_allowed(visit, admin.ListPrincipalApiKeysRequest(principal_id=id, page_size=PAGE_SIZE)))
    return {"bindings": bindings, "keys": keys}


# --- The end ---

@form_page(router, "/{id}/disable", "Disable {principal.name}",
           Field("reason", "Reason", required=False, hint="For the audit."), submit="Disable", danger=True,
           context=named_principal, intro="Every login, session, API key and token of this account stops working.")
async def disable(visit: Visit, form: Values) -> Response:
    principal = (await named_principal(visit))["principal"]
    await visit.as_person(admin.DisablePrincipalRequest(principal_id=principal.id, reason=form["reason"]))
    return visit.redirect(principal.path, f"{principal.name} is disabled.")


@form_page(router, "/{id}/enable", "Enable {principal.name}", submit="Enable", context=named_principal,
           intro="The API keys work again. Earlier sessions stay ended.")
async def enable(visit: Visit, _: Values) -> Response:
    principal = (await named_principal(visit))["principal"]
    await visit.as_person(admin.EnablePrincipalRequest(principal_id=principal.id))
    return visit.redirect(principal.path, f"{principal.name} is enabled.")


# --- Roles ---

@form_page(router, "/{id}/bindings/new", "Give {principal.name} a role", role_field,
           Field("resource", "Resource", required=False,
                 hint="Such as orgs/acme: the role counts there and below. Empty: everywhere."),
           Field("expires", "Ends on", "date", required=False, hint="At the beginning of this day, UTC. Empty: never."),
           submit="Give the role", context=named_principal,
           wording={"ALREADY_EXISTS": ("role", "This account has this role there already.")})
async def create_binding(visit: Visit, form: Values) -> Response:
    principal = (await named_principal(visit))["principal"]
    binding = {"principal_id": principal.id, "role": form["role"], "resource": form["resource"].strip(),
               "expire_time": _beginning_of(form["expires"])}
    await visit.as_person(admin.CreateBindingRequest(binding=binding))
    return visit.redirect(principal.path, f"{principal.name} has the role.")


def _beginning_of(day: str) -> Timestamp | None:
    if not day:
        return None
    stamp = Timestamp()
    try:
        stamp.FromDatetime(datetime.datetime.fromisoformat(day))
    except ValueError as error:
        rule = FieldViolation("expires", "must be a date, such as 2027-01-31")
        raise Error(grpc.StatusCode.INVALID_ARGUMENT, "", reason="INVALID_FIELD", fields=(rule,)) from error
    return stamp


async def _named_binding(visit: Visit) -> dict[str, Any]:
    context = await named_principal(visit)
    binding = await find(visit, admin.ListBindingsRequest(principal_id=context["principal"].id), "bindings",
                         visit.request.path_params["binding"])
    ends = binding.expire_time if binding.HasField("expire_time") else "never"
    return {**context, "binding": binding, "facts": {"Whose": context["principal"].name, "Role": binding.role,
                                                     "Resource": binding.resource or "everywhere", "Ends": ends}}


@form_page(router, "/{id}/bindings/{binding}/delete", "Take a role away from {principal.name}", submit="Take it away",
           danger=True, template="facts.html", context=_named_binding,
           intro="The permissions of this role end now.")
async def delete_binding(visit: Visit, _: Values) -> Response:
    context = await _named_binding(visit)
    await visit.as_person(admin.DeleteBindingRequest(binding_id=context["binding"].id))
    return visit.redirect(context["principal"].path, "The role is taken away.")


# --- API keys ---

@form_page(router, "/{id}/keys/new", "New API key of {principal.name}", *KEY_FIELDS, submit="Make the key",
           context=named_principal, intro="A program with this key acts as {principal.name}.",
           wording={**_OWN_KEYS, "INVALID_SCOPE": ("scopes", "This account holds none of these permissions.")})
async def make_key(visit: Visit, form: Values) -> Response:
    principal = (await named_principal(visit))["principal"]
    answer = await visit.as_person(identity.IssueApiKeyRequest(owner_id=principal.id, **new_key(form)))
    return _show_key(visit, principal, answer.secret)


async def _named_key(visit: Visit) -> dict[str, Any]:
    context = await named_principal(visit)
    key = await find(visit, admin.ListPrincipalApiKeysRequest(principal_id=context["principal"].id), "api_keys",
                     visit.request.path_params["key"])
    return {**context, "key": key, "facts": {"Whose": context["principal"].name, **key_facts(key)}}


@form_page(router, "/{id}/keys/{key}/rotate", "Replace an API key of {principal.name}", submit="Replace the key",
           template="facts.html", context=_named_key, wording=_OWN_KEYS,
           intro="You get a new key with the same name and scopes. The present one works for 24 more hours.")
async def rotate_key(visit: Visit, _: Values) -> Response:
    context = await _named_key(visit)
    answer = await visit.as_person(account.RotateApiKeyRequest(api_key_id=context["key"].id))
    return _show_key(visit, context["principal"], answer.secret)


@form_page(router, "/{id}/keys/{key}/revoke", "Revoke an API key of {principal.name}", submit="Revoke the key",
           danger=True, template="facts.html", context=_named_key,
           intro="The key stops working now, and for good.")
async def revoke_key(visit: Visit, _: Values) -> Response:
    context = await _named_key(visit)
    await visit.as_person(identity.RevokeRequest(api_key_id=context["key"].id))
    return visit.redirect(context["principal"].path, "The key is revoked.")


def _show_key(visit: Visit, principal: Principal, secret: str) -> Response:
    return visit.secrets(f"API key of {principal.name}", [secret], next=principal.path,
                         intro="Give it to the program that needs it, and to nobody else.")
