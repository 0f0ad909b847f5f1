"""Logins by ID tokens, for the tests with real providers."""

import pathlib
import tempfile
import unittest
import uuid

import grpc
import jwt
from identity.v1 import account_service_pb2, admin_service_pb2, identity_service_pb2

import authority
import client
import http_server

PASSWORD = "correct horse battery staple é"
NONCE = "a nonce of this login"


def start_server(ca_file, *options):
    """A replica that asks providers on loopback which have a certificate of this CA."""
    return http_server.HttpServer("--provider-ca-file", ca_file, "--provider-networks=127.0.0.1 ::1", *options)


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def kid_of(token):
    return jwt.get_unverified_header(token)["kid"]


def authenticate(visitor, issuer, token, nonce="", access_token=""):
    """The tokens of a login by an ID token."""
    return visitor.identity.Authenticate(identity_service_pb2.AuthenticateRequest(id_token={
        "issuer": issuer, "token": token, "nonce": nonce, "access_token": access_token})).tokens


class IdTokenCase(unittest.TestCase):
    """Has a CA and a server, which the tests of a class share."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="identity-providers.")
        cls.addClassCleanup(folder.cleanup)
        cls.authority = authority.Authority(pathlib.Path(folder.name), "authority")
        cls.server = start_server(cls.authority.file)
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.administrator = client.admin(self, address=self.server.rpc_address)
        self.visitor = client.anonymous(self, address=self.server.rpc_address)

    def enter(self, provider, **preset):
        """Makes the row of a provider for the time of this test, and returns its name."""
        provider = {"name": f"provider-{uuid.uuid4().hex[:12]}", "audiences": ["shop"],
                    "link_policy": admin_service_pb2.LINK_POLICY_CREATE, **provider}
        self.administrator.admin.CreateIdentityProvider(
            admin_service_pb2.CreateIdentityProviderRequest(provider=provider, **preset))
        self.addCleanup(self.administrator.admin.DeleteIdentityProvider,
                        admin_service_pb2.DeleteIdentityProviderRequest(name=provider["name"]))
        return provider["name"]

    def change(self, name, **fields):
        """Changes these fields of a provider's row."""
        request = admin_service_pb2.UpdateIdentityProviderRequest(provider={"name": name, **fields})
        request.update_mask.paths.extend(fields)
        self.administrator.admin.UpdateIdentityProvider(request)

    def account_of(self, tokens):
        """The account that a login has opened."""
        reader = client.with_token(self, tokens.access_token, address=self.server.rpc_address)
        return reader.account.GetAccount(account_service_pb2.GetAccountRequest()).account

    def create_user(self, name, verified):
        """Makes an account of the service with the address NAME@example.com."""
        user = client.create_user(self.administrator, name, PASSWORD).user
        self.administrator.admin.UpdateUser(admin_service_pb2.UpdateUserRequest(
            user={"id": user.id, "email": user.email, "email_verified": verified}))
        return user

    def assert_logs_in(self, *arguments, visitor=None):
        self.assertTrue(authenticate(visitor or self.visitor, *arguments).access_token)

    def assert_refused(self, cause, *arguments):
        """The login is refused like every bad one. The audit has the cause."""
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "INVALID_CREDENTIALS", *arguments)
        events = self.administrator.admin.ListAuditEvents(admin_service_pb2.ListAuditEventsRequest(
            event="login", outcome="failure", page_size=1)).events
        self.assertEqual([event.details for event in events], [cause])

    def assert_fails(self, code, reason, *arguments, visitor=None):
        """The login fails like this. Returns the error."""
        with self.assertRaises(grpc.RpcError) as raised:
            authenticate(visitor or self.visitor, *arguments)
        self.assertEqual((raised.exception.code(), client.reason_of(raised.exception)), (code, reason))
        return raised.exception
