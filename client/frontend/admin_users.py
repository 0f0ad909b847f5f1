"""The administrator's pages about people."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
from fastapi import APIRouter, Depends
from fastapi.responses import Response
from google.protobuf.message import Message

from identity import Error
from identity.v1 import admin_service_pb2 as admin
from identity.v1 import identity_service_pb2 as identity
from identity.v1.types_pb2 import User

from .forms import Field, Values, form_page
from .visits import Visit

router = APIRouter(prefix="/admin/users")

USERNAME = Field("username", "Username", hint="3 to 50 letters, digits, - and _.")
EMAIL = Field("email", "E-mail address", "email")
FULL_NAME = Field("full_name", "Full name", required=False)
TAKEN = {"ALREADY_EXISTS": ("username", "This name or this e-mail address is taken.")}


def _id(visit: Visit) -> str:
    return visit.request.path_params["id"]


def _back(visit: Visit, notice: str) -> Response:
    return visit.redirect(f"/admin/users/{_id(visit)}", notice)


async def named_user(visit: Visit) -> dict[str, Any]:
    return {"user": (await visit.as_person(admin.GetUserRequest(user_id=_id(visit)))).user}


# --- Look ---

@router.get("", response_model=None)
async def show_users(query: str = "", page: str = "", visit: Visit = Depends(Visit.begin)) -> Response:
    answer = await visit.as_person(admin.ListUsersRequest(query=query.strip(), page_token=page, page_size=50))
    return await visit.page("admin/users.html", answer=answer, query=query)


async def _if_allowed(visit: Visit, request: Message) -> Any:
    """The answer, or None for an administrator who may not see this part."""
    try:
        return await visit.as_person(request)
    except Error as error:
        if error.code is not grpc.StatusCode.PERMISSION_DENIED:
            raise
        return None


# --- Change ---

@form_page(router, "/new", "New user", USERNAME, EMAIL, FULL_NAME, submit="Create", wording=TAKEN,
           intro="You get a one-time secret for the first login. The user must then choose a password.")
async def create(visit: Visit, form: Values) -> Response:
    answer = await visit.as_person(admin.CreateUserRequest(username=form["username"], email=form["email"],
                                                           full_name=form["full_name"]))
    return _show_secret(visit, answer.user, answer.one_time_secret)


def _show_secret(visit: Visit, user: User, secret: str) -> Response:
    return visit.secrets(f"One-time secret of {user.username}", [secret], next=f"/admin/users/{user.id}",
                         intro="It is the password of the next login, which can only change it. Give it to the user.")


# After /new, which would otherwise be an id.
@router.get("/{id}", response_model=None)
async def show_user(id: str, visit: Visit = Depends(Visit.begin)) -> Response:
    user, bindings, sessions, keys = await asyncio.gather(
        visit.as_person(admin.GetUserRequest(user_id=id)),
        _if_allowed(visit, admin.ListBindingsRequest(principal_id=id)),
        _if_allowed(visit, admin.ListPrincipalSessionsRequest(principal_id=id)),
        _if_allowed(visit, admin.ListPrincipalApiKeysRequest(principal_id=id)))
    return await visit.page("admin/user.html", user=user.user, bindings=bindings, session_list=sessions, keys=keys)


async def _editable_user(visit: Visit) -> dict[str, Any]:
    context = await named_user(visit)
    user = context["user"]
    return {**context, "values": {"full_name": user.full_name, "email": user.email,
                                  "email_verified": "on" if user.email_verified else ""}}


@form_page(router, "/{id}/edit", "Change {user.username}", FULL_NAME, EMAIL,
           Field("email_verified", "The address is verified: I know that it is the user's", "checkbox", required=False),
           context=_editable_user, wording={"ALREADY_EXISTS": ("email", "This address belongs to another account.")})
async def edit(visit: Visit, form: Values) -> Response:
    before = (await named_user(visit))["user"]
    after = {"id": _id(visit), "full_name": form["full_name"], "email": form["email"],
             "email_verified": bool(form["email_verified"])}
    request = admin.UpdateUserRequest(user=after)
    # Each named field is a change: an unchanged address would still end the mails of the user.
    if after["full_name"] != before.full_name:
        request.update_mask.paths.append("full_name")
    if (after["email"], after["email_verified"]) != (before.email, before.email_verified):
        request.update_mask.paths.append("email")
    if request.update_mask.paths:
        await visit.as_person(request)
    return _back(visit, "The user is saved.")


@form_page(router, "/{id}/unlock", "Unlock {user.username}", submit="Unlock", context=named_user,
           intro="Ends a lock after wrong passwords and a block after wrong codes.")
async def unlock(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.UnlockUserRequest(user_id=_id(visit)))
    return _back(visit, "The user is unlocked.")


@form_page(router, "/{id}/reset", "Replace the password of {user.username}", submit="Make a one-time secret",
           danger=True, context=named_user,
           intro="All sessions end, all API keys are revoked, and logins elsewhere are unlinked. A second factor "
                 "stays.")
async def reset(visit: Visit, _: Values) -> Response:
    context = await named_user(visit)
    answer = await visit.as_person(admin.ResetCredentialsRequest(user_id=_id(visit)))
    return _show_secret(visit, context["user"], answer.one_time_secret)


@form_page(router, "/{id}/trust-factor", "Trust the second factor of {user.username}", submit="Trust it",
           context=named_user,
           intro="It then counts at once, not only after 24 hours. Do this only if you know that the user added it.")
async def trust_factor(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.TrustSecondFactorRequest(user_id=_id(visit)))
    return _back(visit, "The second factor counts now.")


@form_page(router, "/{id}/disable", "Disable {user.username}",
           Field("reason", "Reason", required=False, hint="For the audit."), submit="Disable", danger=True,
           context=named_user, intro="Every login, session and API key of the user stops working.")
async def disable(visit: Visit, form: Values) -> Response:
    await visit.as_person(admin.DisablePrincipalRequest(principal_id=_id(visit), reason=form["reason"]))
    return _back(visit, "The user is disabled.")


@form_page(router, "/{id}/enable", "Enable {user.username}", submit="Enable", context=named_user,
           intro="The API keys work again. Earlier sessions stay ended.")
async def enable(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.EnablePrincipalRequest(principal_id=_id(visit)))
    return _back(visit, "The user is enabled.")


@form_page(router, "/{id}/revoke", "Log {user.username} out everywhere", submit="End all sessions and revoke all keys",
           danger=True, context=named_user,
           intro="All sessions end, and all API keys are revoked. The user can log in again.")
async def revoke(visit: Visit, _: Values) -> Response:
    await visit.as_person(identity.RevokeRequest(principal_id=_id(visit)))
    return _back(visit, "All sessions and API keys of the user have ended.")


@form_page(router, "/{id}/delete", "Delete {user.username}", submit="Delete for good", danger=True, context=named_user,
           intro="The account, its sessions, keys and roles are deleted for good. The audit stays.")
async def delete(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.DeleteUserRequest(user_id=_id(visit)))
    return visit.redirect("/admin/users", "The user is deleted.")


@form_page(router, "/{id}/sessions/{session}/end", "End a session of {user.username}", submit="End the session",
           danger=True, context=named_user, intro="Whoever uses this session has to log in again.")
async def end_session(visit: Visit, _: Values) -> Response:
    await visit.as_person(identity.RevokeRequest(session_id=visit.request.path_params["session"]))
    return _back(visit, "The session has ended.")


@form_page(router, "/{id}/keys/{key}/revoke", "Revoke an API key of {user.username}", submit="Revoke the key",
           danger=True, context=named_user, intro="The key stops working now, and for good.")
async def revoke_key(visit: Visit, _: Values) -> Response:
    await visit.as_person(identity.RevokeRequest(api_key_id=visit.request.path_params["key"]))
    return _back(visit, "The key is revoked.")
