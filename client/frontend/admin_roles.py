"""The administrator's pages about roles and bindings."""

from __future__ import annotations

from typing import Any, Sequence

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from identity.v1 import admin_service_pb2 as admin

from .admin_edits import CHANGED_MEANWHILE, VERSION, present, read, save
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


@form_page(router, "/roles/new", "New role", NAME, *ROLE_FIELDS, submit="Create",
           wording={**NO_ROLE, "ALREADY_EXISTS": ("name", "There is a role with this name.")})
async def create_role(visit: Visit, form: Values) -> Response:
    request = admin.CreateRoleRequest()
    read(form, request.role, (NAME, *ROLE_FIELDS))
    await visit.as_person(request)
    return visit.redirect("/admin/roles", "The role is created.")


async def _named_role(visit: Visit) -> dict[str, Any]:
    role = (await visit.as_person(admin.GetRoleRequest(name=visit.request.path_params["name"]))).role
    return {"role": role, "values": present(role, ROLE_FIELDS)}


@form_page(router, "/roles/{name}/edit", "Change the role {role.name}", *ROLE_FIELDS, VERSION, context=_named_role,
           wording={**NO_ROLE, **CHANGED_MEANWHILE})
async def edit_role(visit: Visit, form: Values) -> Response:
    request = admin.UpdateRoleRequest(role=(await _named_role(visit))["role"])
    await save(visit, form, request, request.role, ROLE_FIELDS)
    return visit.redirect("/admin/roles", "The role is saved.")


@form_page(router, "/roles/{name}/delete", "Delete the role {role.name}", submit="Delete", danger=True,
           context=_named_role, intro="A role that somebody has cannot be deleted.")
async def delete_role(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.DeleteRoleRequest(name=visit.request.path_params["name"]))
    return visit.redirect("/admin/roles", "The role is deleted.")


async def role_field(visit: Visit) -> Sequence[Field]:
    """At first no role is chosen: the first one of the list is `admin`."""
    roles = (await visit.as_person(admin.ListRolesRequest(page_size=1000))).roles
    return [Field("role", "Role", "select", options=[("", "Choose one"), *((role.name, role.name) for role in roles)])]


# --- Bindings ---

@router.get("/bindings", response_model=None)
async def show_bindings(principal_id: str = "", role: str = "", resource: str = "", page: str = "",
                        visit: Visit = Depends(Visit.begin)) -> Response:
    filters = {"principal_id": principal_id.strip(), "role": role.strip(), "resource": resource.strip()}
    answer = await visit.as_person(admin.ListBindingsRequest(page_token=page, page_size=50, **filters))
    return await visit.page("admin/bindings.html", answer=answer, filters=filters)
