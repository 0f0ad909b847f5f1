"""Tools of operators get the schema from the server's reflection."""

import base64
import json
import subprocess
import unittest

from google.rpc import error_details_pb2

import deployment

BUF = deployment.ROOT / "node_modules" / ".bin" / "buf"


@unittest.skipUnless(BUF.exists(), "buf is not installed; `npm ci` installs it")
class ReflectionTest(unittest.TestCase):

    def setUp(self):
        self.base = f"http://{deployment.current().addresses[0]}"

    def buf_curl(self, *arguments):
        # In a folder without our .proto files: the schema can only come from the server.
        return subprocess.run(
            [BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", *arguments], cwd=deployment.current().state,
            capture_output=True, encoding="utf-8", timeout=60, check=False)

    def test_reflection_lists_the_services(self):
        services = self.buf_curl("--list-services", self.base).stdout.split()
        self.assertIn("identity.v1.IdentityService", services)
        self.assertIn("identity.v1.AdminService", services)

    def test_reflection_is_enough_for_a_check(self):
        done = self.buf_curl(
            "--header", f"x-api-key: {deployment.current().service_key}",
            "--data", '{"self": true, "permission": "identity:check", "explain": true}',
            f"{self.base}/identity.v1.IdentityService/CheckPermission")
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual(answer["decision"], "DECISION_ALLOWED")
        self.assertEqual(answer["explanation"]["roleChain"], ["checker"])

    def test_reflection_is_enough_to_read_an_error(self):
        done = self.buf_curl("--data", '{"anonymous": true, "permission": "posts:read"}',
                             f"{self.base}/identity.v1.IdentityService/CheckPermission")
        error = json.loads(done.stderr)
        self.assertEqual(error["code"], "unauthenticated")
        self.assertEqual([detail["type"] for detail in error["details"]], ["google.rpc.ErrorInfo"])
        value = error["details"][0]["value"]
        info = error_details_pb2.ErrorInfo.FromString(base64.b64decode(value + "=" * (-len(value) % 4)))
        self.assertEqual((info.domain, info.reason), ("identity.v1", "CALLER_UNKNOWN"))
