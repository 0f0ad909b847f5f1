"""The administrator's pages about the whole service: an overview, and the audit."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from identity.v1 import admin_service_pb2 as admin

from . import admin_principals, admin_providers, admin_roles, admin_service_accounts, admin_users
from .visits import SignedOut, Visit

router = APIRouter()

OUTCOMES = ("", "success", "failure")


@router.get("/admin", response_model=None)
async def show_administration(visit: Visit = Depends(Visit.begin)) -> Response:
    """The first page that this administrator may open."""
    if not visit.session:
        raise SignedOut()
    sections = await visit.sections()
    if sections and "overview" not in sections:
        return visit.redirect(f"/admin/{sections[0]}")
    answer = await visit.as_person(admin.GetStatisticsRequest(days=14))
    return await visit.page("admin/overview.html", answer=answer)


@router.get("/admin/audit", response_model=None)
async def show_audit(subject_id: str = "", actor_id: str = "", event: str = "", outcome: str = "", page: str = "",
                     visit: Visit = Depends(Visit.begin)) -> Response:
    filters = {"subject_id": subject_id.strip(), "actor_id": actor_id.strip(), "event": event.strip(),
               "outcome": outcome}
    answer = await visit.as_person(admin.ListAuditEventsRequest(page_token=page, page_size=50, **filters))
    return await visit.page("admin/audit.html", answer=answer, filters=filters, outcomes=OUTCOMES)


for module in (admin_users, admin_service_accounts, admin_principals, admin_roles, admin_providers):
    router.include_router(module.router)
