"""Users of FastAPI applications and of Keycloak, imported by `identityd import-users`."""

import base64
import hashlib
import json
import pathlib
import subprocess
import tempfile
import unittest
import uuid

import grpc
from passlib.hash import argon2, bcrypt, pbkdf2_sha256

import client
import deployment

PASSWORD = "correct horse battery staple é"


def keycloak_password(rounds, size):
    """A password in the form of a realm export."""
    salt = b"sixteen bytes of"
    value = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, rounds, size)
    secret = {"value": base64.b64encode(value).decode(), "salt": base64.b64encode(salt).decode(),
              "additionalParameters": {}}
    data = {"hashIterations": rounds, "algorithm": "pbkdf2-sha256", "additionalParameters": {}}
    return {"id": str(uuid.uuid4()), "type": "password", "createdDate": 1700000000000,
            "secretData": json.dumps(secret), "credentialData": json.dumps(data)}


class UserImportTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = pathlib.Path(directory.name) / "users.jsonl"

    def assert_moves_in(self, members):
        name = f"moved-{uuid.uuid4().hex[:12]}"
        user = {"username": name, "email": f"{name}@example.com", **members}
        self.file.write_text(json.dumps(user) + "\n", encoding="utf-8")
        self.assertIn("1 users imported, 0 lines refused", deployment.current().identityd("import-users", self.file))
        visitor = client.anonymous(self)
        with self.assertRaises(grpc.RpcError) as refused:
            visitor.log_in(name, PASSWORD + " ")
        self.assertEqual(client.reason_of(refused.exception), "INVALID_CREDENTIALS")
        self.assertFalse(self.hash_of(name).startswith("$argon2id$v=19$m=65536,t=2,p=1$"))
        tokens = visitor.log_in(name, PASSWORD)
        self.assertFalse(tokens.password_change_required)
        self.assertTrue(self.hash_of(name).startswith("$argon2id$v=19$m=65536,t=2,p=1$"))
        self.assertEqual(visitor.log_in(name, PASSWORD).principal_id, tokens.principal_id)

    def hash_of(self, name):
        url = deployment.current().environment["IDENTITY_DATABASE_URL"]
        query = f"SELECT hash FROM identity.passwords JOIN identity.principals ON id = principal_id WHERE username = '{name}'"
        return subprocess.run(["psql", "-X", "-A", "-t", url, "-c", query], check=True, stdout=subprocess.PIPE,
                              encoding="utf-8", timeout=60).stdout.strip()

    def test_bcrypt_with_the_defaults_of_passlib(self):
        self.assert_moves_in({"password_hash": bcrypt.hash(PASSWORD), "email_verified": True})

    def test_argon2id_with_the_defaults_of_passlib(self):
        self.assert_moves_in({"password_hash": argon2.using(type="ID").hash(PASSWORD)})

    def test_pbkdf2_with_the_defaults_of_passlib(self):
        self.assert_moves_in({"password_hash": pbkdf2_sha256.hash(PASSWORD)})

    def test_a_user_of_a_keycloak_realm(self):
        self.assert_moves_in({
            "id": str(uuid.uuid4()), "createdTimestamp": 1700000000000, "enabled": True, "totp": False,
            "emailVerified": True, "firstName": "Ada", "lastName": "Lovelace", "disableableCredentialTypes": [],
            "requiredActions": [], "realmRoles": ["default-roles-acme"], "notBefore": 0, "groups": [],
            "credentials": [keycloak_password(27500, 64)]})

    def test_a_refused_line_is_reported_and_counted(self):
        self.file.write_text(json.dumps({"username": "never-made", "email": "never@example.com",
                                         "password": PASSWORD}) + "\n", encoding="utf-8")
        with self.assertRaises(subprocess.CalledProcessError) as failed:
            deployment.current().identityd("import-users", self.file)
        self.assertEqual(failed.exception.returncode, 2)
        refusals = pathlib.Path(f"{self.file}.refused").read_text(encoding="utf-8")
        self.assertEqual(json.loads(refusals)["line"], 1)
        self.assertNotIn(PASSWORD, refusals)
