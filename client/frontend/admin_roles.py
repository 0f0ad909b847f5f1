"""The administrator's pages about roles and bindings."""

from __future__ import annotations

import datetime
from typing import Any, Sequence

import grpc
from fastapi import APIRouter, Depends
from fastapi.responses import Response
from google.protobuf.timestamp_pb2 import Timestamp

from identity import Error, FieldViolation
from identity.v1 import admin_service_pb2 as admin

from .admin_users import named_user
from .forms import Field, Values, form_page
from .visits import Visit

router = APIRouter(prefix="/admin")

NAME = Field("name", "Name", hint="Lower-case letters, digits, - and _, beginning with a letter. It never changes.")
ROLE_FIELDS = (Field("description", "Description", required=False),
               Field("permissions", "Permissions", "textarea", required=False,
                     hint="One in a line, such as posts:read, or posts:* for all that begin with posts:."),
               Field("inherits", "Inherits", "textarea", required=False,
                     hint="One role in a line. This role has their permissions, too."))
NO_ROLE = {"NOT_FOUND": ("inherits", "There is no such role.")}


# --- Roles ---

@router.get("/roles", response_model=None)
async def show_roles(page: str = "", visit: Visit = Depends(Visit.begin)) -> Response:
    answer = await visit.as_person(admin.ListRolesRequest(page_token=page))
    return await visit.page("admin/roles.html", answer=answer)


def _role_of(name: str, form: Values) -> dict[str, Any]:
    return {"name": name, "description": form["description"], "permissions": form["permissions"].split(),
            "inherits": form["inherits"].split()}


@form_page(router, "/roles/new", "New role", NAME, *ROLE_FIELDS, submit="Create",
           wording={**NO_ROLE, "ALREADY_EXISTS": ("name", "There is a role with this name.")})
async def create_role(visit: Visit, form: Values) -> Response:
    await visit.as_person(admin.CreateRoleRequest(role=_role_of(form["name"], form)))
    return visit.redirect("/admin/roles", "The role is created.")


async def _named_role(visit: Visit) -> dict[str, Any]:
    role = (await visit.as_person(admin.GetRoleRequest(name=visit.request.path_params["name"]))).role
    return {"role": role, "values": {"description": role.description, "permissions": "\n".join(role.permissions),
                                     "inherits": "\n".join(role.inherits)}}


@form_page(router, "/roles/{name}/edit", "Change the role {role.name}", *ROLE_FIELDS, context=_named_role,
           wording=NO_ROLE)
async def edit_role(visit: Visit, form: Values) -> Response:
    role = _role_of(visit.request.path_params["name"], form)
    request = admin.UpdateRoleRequest(role=role)
    request.update_mask.paths.extend(["description", "permissions", "inherits"])
    await visit.as_person(request)
    return visit.redirect("/admin/roles", "The role is saved.")


@form_page(router, "/roles/{name}/delete", "Delete the role {role.name}", submit="Delete", danger=True,
           context=_named_role, intro="A role that somebody has cannot be deleted.")
async def delete_role(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.DeleteRoleRequest(name=visit.request.path_params["name"]))
    return visit.redirect("/admin/roles", "The role is deleted.")


# --- Bindings ---

@router.get("/bindings", response_model=None)
async def show_bindings(principal_id: str = "", role: str = "", resource: str = "", page: str = "",
                        visit: Visit = Depends(Visit.begin)) -> Response:
    filters = {"principal_id": principal_id.strip(), "role": role.strip(), "resource": resource.strip()}
    answer = await visit.as_person(admin.ListBindingsRequest(page_token=page, page_size=50, **filters))
    return await visit.page("admin/bindings.html", answer=answer, filters=filters)


async def _role_field(visit: Visit) -> Sequence[Field]:
    roles = (await visit.as_person(admin.ListRolesRequest(page_size=1000))).roles
    return [Field("role", "Role", "select", options=[(role.name, role.name) for role in roles])]


@form_page(router, "/users/{id}/bindings/new", "Give {user.username} a role", _role_field,
           Field("resource", "Resource", required=False,
                 hint="Such as orgs/acme: the role counts there and below. Empty: everywhere."),
           Field("expires", "Ends on", "date", required=False, hint="At the beginning of this day, UTC. Empty: never."),
           submit="Give the role", context=named_user,
           wording={"ALREADY_EXISTS": ("role", "The user has this role there already.")})
async def create_binding(visit: Visit, form: Values) -> Response:
    user = visit.request.path_params["id"]
    binding = {"principal_id": user, "role": form["role"], "resource": form["resource"].strip(),
               "expire_time": _beginning_of(form["expires"])}
    await visit.as_person(admin.CreateBindingRequest(binding=binding))
    return visit.redirect(f"/admin/users/{user}", "The user has the role.")


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


@form_page(router, "/bindings/{id}/delete", "Take a role away", submit="Take it away", danger=True,
           intro="The permissions of this role end now.")
async def delete_binding(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.DeleteBindingRequest(binding_id=visit.request.path_params["id"]))
    return visit.redirect("/admin/bindings", "The role is taken away.")
