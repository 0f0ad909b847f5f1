"""JavaScript's OAuth and JWT libraries use the doors over HTTP without a special case."""

import os
import shutil
import subprocess
import unittest
import uuid

from identity.v1 import admin_service_pb2, identity_service_pb2

import client
import deployment
import http_server

SCRIPT = deployment.ROOT / "tests" / "interop" / "doors" / "js" / "clients.mjs"
SECONDS = 60


@unittest.skipUnless(shutil.which("node") and (deployment.ROOT / "node_modules" / "jose").is_dir(),
                     "the libraries are not installed: npm could not be reached")
class LibrariesTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.doors = http_server.HttpServer(is_issuer=True)

    @classmethod
    def tearDownClass(cls):
        cls.doors.stop()

    def setUp(self):
        here = deployment.current()
        address = self.doors.rpc_address
        self.tokens = client.anonymous(self, address=address).log_in(here.admin_login, here.admin_password)
        self.administrator = client.with_token(self, self.tokens.access_token, address=address)
        name = f"js-{uuid.uuid4().hex[:12]}"
        self.account = self.administrator.admin.CreateServiceAccount(
            admin_service_pb2.CreateServiceAccountRequest(name=name)).service_account
        client.create_role(self.administrator, name, ["identity:check", "identity:tokens:*", "posts:*"])
        client.bind(self.administrator, self.account.id, name)
        self.key = self.administrator.identity.IssueApiKey(identity_service_pb2.IssueApiKeyRequest(
            owner_id=self.account.id, display_name="js")).secret

    def start(self, library):
        """A running script, which ends with the test."""
        environment = {**os.environ, "ISSUER": self.doors.url, "CLIENT_ID": self.account.id, "CLIENT_SECRET": self.key,
                       "REFRESH_TOKEN": self.tokens.refresh_token}
        # Node 18 has the standard's cryptography only behind this flag, and later versions accept it.
        script = subprocess.Popen(["node", "--experimental-global-webcrypto", SCRIPT, library], env=environment,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  encoding="utf-8")
        self.addCleanup(script.kill)
        return script

    def finish(self, script):
        output, errors = script.communicate(timeout=SECONDS)
        self.assertEqual(script.returncode, 0, errors)
        return output

    def token(self):
        answer = self.doors.post_form("/oauth2/token", {"grant_type": "client_credentials", "audience": "shop",
                                                        "client_id": self.account.id, "client_secret": self.key})
        return answer.json()["access_token"]

    def rotate(self):
        deployment.current().publish_next_keys()
        self.administrator.admin.RotateSigningKey(admin_service_pb2.RotateSigningKeyRequest())

    def test_oauth4webapi(self):
        self.finish(self.start("oauth4webapi"))

    def test_openid_client(self):
        self.finish(self.start("openid-client"))

    def test_jose_knows_a_new_key_before_it_signs(self):
        self.check_rotation("jose")

    def test_jwks_rsa(self):
        self.check_rotation("jwks-rsa")

    def check_rotation(self, library):
        script = self.start(library)
        kids = []
        for _ in range(2):
            script.stdin.write(self.token() + "\n")
            script.stdin.flush()
            kids.append(script.stdout.readline().strip())
            self.rotate()
        self.finish(script)
        self.assertTrue(all(kids))
        self.assertNotEqual(kids[0], kids[1])
