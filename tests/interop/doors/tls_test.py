"""TLS: the certificate of the gRPC port also serves the doors, and a client certificate is the credential of a service
account, over gRPC and over HTTP."""

import datetime
import http.client
import json
import pathlib
import socket
import ssl
import tempfile
import time
import unittest
import urllib.parse
import uuid

import grpc
from cryptography import x509
from identity.v1 import account_service_pb2, admin_service_pb2, identity_service_pb2

import authority
import client
import http_server

METADATA = "/.well-known/oauth-authorization-server"
RELOAD_SECONDS = 30
WAIT_SECONDS = 60
# Of a certificate that expires during its test. The first calls with it must take less.
SHORT_LIFE = datetime.timedelta(seconds=20)


class TlsTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="identity-doors-tls.")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.authority = authority.Authority(self.folder, "authority")
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
        strangers = authority.Authority(self.folder, "strangers")
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


def new_uri(name="billing"):
    """The URI of a workload that no other test uses."""
    return f"spiffe://example.org/sa/{name}-{uuid.uuid4().hex[:12]}"


class Peer:
    """A client with a certificate. All its calls over gRPC use one connection, and so do those over HTTP."""

    def __init__(self, case, server, files):
        self._case = case
        self._server = server
        certificate, key = files
        self.context = ssl.create_default_context(cafile=case.authority.file)
        self.context.load_cert_chain(certificate, key)
        credentials = grpc.ssl_channel_credentials(case.authority.file.read_bytes(), key.read_bytes(),
                                                   certificate.read_bytes())
        self.channel = grpc.secure_channel(server.rpc_address.replace("127.0.0.1", "localhost"), credentials)
        self._states = []
        self.channel.subscribe(self._states.append)
        self.https = self._connect()

    def _connect(self, session=None):
        connection = http.client.HTTPSConnection("localhost", self._server.port, context=self.context,
                                                 timeout=http_server.ANSWER_SECONDS)
        self._case.addCleanup(connection.close)
        plain = socket.create_connection(("127.0.0.1", self._server.port), timeout=http_server.ANSWER_SECONDS)
        connection.sock = self.context.wrap_socket(plain, server_hostname="localhost", session=session)
        connection.auto_open = False  # a closed connection is an error
        return connection

    def resume(self):
        """Replaces the connection over HTTP by one that resumes its TLS session."""
        self.https = self._connect(self.https.sock.session)
        self._case.assertTrue(self.https.sock.session_reused)

    def connected_once(self):
        """Whether the calls over gRPC have used one connection."""
        return self._states.count(grpc.ChannelConnectivity.READY) <= 1

    def stubs(self, **credential):
        """A client on the connection over gRPC, with another credential beside the certificate."""
        return client.Client(channel=self.channel, **credential)

    def check(self, resource="orgs/acme", permission="orgs:read", **credential):
        """The answer to a question about the caller itself."""
        return self.stubs(**credential).check(permission, resource, self=True)

    def ask(self, path, body, content_type, **headers):
        self.https.request("POST", path, body, {"Content-Type": content_type, **headers})
        return http_server.Answer(self.https.getresponse())

    def evaluate(self, subject, **headers):
        """The answer to the question of AuthZEN whether the service account may read orgs/acme."""
        question = {"subject": {"type": "service_account", "id": subject}, "action": {"name": "read"},
                    "resource": {"type": "orgs", "id": "acme"}}
        return self.ask("/access/v1/evaluation", json.dumps(question), "application/json", **headers)

    def introspect(self, token, **form):
        return self.ask("/oauth2/introspect", urllib.parse.urlencode({"token": token, **form}),
                        "application/x-www-form-urlencoded")


class CertificateCallerTest(unittest.TestCase):
    """Callers of a server that demands certificates, has a list of revoked ones, and gets it replaced."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="identity-certificates.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.authority = authority.Authority(cls.folder, "authority")
        cls.crl = cls.folder / "revoked.crl"
        cls.revoked = []
        cls.write_revocations()
        cls.certificate, cls.key = cls.authority.issue("server")
        cls.server = cls.start()
        cls.addClassCleanup(cls.server.stop)

    @classmethod
    def start(cls, *options):
        return http_server.HttpServer("--tls-certificate-file", cls.certificate, "--tls-key-file", cls.key,
                                      "--tls-client-ca-file", cls.authority.file, "--tls-client-crl-file", cls.crl,
                                      *options)

    @classmethod
    def write_revocations(cls, content=None):
        """Replaces the list at once."""
        new = cls.folder / "revoked.new"
        new.write_bytes(cls.authority.revocation_list(cls.revoked) if content is None else content)
        new.replace(cls.crl)

    def setUp(self):
        operator = self.peer(new_uri("operator"))
        self.administrator = client.admin(self, channel=operator.channel)

    def issue(self, *uris, **options):
        names = [*authority.LOCALHOST, *(x509.UniformResourceIdentifier(uri) for uri in uris)]
        return self.authority.issue(f"client-{uuid.uuid4().hex[:12]}", names, **options)

    def peer(self, *uris, server=None, **options):
        """A client with a new certificate for these URIs."""
        return self.peer_with(self.issue(*uris, **options), server)

    def peer_with(self, files, server=None):
        peer = Peer(self, server or self.server, files)
        self.addCleanup(peer.channel.close)
        return peer

    def make_account(self, *uris, scopes=()):
        """A service account with these URIs, which may read and write orgs/acme, and may ask about others."""
        name = f"billing-{uuid.uuid4().hex[:12]}"
        account = self.administrator.admin.CreateServiceAccount(
            admin_service_pb2.CreateServiceAccountRequest(name=name)).service_account
        client.create_role(self.administrator, name, ["orgs:read", "orgs:write"])
        client.bind(self.administrator, account.id, name, "orgs/acme")
        client.create_role(self.administrator, f"{name}-self", ["identity:check", "identity:self:*"])
        client.bind(self.administrator, account.id, f"{name}-self")
        self.set_uris(account, *uris, scopes=scopes)
        return account

    def set_uris(self, account, *uris, scopes=()):
        self.administrator.admin.UpdateServiceAccount(admin_service_pb2.UpdateServiceAccountRequest(
            service_account={"id": account.id,
                             "external_identities": [{"subject": uri, "scopes": scopes} for uri in uris]},
            update_mask={"paths": ["external_identities"]}))

    def make_key(self, account):
        return self.administrator.identity.IssueApiKey(
            identity_service_pb2.IssueApiKeyRequest(owner_id=account.id, display_name="test")).secret

    def assert_fails(self, reason, call, *arguments, **options):
        with self.assertRaises(grpc.RpcError) as raised:
            call(*arguments, **options)
        self.assertEqual(client.reason_of(raised.exception), reason, raised.exception)

    def assert_is(self, account, peer, **credential):
        """Whether the peer acts as the service account, with a certificate alone or with an API key beside it."""
        answer = peer.check(**credential)
        self.assertEqual(answer.decision, identity_service_pb2.DECISION_ALLOWED, answer)
        self.assertEqual(answer.principal.id, account.id)

    def assert_refused(self, reason, peer, **credential):
        """Whether the peer's calls fail, over gRPC and over HTTP."""
        self.assert_fails(reason, peer.check, **credential)
        headers = {"X-Api-Key": credential["api_key"]} if credential else {}
        answer = peer.evaluate("nobody", **headers)
        self.assertEqual((answer.status, answer.json()["reason"]), (401, reason))
        form = {"client_secret": credential["api_key"]} if credential else {}
        answer = peer.introspect("x", **form)
        self.assertEqual((answer.status, answer.json()["error"]), (401, "invalid_client"))

    def await_true(self, what, condition):
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.1)
        self.fail(f"did not happen: {what}")

    def await_refusal(self, peer):
        """Waits until calls with the certificate over gRPC fail."""
        def refused():
            try:
                peer.check()
                return False
            except grpc.RpcError as error:
                return client.reason_of(error) == "CALLER_INVALID"

        self.await_true("the certificate is refused", refused)

    def revoke(self, files):
        self.revoked.append(files[0])
        self.write_revocations()

    def reload_failed(self):
        return self.server.metric("identity_tls_certificate_reload_failed") == 1

    def test_the_certificate_is_the_service_account(self):
        uri = new_uri()
        account = self.make_account(uri)
        peer = self.peer(uri)
        self.assert_is(account, peer)
        answer = peer.check()
        self.assertEqual((answer.session_id, list(answer.scopes)), ("", ["*"]))
        self.assertEqual(peer.check(resource="orgs/other").decision, identity_service_pb2.DECISION_DENIED)
        # It is for no audience, like an API key.
        for_orgs = peer.stubs().check("orgs:read", "orgs/acme", self=True, audience="orgs")
        self.assertEqual(for_orgs.decision, identity_service_pb2.DECISION_ALLOWED)

        answer = peer.evaluate(account.name)
        self.assertEqual((answer.status, answer.json()["decision"]), (200, True), answer.body)
        answer = peer.introspect(self.make_key(account))
        self.assertEqual((answer.status, answer.json()["active"], answer.json().get("sub")), (200, True, account.id))

    def test_the_scopes_of_the_identity_limit_it(self):
        uri = new_uri()
        account = self.make_account(uri, scopes=["orgs:read"])
        peer = self.peer(uri)
        self.assert_is(account, peer)
        self.assertEqual(peer.check(permission="orgs:write").decision, identity_service_pb2.DECISION_DENIED)
        self.assert_fails("PERMISSION_DENIED", peer.stubs().check, "orgs:read", principal_id=account.id)
        self.assertEqual(peer.evaluate(account.name).status, 403)

    def test_it_is_no_session(self):
        uri = new_uri()
        self.make_account(uri)
        stubs = self.peer(uri).stubs()
        self.assert_fails("SESSION_REQUIRED", stubs.account.UpdateAccount, account_service_pb2.UpdateAccountRequest())
        self.assert_fails("SESSION_REQUIRED", stubs.identity.IssueApiKey, identity_service_pb2.IssueApiKeyRequest())

    def test_an_unknown_certificate_is_no_credential(self):
        known = new_uri()
        account = self.make_account(known)
        for uri in (new_uri(), known + "/more", known.upper(), known[:-1]):
            with self.subTest(uri):
                peer = self.peer(uri)
                self.assert_refused("CALLER_UNKNOWN", peer)
                administrator = client.admin(self, channel=peer.channel)  # by Authenticate
                self.assertTrue(administrator.admin.ListRoles(admin_service_pb2.ListRolesRequest()).roles)
                self.assert_is(account, peer, api_key=self.make_key(account))
        self.assert_refused("CALLER_UNKNOWN", self.peer())

    def test_another_credential_decides(self):
        uri = new_uri()
        self.make_account(uri)
        other = self.make_account()
        key = self.make_key(other)
        peer = self.peer(uri)
        self.assert_is(other, peer, api_key=key)
        self.assertTrue(peer.introspect(key, client_id=other.name, client_secret=key).json()["active"])
        bad = f"{key[:-1]}{'A' if key[-1] != 'A' else 'B'}"
        self.assert_refused("CALLER_INVALID", peer, api_key=bad)
        self.assertEqual(peer.evaluate(other.name, Authorization="Basic x").status, 401)
        self.assertEqual(peer.evaluate(other.name, Authorization=f"Bearer {key}").json()["decision"], True)

    def test_two_uris_are_no_credential(self):
        uris = (new_uri(), new_uri())
        self.make_account(*uris)
        self.assert_refused("CALLER_UNKNOWN", self.peer(*uris))
        self.assert_refused("CALLER_UNKNOWN", self.peer(uris[0], uris[0]))

    def test_each_change_of_the_account_counts_at_once(self):
        uri = new_uri()
        account = self.make_account(uri)
        peer = self.peer(uri)
        administrator = self.administrator.admin
        self.assert_is(account, peer)

        administrator.DisablePrincipal(admin_service_pb2.DisablePrincipalRequest(principal_id=account.id))
        self.assert_refused("CALLER_INVALID", peer)
        administrator.EnablePrincipal(admin_service_pb2.EnablePrincipalRequest(principal_id=account.id))
        self.assert_is(account, peer)

        self.set_uris(account)
        self.assert_refused("CALLER_UNKNOWN", peer)
        self.set_uris(account, uri)
        self.assert_is(account, peer)

        administrator.RevokeExternal(admin_service_pb2.RevokeExternalRequest(subject=uri))
        self.assert_refused("CALLER_INVALID", peer)
        self.assert_is(account, peer, api_key=self.make_key(account))
        administrator.RevokeExternal(admin_service_pb2.RevokeExternalRequest(subject=uri, undo=True))
        self.assert_is(account, peer)

        administrator.DeleteServiceAccount(admin_service_pb2.DeleteServiceAccountRequest(service_account_id=account.id))
        self.assert_refused("CALLER_UNKNOWN", peer)
        self.assertTrue(peer.connected_once())

    def test_a_revoked_certificate_is_refused_at_once(self):
        uri = new_uri()
        account = self.make_account(uri)
        key = self.make_key(account)
        files = self.issue(uri)
        peer = self.peer_with(files)
        self.assert_is(account, peer)
        self.assertEqual(peer.evaluate(account.name).status, 200)
        self.revoke(files)
        self.await_refusal(peer)
        # First on the connections that were open.
        for each in (peer, self.peer_with(files)):
            self.assert_refused("CALLER_INVALID", each)
            self.assert_refused("CALLER_INVALID", each, api_key=key)
            self.assert_fails("CALLER_INVALID", each.stubs().log_in, "nobody", "nothing")
        self.assertTrue(peer.connected_once())
        peer.resume()
        self.assert_refused("CALLER_INVALID", peer)
        self.assert_is(account, self.peer(uri))  # another certificate of the same workload

    def test_a_revoked_certificate_without_an_identity_is_refused(self):
        files = self.issue()
        peer = self.peer_with(files)
        self.assert_refused("CALLER_UNKNOWN", peer)
        self.revoke(files)
        self.await_refusal(peer)
        self.assert_refused("CALLER_INVALID", peer)

    def test_a_broken_list_changes_nothing(self):
        uri = new_uri()
        account = self.make_account(uri)
        files = self.issue(uri)
        revoked = self.peer_with(files)
        good = self.peer(uri)
        self.revoke(files)
        self.await_refusal(revoked)
        strangers = authority.Authority(self.folder, "strangers")
        self.addCleanup(self.write_revocations)
        for broken in (b"", b"no list", strangers.revocation_list([]), self.crl.read_bytes()[:-100]):
            with self.subTest(broken):
                self.write_revocations(broken)
                self.await_true("the list is refused", self.reload_failed)
                self.assert_refused("CALLER_INVALID", revoked)
                self.assert_is(account, good)
                self.write_revocations()
                self.await_true("the list is accepted", lambda: not self.reload_failed())
                self.assert_refused("CALLER_INVALID", revoked)

    def test_an_expired_certificate_is_no_credential(self):
        uri = new_uri()
        account = self.make_account(uri)
        peer = self.peer(uri, lifetime=SHORT_LIFE)
        self.assert_is(account, peer)
        self.assertEqual(peer.evaluate(account.name).status, 200)
        self.await_refusal(peer)
        self.assert_refused("CALLER_INVALID", peer)
        self.assert_is(account, peer, api_key=self.make_key(account))
        self.assertTrue(peer.connected_once())

    def test_the_certificate_of_a_trusted_proxy_does_not_count(self):
        uri = new_uri()
        account = self.make_account(uri)
        server = self.start("--trusted-proxies", "127.0.0.1")
        self.addCleanup(server.stop)
        files = self.issue(uri)
        proxy = self.peer_with(files, server)
        self.assert_is(account, proxy, api_key=self.make_key(account))  # so this replica knows the account, too
        self.assert_refused("CALLER_UNKNOWN", proxy)
        for address in ("192.0.2.1", "127.0.0.1"):
            self.assertEqual(proxy.evaluate(account.name, **{"X-Forwarded-For": address}).status, 401)
            forwarding = client.anonymous(self, channel=proxy.channel, metadata=[("x-forwarded-for", address)])
            self.assert_fails("CALLER_UNKNOWN", lambda: forwarding.check("orgs:read", self=True))
        self.assert_is(account, self.peer_with(files))
        self.revoke(files)
        self.await_refusal(proxy)
        self.assert_refused("CALLER_INVALID", proxy)


if __name__ == "__main__":
    unittest.main()
