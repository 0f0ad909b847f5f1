"""Users imported with hashes from passlib, the library of FastAPI applications."""

import unittest
import uuid

import grpc
from identity.v1 import admin_service_pb2
from passlib.hash import argon2, bcrypt

import client

PASSWORD = "correct horse battery staple é"


class PasswordImportTest(unittest.TestCase):

    def assert_logs_in(self, password_hash):
        administrator = client.admin(self)
        name = f"moved-{uuid.uuid4().hex[:12]}"
        created = administrator.admin.CreateUser(admin_service_pb2.CreateUserRequest(
            username=name, email=f"{name}@example.com", password_hash=password_hash))
        self.assertEqual(created.one_time_secret, "")
        visitor = client.anonymous(self)
        with self.assertRaises(grpc.RpcError) as refused:
            visitor.log_in(name, PASSWORD + " ")
        self.assertEqual(client.reason_of(refused.exception), "INVALID_CREDENTIALS")
        # The first login may have replaced the hash. Then the second one verifies the new hash.
        for login in (name, f"{name.upper()}@EXAMPLE.com"):
            tokens = visitor.log_in(login, PASSWORD)
            self.assertEqual(tokens.principal_id, created.user.id)
            self.assertFalse(tokens.password_change_required)

    def test_argon2id_with_the_defaults_of_passlib(self):
        self.assert_logs_in(argon2.hash(PASSWORD))

    def test_argon2id_with_one_lane(self):
        self.assert_logs_in(argon2.using(type="ID", memory_cost=19456, rounds=2, parallelism=1).hash(PASSWORD))

    def test_bcrypt_with_the_defaults_of_passlib(self):
        self.assert_logs_in(bcrypt.hash(PASSWORD))

    def test_bcrypt_with_an_older_prefix(self):
        self.assert_logs_in(bcrypt.using(ident="2a", rounds=6).hash(PASSWORD))

    def test_text_that_is_not_a_hash_is_refused(self):
        administrator = client.admin(self)
        argon2i = argon2.using(type="I", memory_cost=19456, rounds=3, parallelism=1).hash(PASSWORD)
        for text in (PASSWORD, "$2b$12$short", "$1$salt$abc", argon2i):
            with self.subTest(text), self.assertRaises(grpc.RpcError) as refused:
                administrator.admin.CreateUser(admin_service_pb2.CreateUserRequest(
                    username="never-made", email="never@example.com", password_hash=text))
            self.assertEqual(refused.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            self.assertEqual(client.reason_of(refused.exception), "INVALID_FIELD")
