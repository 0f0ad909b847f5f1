"""Methods, addresses and errors."""

import unittest

import grpc
import grpc.aio

from identity import Client, Error, FieldViolation, Tls, aio
from identity._rpc import error_details_pb2, status_pb2
from identity.calls import METHODS, _target_of
from identity.v1.identity_service_pb2 import CheckPermissionResponse
from identity.v1.types_pb2 import Role


class MethodsTest(unittest.TestCase):

    def test_a_request_names_its_method(self):
        method = METHODS["identity.v1.CheckPermissionRequest"]
        self.assertEqual(method, ("/identity.v1.IdentityService/CheckPermission", CheckPermissionResponse))
        self.assertEqual({method.path.split("/")[1] for method in METHODS.values()},
                         {"identity.v1.IdentityService", "identity.v1.AccountService", "identity.v1.AdminService"})

    def test_other_messages_name_none(self):
        with Client("localhost:1", plaintext=True) as client, self.assertRaises(TypeError):
            client.call(Role())


class AddressTest(unittest.TestCase):

    def test_a_list(self):
        self.assertEqual(_target_of(["127.0.0.1:1", "127.0.0.2:2"]), "ipv4:127.0.0.1:1,127.0.0.2:2")
        self.assertEqual(_target_of(["[::1]:1", "[::2]:2"]), "ipv6:[::1]:1,[::2]:2")

    def test_lists_that_gRPC_does_not_know(self):
        for address in ("one:1,two:2", "127.0.0.1:1,[::1]:2", "127.0.0.1:1,", ""):
            for client in (Client, aio.Client):
                with self.subTest(address=address), self.assertRaises(ValueError):
                    client(address, plaintext=True)

    def test_a_certificate_needs_its_key(self):
        with self.assertRaises(ValueError):
            Tls(certificate="client.pem")


class ErrorTest(unittest.TestCase):

    def error_with(self, *details, domain="identity.v1"):
        status = status_pb2.Status()
        for detail in details:
            status.details.add().Pack(detail)
        trailer = grpc.aio.Metadata(("grpc-status-details-bin", status.SerializeToString()))
        return Error.of(grpc.aio.AioRpcError(grpc.StatusCode.ABORTED, grpc.aio.Metadata(), trailer, "text"))

    def test_the_details_of_the_service(self):
        error = self.error_with(
            error_details_pb2.ErrorInfo(reason="CONFLICT", domain="identity.v1"),
            error_details_pb2.RetryInfo(retry_delay={"nanos": 500_000_000}),
            error_details_pb2.BadRequest(field_violations=[{"field": "name", "description": "is required"}]))
        self.assertEqual((error.code, error.reason, error.retry_after), (grpc.StatusCode.ABORTED, "CONFLICT", 0.5))
        self.assertEqual(error.fields, (FieldViolation("name", "is required"),))
        self.assertEqual(str(error), "ABORTED/CONFLICT: text")

    def test_the_reason_of_another_service_is_none(self):
        error = self.error_with(error_details_pb2.ErrorInfo(reason="CONFLICT", domain="elsewhere.v1"))
        self.assertEqual((error.reason, error.retry_after, error.fields), ("", None, ()))
        self.assertEqual(str(error), "ABORTED: text")

    def test_malformed_details_are_none(self):
        trailer = grpc.aio.Metadata(("grpc-status-details-bin", b"\xff"))
        error = Error.of(grpc.aio.AioRpcError(grpc.StatusCode.ABORTED, grpc.aio.Metadata(), trailer, None))
        self.assertEqual((error.reason, error.message), ("", ""))


if __name__ == "__main__":
    unittest.main()
