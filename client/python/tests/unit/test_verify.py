"""Where keys may come from, and how long they are kept. tests/conformance has most cases of tokens and keys."""

import base64
import contextlib
import http.server
import json
import threading
import time
import unittest
import unittest.mock

from cryptography.hazmat.primitives.asymmetric import ed25519
from jwt.algorithms import OKPAlgorithm

from identity import verify
from identity.verify import KeysUnavailable, VerificationError, Verifier

HEADER = "eyJhbGciOiJFZERTQSIsImtpZCI6ImEiLCJ0eXAiOiJhdCtqd3QifQ"  # {"alg":"EdDSA","kid":"a","typ":"at+jwt"}
TOKEN = f"{HEADER}.e30.c2ln"


def verifier(url, **options):
    return Verifier(url, issuer="https://issuer.example", audience="shop", **options)


class Server(http.server.BaseHTTPRequestHandler):
    """Redirects to another address of itself."""

    paths = []

    def do_GET(self):
        self.paths.append(self.path)
        self.send_response(302)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


class KeyServer(http.server.BaseHTTPRequestHandler):
    """Answers with `body`. Without one it sends a header that never ends."""

    body = b""
    cache_control = "max-age=300"
    fetches = 0
    may_end = threading.Event()

    def do_GET(self):
        KeyServer.fetches += 1
        self.send_response(200)
        self.send_header("Cache-Control", self.cache_control)
        if self.body:
            self.end_headers()
            self.wfile.write(self.body)
        else:
            self.flush_headers()
            with contextlib.suppress(ConnectionError):
                while not self.may_end.wait(0.01):
                    self.wfile.write(b"x")

    def log_message(self, *_):
        pass


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class CacheTest(unittest.TestCase):

    def setUp(self):
        self.key = ed25519.Ed25519PrivateKey.generate()
        self.now = 1000.0
        self.publish("a")
        KeyServer.cache_control, KeyServer.fetches = "max-age=300", 0
        KeyServer.may_end.clear()
        server = self.enterContext(http.server.ThreadingHTTPServer(("127.0.0.1", 0), KeyServer))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        self.addCleanup(KeyServer.may_end.set)
        self.verifier = verifier(f"http://127.0.0.1:{server.server_port}/", clock=lambda: self.now)

    def publish(self, *kids):
        jwk = json.loads(OKPAlgorithm.to_jwk(self.key.public_key()))
        keys = [{**jwk, "kid": kid} for kid in kids]
        KeyServer.body = json.dumps({"keys": keys}).encode()

    def token(self, kid="a", typ="at+jwt", more_header="", more_claims=""):
        now = int(time.time())
        claims = {"iss": "https://issuer.example", "aud": "shop", "sub": "ada", "client_id": "web", "jti": "1",
                  "iat": now, "exp": now + 900}
        header = {"alg": "EdDSA", "kid": kid, "typ": typ}
        signed = ".".join(encoded((json.dumps(part)[:-1] + more + "}").encode())
                          for part, more in ((header, more_header), (claims, more_claims)))
        return f"{signed}.{encoded(self.key.sign(signed.encode()))}"

    def assert_good(self, token):
        self.assertEqual(self.verifier.verify(token).subject, "ada")

    def assert_refused(self, token):
        with self.assertRaises(VerificationError):
            self.verifier.verify(token)

    def assert_undecided(self, token):
        with self.assertRaises(KeysUnavailable):
            self.verifier.verify(token)

    def test_the_type_in_any_case(self):
        for typ in ("at+jwt", "AT+JWT", "application/at+jwt"):
            self.assert_good(self.token(typ=typ))

    def test_two_members_of_the_same_name_are_refused(self):
        self.assert_good(self.token(more_header=', "x": 1', more_claims=', "x": {"sub": "eve"}'))
        for more in ({"more_header": ', "kid": "a"'}, {"more_claims": ', "sub": "ada"'},
                     {"more_claims": ', "x": {"y": 1, "y": 1}'}):
            with self.subTest(more=more):
                self.assert_refused(self.token(**more))
        self.now += 300
        KeyServer.body = KeyServer.body.replace(b'"kid"', b'"kid": "a", "kid"')
        self.assert_undecided(self.token())

    def test_a_claim_of_another_type_is_refused(self):
        self.assert_refused(self.token(more_claims=', "nbf": []'))

    def test_unknown_keys_are_looked_for_once_in_10_seconds(self):
        self.assert_good(self.token())
        self.assert_refused(self.token("new"))
        self.publish("a", "new")
        self.now += 9
        self.assert_refused(self.token("new"))
        self.assertEqual(KeyServer.fetches, 2)
        self.now += 1
        self.assert_good(self.token("new"))

    def test_a_look_for_an_unknown_key_does_not_delay_the_next_fetch_that_is_due(self):
        KeyServer.cache_control = "max-age=5"
        self.assert_good(self.token())
        self.assert_refused(self.token("new"))
        self.now += 5
        self.assert_good(self.token())
        self.assertEqual(KeyServer.fetches, 3)

    def test_a_failed_fetch_is_repeated_after_10_seconds(self):
        good, KeyServer.body = KeyServer.body, b"[]"
        self.assert_undecided(self.token())
        KeyServer.body = good
        self.now += 9
        self.assert_undecided(self.token())
        self.assertEqual(KeyServer.fetches, 1)
        self.now += 1
        self.assert_good(self.token())

    def test_keys_are_kept_for_a_day_at_most(self):
        KeyServer.cache_control = "max-age=99999999999"
        for later, fetches in ((0, 1), (86_399, 1), (1, 2)):
            self.now += later
            self.assert_good(self.token())
            self.assertEqual(KeyServer.fetches, fetches)

    def test_a_server_that_never_ends_is_left(self):
        KeyServer.body = b""
        with unittest.mock.patch.object(verify, "_FETCH_SECONDS", 1):
            self.assert_undecided(self.token())


class KeysTest(unittest.TestCase):

    def test_only_https_or_loopback(self):
        for url in ("http://id.example.com/jwks.json", "http://10.0.0.1/", "file:///etc/passwd", "ftp://localhost/",
                    "http://localhost.example.com/", "http://localhost@example.com/", "jwks.json", ""):
            with self.subTest(url=url), self.assertRaises(ValueError):
                verifier(url)
        for url in ("https://id.example.com/jwks.json", "http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost/"):
            verifier(url)

    def test_no_redirect_is_followed(self):
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                with self.assertRaises(KeysUnavailable):
                    verifier(f"http://127.0.0.1:{server.server_port}/keys").verify(TOKEN)
            finally:
                server.shutdown()
                thread.join()
        self.assertEqual(Server.paths, ["/keys"])

    def test_malformed_tokens(self):
        deep = "W1tb" * 3000  # [[[…
        for token in ("", ".", "..", "a.b.c", "é.é.é", "\ud800", deep, f"{deep}.e30.c2ln", "W10.e30.c2ln"):
            with self.subTest(token=token[:10]), self.assertRaises(VerificationError) as raised:
                verifier("http://127.0.0.1:1/").verify(token)
            self.assertIn(str(raised.exception), ("the token is malformed", "the token is too long"))


if __name__ == "__main__":
    unittest.main()
