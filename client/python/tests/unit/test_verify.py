"""Where keys may come from. tests/conformance has the cases of tokens."""

import http.server
import threading
import unittest

from identity.verify import VerificationError, Verifier

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
            with self.assertRaises(VerificationError):
                verifier(f"http://127.0.0.1:{server.server_port}/keys").verify(TOKEN)
            server.shutdown()
            thread.join()
        self.assertEqual(Server.paths, ["/keys"])

    def test_malformed_tokens(self):
        deep = "W1tb" * 3000  # [[[…
        for token in ("", ".", "..", "a.b.c", "é.é.é", "\ud800", deep, f"{deep}.e30.c2ln", "W10.e30.c2ln"):
            with self.subTest(token=token[:10]), self.assertRaises(VerificationError) as raised:
                verifier("http://127.0.0.1:1/").verify(token)
            if token:
                self.assertNotIn(token, str(raised.exception))


if __name__ == "__main__":
    unittest.main()
