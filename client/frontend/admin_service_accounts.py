"""The administrator's pages about service accounts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from identity.v1 import admin_service_pb2 as admin

from .admin_edits import CHANGED_MEANWHILE, VERSION, present, save
from .admin_principals import Principal, find_service_account, holdings
from .forms import Field, Values, form_page
from .visits import Visit

router = APIRouter(prefix="/admin/service-accounts")

NAME = Field("name", "Name", hint="3 to 50 letters, digits, - and _. It never changes.")
FIELDS = (Field("description", "Description", required=False),)


async def _named(visit: Visit) -> dict[str, Any]:
    service_account = await find_service_account(visit, visit.request.path_params["id"])
    return {"account": service_account, "principal": Principal.of_service_account(service_account),
            "values": present(service_account, FIELDS)}


@router.get("", response_model=None)
async def show_service_accounts(page: str = "", visit: Visit = Depends(Visit.begin)) -> Response:
    answer = await visit.as_person(admin.ListServiceAccountsRequest(page_token=page, page_size=50))
    return await visit.page("admin/service_accounts.html", answer=answer)


@form_page(router, "/new", "New service account", NAME, *FIELDS, submit="Create",
           intro="A program acts as a service account, with an API key. It may do what its roles say.",
           wording={"ALREADY_EXISTS": ("name", "This name is taken.")})
async def create(visit: Visit, form: Values) -> Response:
    answer = await visit.as_person(admin.CreateServiceAccountRequest(name=form["name"],
                                                                     description=form["description"]))
    return visit.redirect(Principal.of_service_account(answer.service_account).path, "The service account is created.")


# After /new, which would otherwise be an id.
@router.get("/{id}", response_model=None)
async def show_service_account(visit: Visit = Depends(Visit.begin)) -> Response:
    context = await _named(visit)
    return await visit.page("admin/service_account.html", **context, **await holdings(visit, context["account"].id))


@form_page(router, "/{id}/edit", "Change {account.name}", *FIELDS, VERSION, context=_named,
           wording=CHANGED_MEANWHILE)
async def edit(visit: Visit, form: Values) -> Response:
    context = await _named(visit)
    request = admin.UpdateServiceAccountRequest(service_account=context["account"])
    await save(visit, form, request, request.service_account, FIELDS)
    return visit.redirect(context["principal"].path, "The service account is saved.")


@form_page(router, "/{id}/delete", "Delete {account.name}", submit="Delete for good", danger=True, context=_named,
           intro="The service account, its keys and roles are deleted for good. The audit stays.")
async def delete(visit: Visit, _: Values) -> Response:
    context = await _named(visit)
    await visit.as_person(admin.DeleteServiceAccountRequest(service_account_id=context["account"].id))
    return visit.redirect("/admin/service-accounts", "The service account is deleted.")
