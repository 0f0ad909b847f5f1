"""Methods, addresses and errors."""

import concurrent.futures
import pathlib
import subprocess
import tempfile
import unittest

import grpc
import grpc.aio

from identity import Client, Error, FieldViolation, Tls, aio
from identity._rpc import error_details_pb2, status_pb2
from identity.calls import METHODS, _target_of
from identity.v1.identity_service_pb2 import CheckPermissionRequest, CheckPermissionResponse
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


class CredentialTest(unittest.TestCase):

    def test_none_is_no_other_credential(self):
        for client in (Client, aio.Client):
            with self.subTest(client=client), self.assertRaises(TypeError):
                client("localhost:1", plaintext=True).with_credential(None)


class AddressTest(unittest.TestCase):

    def test_a_list(self):
        self.assertEqual(_target_of(["127.0.0.1:1", "127.0.0.2:2"]), "ipv4:127.0.0.1:1,127.0.0.2:2")
        self.assertEqual(_target_of(["[::1]:1", "[::2]:2"]), "ipv6:[::1]:1,[::2]:2")

    def test_lists_that_gRPC_does_not_know(self):
        for address in ("one:1,two:2", "127.0.0.1:1,[::1]:2", "127.0.0.1:1,", ""):
            for client in (Client, aio.Client):
                with self.subTest(address=address), self.assertRaises(ValueError):
                    client(address, plaintext=True)

    def test_a_url_is_no_address(self):
        for address in ("http://localhost:1", "https://localhost:1"):
            for client in (Client, aio.Client):
                with self.subTest(address=address), self.assertRaisesRegex(ValueError, "HOST:PORT is required"):
                    client(address, plaintext=True)

    def test_plaintext_is_a_boolean(self):
        for client in (Client, aio.Client):
            for plaintext in ("false", 0, None):
                with self.subTest(plaintext=plaintext), self.assertRaises(TypeError):
                    client("localhost:1", plaintext=plaintext)

    def test_plaintext_excludes_tls(self):
        for client in (Client, aio.Client):
            for tls in (Tls(roots="roots.pem"), Tls(certificate="client.pem", key="key.pem"), Tls(name="identity")):
                with self.subTest(tls=tls), self.assertRaises(ValueError):
                    client("localhost:1", plaintext=True, tls=tls)

    def test_a_list_with_tls_needs_the_name_in_the_certificates(self):
        with self.assertRaises(ValueError):
            Client("127.0.0.1:1,127.0.0.2:2")
        Client("127.0.0.1:1,127.0.0.2:2", tls=Tls(name="identity.example")).close()

    def test_a_certificate_needs_its_key(self):
        with self.assertRaises(ValueError):
            Tls(certificate="client.pem")


class TlsTest(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", "key.pem", "-out", "roots.pem", "-subj", "/CN=identity.example",
                        "-addext", "subjectAltName=DNS:identity.example"], cwd=self.folder, check=True,
                       capture_output=True)
        pair = [(self.folder / name).read_bytes() for name in ("key.pem", "roots.pem")]
        self.address = ",".join(f"127.0.0.1:{self.serve(grpc.ssl_server_credentials([pair]))}" for _ in range(2))

    def serve(self, credentials):
        """Starts a server without methods, and returns its port."""
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(1))
        port = server.add_secure_port("127.0.0.1:0", credentials)
        server.start()
        self.addCleanup(lambda: server.stop(None).wait())
        return port

    def test_each_certificate_of_a_list_must_have_the_name(self):
        for name, code in (("identity.example", grpc.StatusCode.UNIMPLEMENTED), ("other", grpc.StatusCode.UNAVAILABLE)):
            tls = Tls(roots=self.folder / "roots.pem", name=name)
            with Client(self.address, tls=tls, timeout=20) as client, self.assertRaises(Error) as raised:
                client.call(CheckPermissionRequest())
            self.assertEqual(raised.exception.code, code)


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
