"""Every RPC of IdentityService, called from Python."""

import unittest
import uuid

import grpc
from identity.v1 import admin_service_pb2, identity_service_pb2

import client
import deployment

ALLOWED = identity_service_pb2.DECISION_ALLOWED
DENIED = identity_service_pb2.DECISION_DENIED


def new_user(administrator):
    """A fresh user with a one-time secret."""
    name = f"user-{uuid.uuid4().hex[:12]}"
    return administrator.admin.CreateUser(
        admin_service_pb2.CreateUserRequest(username=name, email=f"{name}@example.com"))


class IdentityServiceTest(unittest.TestCase):

    def setUp(self):
        self.admin = client.admin(self)
        self.service = client.service(self)
        account = self.admin.admin.CreateServiceAccount(
            admin_service_pb2.CreateServiceAccountRequest(name=f"bot-{uuid.uuid4().hex[:12]}"))
        self.bot = account.service_account.id
        self.role = f"writer-{uuid.uuid4().hex[:12]}"
        client.create_role(self.admin, self.role, ["posts:*"])
        client.bind(self.admin, self.bot, self.role, "orgs/acme")

    def issue_key(self, scopes):
        """A key of the bot, made by the admin."""
        return self.admin.identity.IssueApiKey(
            identity_service_pb2.IssueApiKeyRequest(owner_id=self.bot, scopes=scopes))

    def assert_refused(self, code, reason, call, *arguments, **fields):
        with self.assertRaises(grpc.RpcError) as refused:
            call(*arguments, **fields)
        self.assertEqual((refused.exception.code(), client.reason_of(refused.exception)), (code, reason))

    def test_each_of_its_rpcs_answers(self):
        called = set()
        here = deployment.current()
        visitor = client.anonymous(self, called=called)
        tokens = visitor.log_in(here.admin_login, here.admin_password)
        refreshed = visitor.identity.Refresh(identity_service_pb2.RefreshRequest(refresh_token=tokens.refresh_token))
        self.assertEqual(refreshed.tokens.session_id, tokens.session_id)
        self.assertNotEqual(refreshed.tokens.refresh_token, tokens.refresh_token)

        person = client.with_token(self, refreshed.tokens.access_token, called=called)
        issued = person.identity.IssueApiKey(identity_service_pb2.IssueApiKeyRequest(
            owner_id=self.bot, display_name="of a test", scopes=["posts:read"]))
        self.assertTrue(issued.secret.startswith(issued.api_key.prefix))

        service = client.service(self, called=called)
        answer = service.check("posts:read", "orgs/acme/news", api_key=issued.secret, explain=True)
        self.assertEqual(answer.decision, ALLOWED)
        self.assertEqual(answer.principal.id, self.bot)
        self.assertEqual(list(answer.scopes), ["posts:read"])
        self.assertEqual(list(answer.explanation.role_chain), [self.role])
        self.assertEqual(answer.explanation.resource, "orgs/acme")

        results = service.identity.BatchCheckPermissions(identity_service_pb2.BatchCheckPermissionsRequest(checks=[
            {"api_key": issued.secret, "permission": "posts:read", "resource": "orgs/acme"},
            {"api_key": issued.secret, "permission": "posts:write", "resource": "orgs/acme"},
            {"principal_id": self.bot, "permission": "posts:read", "resource": "orgs/acme2"},
            {"anonymous": True, "permission": "posts:read"},
            {"permission": "posts:read"}])).results
        self.assertEqual([result.response.reason for result in results[:4]],
                         [identity_service_pb2.REASON_GRANTED, identity_service_pb2.REASON_SCOPE_INSUFFICIENT,
                          identity_service_pb2.REASON_NO_BINDING, identity_service_pb2.REASON_NO_BINDING])
        self.assertEqual(results[4].error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])

        visitor.identity.Revoke(identity_service_pb2.RevokeRequest(refresh_token=refreshed.tokens.refresh_token))
        methods = identity_service_pb2.DESCRIPTOR.services_by_name["IdentityService"].methods
        self.assertEqual(called, {method.name for method in methods})

    def test_a_revoked_key_is_denied_by_the_other_replica_with_the_consistency_token(self):
        secret = self.issue_key(["posts:read"]).secret
        other = client.service(self, replica=1)
        asked = {"api_key": secret, "permission": "posts:read", "resource": "orgs/acme"}
        self.assertEqual(other.check(**asked).decision, ALLOWED)
        token = self.service.identity.Revoke(identity_service_pb2.RevokeRequest(api_key=secret)).consistency_token
        answer = other.check(**asked, consistency={"at_least_as_fresh": token})
        self.assertEqual((answer.decision, answer.reason), (DENIED, identity_service_pb2.REASON_CREDENTIAL_REVOKED))

    def test_a_new_binding_counts_on_the_other_replica_with_the_consistency_token(self):
        other = client.service(self, replica=1)
        asked = {"principal_id": self.bot, "permission": "posts:write", "resource": "orgs/zeta/news"}
        self.assertEqual(other.check(**asked).reason, identity_service_pb2.REASON_NO_BINDING)
        token = client.bind(self.admin, self.bot, self.role, "orgs/zeta")
        self.assertEqual(other.check(**asked, consistency={"at_least_as_fresh": token}).decision, ALLOWED)

    def test_a_disabled_principal_and_its_key_are_denied_until_it_is_enabled(self):
        secret = self.issue_key(["posts:read"]).secret
        asked = {"api_key": secret, "permission": "posts:read", "resource": "orgs/acme"}
        self.admin.admin.DisablePrincipal(admin_service_pb2.DisablePrincipalRequest(principal_id=self.bot))
        self.assertEqual(self.service.check(**asked).reason, identity_service_pb2.REASON_PRINCIPAL_DISABLED)
        self.admin.admin.EnablePrincipal(admin_service_pb2.EnablePrincipalRequest(principal_id=self.bot))
        self.assertEqual(self.service.check(**asked).decision, ALLOWED)

    def test_errors_name_the_missing_or_wrong_part(self):
        self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", self.service.check, "posts:read")
        self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", self.service.check, "No Permission",
                            anonymous=True)
        self.assert_refused(grpc.StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN", client.anonymous(self).check,
                            "posts:read", anonymous=True)
        self.assert_refused(grpc.StatusCode.UNAUTHENTICATED, "INVALID_CREDENTIALS", client.anonymous(self).log_in,
                            f"nobody-{uuid.uuid4().hex[:12]}", "wrong")
        bot = client.with_key(self, self.issue_key(["posts:read"]).secret)
        self.assert_refused(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED", bot.check, "posts:read",
                            anonymous=True)

    def test_a_credential_in_the_metadata_must_be_valid_even_for_a_login(self):
        here = deployment.current()
        mistaken = client.with_key(self, "idk_wrong")
        self.assert_refused(grpc.StatusCode.UNAUTHENTICATED, "CALLER_INVALID", mistaken.log_in, here.admin_login,
                            here.admin_password)

    def test_a_one_time_secret_opens_only_the_own_account(self):
        created = new_user(self.admin)
        client.bind(self.admin, created.user.id, self.role)
        tokens = client.anonymous(self).log_in(created.user.username, created.one_time_secret, scopes=["posts:*"])
        self.assertTrue(tokens.password_change_required)
        self.assertEqual(list(tokens.scopes), ["identity:self:*"])
        answer = self.service.check("posts:read", access_token=tokens.access_token)
        self.assertEqual(answer.reason, identity_service_pb2.REASON_SCOPE_INSUFFICIENT)
        own = self.service.check("identity:self:write", f"users/{created.user.id}", access_token=tokens.access_token)
        self.assertEqual(own.decision, ALLOWED)

    def test_a_repeated_request_gives_the_same_key_without_its_secret(self):
        request = identity_service_pb2.IssueApiKeyRequest(owner_id=self.bot, scopes=["posts:read"],
                                                          request_id=str(uuid.uuid4()))
        first = self.admin.identity.IssueApiKey(request)
        second = self.admin.identity.IssueApiKey(request)
        self.assertEqual(second.api_key.id, first.api_key.id)
        self.assertNotEqual(first.secret, "")
        self.assertEqual(second.secret, "")
