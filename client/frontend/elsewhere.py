"""The pages that send people to an OpenID provider and take them back."""

from __future__ import annotations

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import Response

from identity import Error
from identity.v1 import identity_service_pb2 as identity
from identity.v1.types_pb2 import IdTokenCredential

from .cookies import PROOF, PROVIDER, TooLarge
from .forms import Values, form_page
from .login import NEXT, authenticate, next_page
from .providers import Attempt, Provider, ProviderError
from .security import local_path
from .visits import Visit

router = APIRouter()


def _provider_of(visit: Visit) -> Provider:
    provider = visit.site.providers.get(visit.request.path_params["provider"])
    if not provider:
        raise HTTPException(404)
    return provider


async def _leave(visit: Visit, path: str, proves: bool = False) -> Response:
    """A page that leads to the provider. It is no redirect, since `form-action` would forbid one after a form."""
    provider = _provider_of(visit)
    attempt = Attempt.new()
    url = await provider.login_url(attempt, fresh=proves)
    visit.jar.set(PROVIDER, provider=provider.name, next=local_path(path), proves=proves, **attempt._asdict())
    return visit.plain_page("leave.html", title=f"On to {provider.label}", url=url)


@form_page(router, "/login/provider/{provider}", "Log in elsewhere", submit="Continue", public=True, context=next_page)
async def log_in_elsewhere(visit: Visit, form: Values) -> Response:
    return await _leave(visit, form["next"])


@form_page(router, "/account/prove/{provider}", "Confirm that it is you", NEXT, submit="Continue", context=next_page)
async def prove_elsewhere(visit: Visit, form: Values) -> Response:
    return await _leave(visit, form["next"], proves=True)


@router.get("/login/callback/{provider}", response_model=None)
async def come_back(visit: Visit = Depends(Visit.begin)) -> Response:
    """The provider sends the person here, with the code of the login."""
    provider = _provider_of(visit)
    attempt, answer = visit.jar.get(PROVIDER), visit.request.query_params
    if attempt.get("provider") != provider.name or answer.get("state") != attempt["state"]:
        return visit.redirect("/login", "The login took too long, or it began in another browser. Try again.")
    visit.jar.delete(PROVIDER)  # not before: a link from anywhere could end a login that is under way
    failed = f"The login at {provider.label} did not work. Try again."
    if not await provider.has_sent(answer) or "code" not in answer:
        return visit.redirect(attempt["next"] if attempt["proves"] else "/login", failed)
    token = IdTokenCredential(issuer=provider.issuer, nonce=attempt["nonce"],
                              token=await provider.id_token(answer["code"], attempt["verifier"]))
    if attempt["proves"]:
        return _keep_proof(visit, provider, token, attempt["next"])
    try:
        return visit.redirect(await authenticate(visit, identity.AuthenticateRequest(id_token=token), attempt["next"]))
    except Error as error:
        if error.reason != "INVALID_CREDENTIALS":
            raise
        return visit.redirect("/login", failed)


def _keep_proof(visit: Visit, provider: Provider, token: IdTokenCredential, path: str) -> Response:
    try:
        visit.jar.set(PROOF, label=provider.label, issuer=token.issuer, token=token.token, nonce=token.nonce)
    except TooLarge as error:
        raise ProviderError(f"the ID token of {provider.issuer} is too large for a cookie") from error
    return visit.redirect(path)
