"""The administrator's pages about OpenID providers."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from identity.v1 import admin_service_pb2 as admin

from .account import not_found
from .admin_edits import CHANGED_MEANWHILE, VERSION, present, read, save
from .admin_roles import role_field
from .forms import Field, Values, form_page
from .visits import Visit

router = APIRouter(prefix="/admin/providers")

_PRESETS = {
    admin.PROVIDER_PRESET_UNSPECIFIED: ("Another provider", ""),
    admin.PROVIDER_PRESET_AUTH0: ("Auth0", "domain"),
    admin.PROVIDER_PRESET_ENTRA_ID: ("Entra ID", "tenant"),
    admin.PROVIDER_PRESET_FIREBASE: ("Firebase", "project"),
    admin.PROVIDER_PRESET_GOOGLE: ("Google", ""),
    admin.PROVIDER_PRESET_KEYCLOAK: ("Keycloak", "realm_url"),
    admin.PROVIDER_PRESET_KUBERNETES: ("Kubernetes, for workloads", ""),
}
_POLICIES = {
    admin.LINK_POLICY_NONE: "is refused",
    admin.LINK_POLICY_LINK: "is linked by address",
    admin.LINK_POLICY_CREATE: "is linked, or registers",
}

_PRESET = Field("preset", "Kind", "select",
                options=[(str(preset), label) for preset, (label, _) in _PRESETS.items()])
_NEW_FIELDS = (
    Field("name", "Name", hint="Lower-case letters, digits and -. It never changes."),
    _PRESET,
    Field("place", "Where, for this kind", required=False,
          hint="Auth0: the domain. Entra ID: the tenant's UUID. Firebase: the project. Keycloak: the realm's URL."),
    Field("issuer", "Issuer", required=False,
          hint="The URL in the provider's tokens, letter by letter. Empty: the kind of the provider says it."))
_FIELDS = (
    Field("audiences", "Client ids", "textarea", required=False,
          hint="One in a line: the ids that your frontends have at the provider."),
    Field("link_policy", "First login", "select",
          options=[(str(policy), label) for policy, label in _POLICIES.items()],
          hint="Of somebody without an account. Linked is the account with the same address, if this service and "
               "the provider have verified it."),
    Field("name_claim", "Name claim", required=False, hint="The claim with the name of a person."),
    Field("email_claim", "E-mail claim", required=False, hint="The claim with the e-mail address."),
    Field("email_verified_claim", "Verified claim", required=False,
          hint="The claim that says whether the address is verified. Empty: none counts as verified."),
    Field("trusted_amr", "Trusted amr", "textarea", required=False,
          hint="One value in a line. A login with one of them has shown a second factor. Empty: none."),
    Field("trusted_acr", "Trusted acr", "textarea", required=False, hint="The same for acr."),
    Field("workload_audiences", "Workload audiences", "textarea", required=False,
          hint="One in a line. Empty: the provider has no workloads."),
    Field("default_workloads", "Default workloads", "checkbox", required=False,
          hint="The account “default” of a Kubernetes namespace, which pods share, may be a workload."),
    Field("jwks_uri", "Key URL", required=False,
          hint="Where the provider publishes its keys. Empty: its metadata says it."),
    Field("algorithms", "Algorithms", "textarea", required=False, hint="One in a line, such as ES256. Empty: all."),
    Field("disabled", "Disabled", "checkbox", required=False,
          hint="Nobody logs in there any more, and the roles that it gave end."))
_CLAIM = Field("claim", "Claim", hint="Such as groups, or /realm_access/roles for a claim within another.")
_VALUE = Field("value", "Value", hint="The text of the claim, or one of its texts.")
_RESOURCE = Field("resource", "Resource", required=False,
                  hint="Such as orgs/acme: the role counts there and below. Empty: everywhere.")


def _path(provider: admin.IdentityProvider) -> str:
    return f"/admin/providers/{provider.name}"


async def _named(visit: Visit) -> dict[str, Any]:
    name = visit.request.path_params["name"]
    provider = (await visit.as_person(admin.GetIdentityProviderRequest(name=name))).provider
    return {"provider": provider, "values": present(provider, _FIELDS)}


@router.get("", response_model=None)
async def show_providers(page: str = "", visit: Visit = Depends(Visit.begin)) -> Response:
    answer = await visit.as_person(admin.ListIdentityProvidersRequest(page_token=page, page_size=50))
    return await visit.page("admin/providers.html", answer=answer, policies=_POLICIES)


@form_page(router, "/new", "New identity provider", *_NEW_FIELDS, *_FIELDS, submit="Add",
           intro="People can then log in with their account there. For a provider of a known kind, what you leave "
                 "empty is filled in.",
           wording={"ALREADY_EXISTS": ("", "There is a provider with this name or this issuer.")})
async def create(visit: Visit, form: Values) -> Response:
    request = admin.CreateIdentityProviderRequest()
    read(form, request, [_PRESET])
    place = _PRESETS[request.preset][1]
    if place:
        setattr(request, place, form["place"].strip())
    request.provider.name, request.provider.issuer = form["name"], form["issuer"].strip()
    read(form, request.provider, _FIELDS)
    provider = (await visit.as_person(request)).provider
    return visit.redirect(_path(provider), "The provider is added.")


# After /new, which would otherwise be a name.
@router.get("/{name}", response_model=None)
async def show_provider(visit: Visit = Depends(Visit.begin)) -> Response:
    context = await _named(visit)
    mappings = [(_digest(mapping), mapping) for mapping in context["provider"].role_mappings]
    return await visit.page("admin/provider.html", fields=_FIELDS, mappings=mappings, **context)


@form_page(router, "/{name}/edit", "Change {provider.name}", *_FIELDS, VERSION, context=_named,
           wording=CHANGED_MEANWHILE)
async def edit(visit: Visit, form: Values) -> Response:
    request = admin.UpdateIdentityProviderRequest(provider=(await _named(visit))["provider"])
    await save(visit, form, request, request.provider, _FIELDS)
    return visit.redirect(_path(request.provider), "The provider is saved.")


@form_page(router, "/{name}/delete", "Remove {provider.name}", submit="Remove", danger=True, context=_named,
           intro="Nobody can log in at {provider.issuer} any more, and the roles that it gave end. Sessions stay.")
async def delete(visit: Visit, _: Values) -> Response:
    await visit.as_person(admin.DeleteIdentityProviderRequest(name=visit.request.path_params["name"]))
    return visit.redirect("/admin/providers", "The provider is removed.")


# --- Roles by claims ---

def _digest(mapping: admin.RoleMapping) -> str:
    """The id of a mapping, which has none of its own: so a URL means the same after others have changed the list."""
    return hashlib.sha256(mapping.SerializeToString(deterministic=True)).hexdigest()[:32]


async def _save_mappings(visit: Visit, provider: admin.IdentityProvider, notice: str) -> Response:
    request = admin.UpdateIdentityProviderRequest(provider=provider)
    request.update_mask.paths.append("role_mappings")
    await visit.as_person(request)
    return visit.redirect(_path(provider), notice)


@form_page(router, "/{name}/mappings/new", "Give a role by a claim of {provider.name}", _CLAIM, _VALUE, role_field,
           _RESOURCE, submit="Give the role", context=_named,
           intro="Whoever logs in with this claim gets the role. Administrators of the provider decide who that is.")
async def add_mapping(visit: Visit, form: Values) -> Response:
    provider = (await _named(visit))["provider"]
    provider.role_mappings.add(claim=form["claim"].strip(), value=form["value"], role=form["role"],
                               resource=form["resource"].strip())
    return await _save_mappings(visit, provider, "The claim gives the role.")


async def _named_mapping(visit: Visit) -> dict[str, Any]:
    context = await _named(visit)
    for mapping in context["provider"].role_mappings:
        if _digest(mapping) == visit.request.path_params["mapping"]:
            return {**context, "mapping": mapping,
                    "facts": {"Claim": mapping.claim, "Value": mapping.value, "Role": mapping.role,
                              "Resource": mapping.resource or "everywhere"}}
    raise not_found()


@form_page(router, "/{name}/mappings/{mapping}/delete", "Remove a role mapping of {provider.name}",
           submit="Remove the mapping", danger=True, template="facts.html", context=_named_mapping,
           intro="Whoever has the role by this claim alone loses it now.")
async def remove_mapping(visit: Visit, _: Values) -> Response:
    context = await _named_mapping(visit)
    context["provider"].role_mappings.remove(context["mapping"])
    return await _save_mappings(visit, context["provider"], "The claim gives this role no more.")
