"""The administrator's pages about people."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from identity.v1 import admin_service_pb2 as admin
from identity.v1 import identity_service_pb2 as identity
from identity.v1.types_pb2 import User

from .account import PAGE_SIZE, find, session_facts
from .admin_edits import CHANGED_MEANWHILE, VERSION, present, save
from .admin_principals import Principal, find_user, holdings, if_allowed
from .forms import Field, Values, form_page
from .visits import Visit

router = APIRouter(prefix="/admin/users")

USERNAME = Field("username", "Username", hint="3 to 50 letters, digits, - and _.")
EMAIL = Field("email", "E-mail address", "email")
FULL_NAME = Field("full_name", "Full name", required=False)
EDITABLE = (FULL_NAME, EMAIL, Field("email_verified", "The address is verified: I know that it is the user's",
                                    "checkbox", required=False))
TAKEN = {"ALREADY_EXISTS": ("username", "This name or this e-mail address is taken.")}


def _id(visit: Visit) -> str:
    return visit.request.path_params["id"]


def _back(visit: Visit, notice: str) -> Response:
    return visit.redirect(f"/admin/users/{_id(visit)}", notice)


async def _named(visit: Visit) -> dict[str, Any]:
    return {"user": await find_user(visit, _id(visit))}


# --- Look ---

@router.get("", response_model=None)
async def show_users(query: str = "", page: str = "", visit: Visit = Depends(Visit.begin)) -> Response:
    answer = await visit.as_person(admin.ListUsersRequest(query=query.strip(), page_token=page, page_size=50))
    return await visit.page("admin/users.html", answer=answer, query=query)


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
    user, sessions, held = await asyncio.gather(
        find_user(visit, id),
        if_allowed(visit, admin.ListPrincipalSessionsRequest(principal_id=id, page_size=PAGE_SIZE)),
        holdings(visit, id))
    return await visit.page("admin/user.html", account=user, principal=Principal.of_user(user), session_list=sessions,
                            **held)


async def _editable(visit: Visit) -> dict[str, Any]:
    context = await _named(visit)
    return {**context, "values": present(context["user"], EDITABLE)}


@form_page(router, "/{id}/edit", "Change {user.username}", *EDITABLE, VERSION, context=_editable,
           wording={**CHANGED_MEANWHILE, "ALREADY_EXISTS": ("email", "This address belongs to another account.")})
async def edit(visit: Visit, form: Values) -> Response:
    request = admin.UpdateUserRequest(user=(await _named(visit))["user"])
    await save(visit, form, request, request.user, EDITABLE, {"email_verified": "email"})
    return _back(visit, "The user is saved.")


@form_page(router, "/{id}/unlock", "Unlock {user.username}", submit="Unlock", context=_named,
           intro="Ends a lock after wrong passwords and a block after wrong codes.")
async def unlock(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.UnlockUserRequest(user_id=_id(visit)))
    return _back(visit, "The user is unlocked.")


@form_page(router, "/{id}/reset", "Replace the password of {user.username}", submit="Make a one-time secret",
           danger=True, context=_named,
           intro="All sessions end, all API keys are revoked, and logins elsewhere are unlinked. A second factor "
                 "stays.")
async def reset(visit: Visit, _: Values) -> Response:
    context = await _named(visit)
    answer = await visit.as_person(admin.ResetCredentialsRequest(user_id=_id(visit)))
    return _show_secret(visit, context["user"], answer.one_time_secret)


@form_page(router, "/{id}/trust-factor", "Trust the second factor of {user.username}", submit="Trust it",
           context=_named,
           intro="It then counts at once, not only after 24 hours. Do this only if you know that the user added it.")
async def trust_factor(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.TrustSecondFactorRequest(user_id=_id(visit)))
    return _back(visit, "The second factor counts now.")


@form_page(router, "/{id}/revoke", "Log {user.username} out everywhere", submit="End all sessions and revoke all keys",
           danger=True, context=_named,
           intro="All sessions end, and all API keys are revoked. The user can log in again.")
async def revoke(visit: Visit, _: Values) -> Response:
    await visit.as_person(identity.RevokeRequest(principal_id=_id(visit)))
    return _back(visit, "All sessions and API keys of the user have ended.")


@form_page(router, "/{id}/delete", "Delete {user.username}", submit="Delete for good", danger=True, context=_named,
           intro="The account, its sessions, keys and roles are deleted for good. The audit stays.")
async def delete(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.DeleteUserRequest(user_id=_id(visit)))
    return visit.redirect("/admin/users", "The user is deleted.")


async def _named_session(visit: Visit) -> dict[str, Any]:
    context = await _named(visit)
    session = await find(visit, admin.ListPrincipalSessionsRequest(principal_id=_id(visit)), "sessions",
                         visit.request.path_params["session"])
    return {**context, "session": session, "facts": {"Whose": context["user"].username, **session_facts(session)}}


@form_page(router, "/{id}/sessions/{session}/end", "End a session of {user.username}", submit="End the session",
           danger=True, template="facts.html", context=_named_session,
           intro="Whoever uses this session has to log in again.")
async def end_session(visit: Visit, _: Values) -> Response:
    session = (await _named_session(visit))["session"]
    await visit.as_person(identity.RevokeRequest(session_id=session.id))
    return _back(visit, "The session has ended.")
