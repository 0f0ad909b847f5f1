"""The doors over HTTPS: the certificate of the gRPC port, client certificates, and a renewed certificate."""

import datetime
import http.client
import json
import pathlib
import socket
import ssl
import tempfile
import time
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import http_server

METADATA = "/.well-known/oauth-authorization-server"
RELOAD_SECONDS = 30


class Authority:
    """A CA that writes certificates into a folder."""

    def __init__(self, folder, name):
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signs = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
                              key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
                              decipher_only=False)
        self.file = self._write(f"{name}.pem", self._sign(self._name, self._key.public_key(), signs,
                                                          x509.BasicConstraints(ca=True, path_length=None)))

    def _sign(self, subject, key, *critical, others=()):
        """A certificate as RFC 5280 demands it, which newer versions of Python check."""
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
                   .not_valid_after(now + datetime.timedelta(days=1)))
        names = (x509.SubjectKeyIdentifier.from_public_key(key),
                 x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()))
        for extension in critical:
            builder = builder.add_extension(extension, critical=True)
        for extension in (*others, *names):
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def issue(self, name):
        """The files of a certificate for localhost, and of its key. The same name replaces both."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._sign(subject, key.public_key(),
                                 others=[x509.SubjectAlternativeName([x509.DNSName("localhost")])])
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption())
        return self._write(f"{name}.crt", certificate), self._write(f"{name}.key", private)


class TlsTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="identity-doors-tls.")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.authority = Authority(self.folder, "authority")
        self.certificate, self.key = self.authority.issue("server")
        self.context = ssl.create_default_context(cafile=self.authority.file)

    def start(self, *options):
        doors = http_server.HttpServer("--tls-certificate-file", self.certificate, "--tls-key-file", self.key, *options)
        self.addCleanup(doors.stop)
        return doors

    def get(self, doors, context):
        """The answer, and the server's certificate."""
        connection = http.client.HTTPSConnection("localhost", doors.port, context=context,
                                                 timeout=http_server.ANSWER_SECONDS)
        self.addCleanup(connection.close)
        connection.request("GET", METADATA)
        answer = connection.getresponse()
        return json.loads(answer.read()), connection.sock.getpeercert(binary_form=True)

    def test_clients_verify_the_certificate(self):
        doors = self.start()
        document, _ = self.get(doors, self.context)
        self.assertEqual(document["issuer"], "https://identity.localhost")
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.get(doors, ssl.create_default_context())

    def test_without_tls_there_is_no_answer(self):
        doors = self.start()
        with socket.create_connection(("127.0.0.1", doors.port), timeout=http_server.ANSWER_SECONDS) as plain:
            plain.sendall(f"GET {METADATA} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            received = b""
            while chunk := plain.recv(4096):
                received += chunk
        self.assertNotIn(b"HTTP/", received)

    def test_client_certificates_are_demanded(self):
        strangers = Authority(self.folder, "strangers")
        doors = self.start("--tls-client-ca-file", self.authority.file)
        known = ssl.create_default_context(cafile=self.authority.file)
        known.load_cert_chain(*self.authority.issue("client"))
        unknown = ssl.create_default_context(cafile=self.authority.file)
        unknown.load_cert_chain(*strangers.issue("stranger"))
        self.get(doors, known)
        for context in (self.context, unknown):
            # With TLS 1.3 the client learns it when it reads.
            with self.assertRaises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
                self.get(doors, context)

    def test_a_renewed_certificate_needs_no_restart(self):
        doors = self.start()
        _, first = self.get(doors, self.context)
        self.authority.issue("server")
        renewed = ssl.PEM_cert_to_DER_cert(self.certificate.read_text(encoding="ascii"))
        self.assertNotEqual(renewed, first)
        end = time.monotonic() + RELOAD_SECONDS
        while time.monotonic() < end and self.get(doors, self.context)[1] != renewed:
            time.sleep(0.1)
        self.assertEqual(self.get(doors, self.context)[1], renewed)


if __name__ == "__main__":
    unittest.main()
