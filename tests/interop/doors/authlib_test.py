"""Authlib, Python's OAuth library, uses the doors over HTTP without a special case."""

import os
import unittest
import uuid

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, JsonWebToken
from identity.v1 import admin_service_pb2, identity_service_pb2

import client
import deployment
import http_server

# The library refuses plain HTTP otherwise, on loopback too.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"


class AuthlibTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.doors = http_server.HttpServer(is_issuer=True)
        cls.addClassCleanup(cls.doors.stop)

    def setUp(self):
        here = deployment.current()
        address = self.doors.rpc_address
        self.tokens = client.anonymous(self, address=address).log_in(here.admin_login, here.admin_password)
        administrator = client.with_token(self, self.tokens.access_token, address=address)
        name = f"authlib-{uuid.uuid4().hex[:12]}"
        self.account = administrator.admin.CreateServiceAccount(
            admin_service_pb2.CreateServiceAccountRequest(name=name)).service_account
        client.create_role(administrator, name, ["identity:check", "identity:tokens:*", "posts:*"])
        client.bind(administrator, self.account.id, name)
        self.key = administrator.identity.IssueApiKey(identity_service_pb2.IssueApiKeyRequest(
            owner_id=self.account.id, display_name="authlib")).secret
        self.metadata = requests.get(f"{self.doors.url}/.well-known/oauth-authorization-server", timeout=20).json()

    def session(self, method="client_secret_basic", **options):
        session = OAuth2Session(self.account.id, self.key, token_endpoint_auth_method=method, **options)
        self.addCleanup(session.close)
        return session

    def test_tokens_of_a_client_by_both_ways_to_authenticate(self):
        keys = JsonWebKey.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=20).json())
        for method in ("client_secret_basic", "client_secret_post"):
            session = self.session(method)
            token = session.fetch_token(self.metadata["token_endpoint"], grant_type="client_credentials",
                                        audience="shop", scope="posts:read")
            self.assertEqual((token["token_type"], token["scope"]), ("Bearer", "posts:read"))
            claims = JsonWebToken(["EdDSA"]).decode(token["access_token"], keys, claims_options={
                "iss": {"essential": True, "value": self.metadata["issuer"]},
                "aud": {"essential": True, "value": "shop"}})
            claims.validate()
            self.assertEqual(claims["sub"], self.account.id)

    def test_introspection_and_revocation(self):
        session = self.session()
        token = session.fetch_token(self.metadata["token_endpoint"], grant_type="client_credentials")["access_token"]
        found = session.introspect_token(self.metadata["introspection_endpoint"], token=token).json()
        self.assertEqual((found["active"], found["sub"]), (True, self.account.id))
        self.assertEqual(session.revoke_token(self.metadata["revocation_endpoint"], token=token).status_code, 200)
        found = session.introspect_token(self.metadata["introspection_endpoint"], token=token).json()
        self.assertEqual(found, {"active": False})

    def test_a_refresh(self):
        session = OAuth2Session(token_endpoint_auth_method="none")
        self.addCleanup(session.close)
        renewed = session.refresh_token(self.metadata["token_endpoint"], refresh_token=self.tokens.refresh_token)
        self.assertNotEqual(renewed["refresh_token"], self.tokens.refresh_token)

    def test_an_exchange(self):
        session = self.session()
        exchanged = session.fetch_token(
            self.metadata["token_endpoint"], grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
            subject_token=self.tokens.access_token, subject_token_type="urn:ietf:params:oauth:token-type:access_token",
            audience="billing")
        found = session.introspect_token(self.metadata["introspection_endpoint"], token=exchanged["access_token"]).json()
        self.assertEqual((found["aud"], found["act"]["sub"]), ("billing", self.account.id))
