"""The principals and credentials that the table names, made by the service from tests/cases/client/world.json."""

import client as interop
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from identity.v1 import account_service_pb2, admin_service_pb2, identity_service_pb2

PASSWORD = "correct horse battery staple"


class World:
    """What the names of the table stand for: the id of a principal, the secret of a credential.

    `described`: roles; principals with their type, bindings, bindings that they get `later`, when they have their
    credentials, and whether they are disabled; credentials with their owner, kind, and what is special about them.
    """

    def __init__(self, described, administrator):
        self._administrator = administrator
        self._principals = described["principals"]
        self._key_ids = {}
        self.names = {"password": PASSWORD}
        for name, role in described["roles"].items():
            request = json_format.ParseDict({"role": {"name": name, **role}}, admin_service_pb2.CreateRoleRequest())
            administrator.admin.CreateRole(request)
        for name, principal in self._principals.items():
            self.names[name] = self._create(name, principal["type"])
            self._bind(name, principal.get("bindings", ()))
        for name, credential in described["credentials"].items():
            self.names[name] = self._issue(name, **credential)
        for name, credential in described["credentials"].items():
            self._spoil(name, credential)
        for name, principal in self._principals.items():
            self._bind(name, principal.get("later", ()))
            if principal.get("disabled"):
                administrator.admin.DisablePrincipal(
                    admin_service_pb2.DisablePrincipalRequest(principal_id=self.names[name]))

    def revoke(self, **target):
        self._administrator.identity.Revoke(identity_service_pb2.RevokeRequest(**target))

    def _create(self, name, type_):
        if type_ == "user":
            return interop.create_user(self._administrator, name, PASSWORD).user.id
        request = admin_service_pb2.CreateServiceAccountRequest(name=name)
        return self._administrator.admin.CreateServiceAccount(request).service_account.id

    def _bind(self, name, bindings):
        for binding in bindings:
            interop.bind(self._administrator, self.names[name], binding["role"], binding.get("resource", ""))

    def _issue(self, name, kind, of, scopes=(), audience="", requests_per_minute=0, **_):
        """The secret of a new credential."""
        if kind == "access_token":
            return self._administrator.log_in(of, PASSWORD, scopes=scopes, audience=audience).access_token
        answer = self._administrator.identity.IssueApiKey(identity_service_pb2.IssueApiKeyRequest(
            owner_id=self.names[of], display_name=name, scopes=scopes, requests_per_minute=requests_per_minute))
        self._key_ids[name] = answer.api_key.id
        return answer.secret

    def _spoil(self, name, credential):
        if credential.get("revoked"):
            self.revoke(**{credential["kind"]: self.names[name]})
        if credential.get("expired"):
            # Rotation without an overlap is the quickest end of a key.
            self._administrator.account.RotateApiKey(account_service_pb2.RotateApiKeyRequest(
                api_key_id=self._key_ids[name], overlap=Duration()))
