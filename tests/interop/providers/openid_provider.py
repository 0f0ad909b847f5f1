"""A real OpenID provider, and people who log in there by the authorization code flow."""

import json
import pathlib
import secrets
import shutil
import subprocess
import tempfile
import urllib.parse

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey

import deployment
from ports import free_port

SCRIPT = deployment.ROOT / "tests" / "interop" / "providers" / "js" / "provider.mjs"
IS_INSTALLED = shutil.which("node") and (deployment.ROOT / "node_modules" / "oidc-provider").is_dir()
CALLBACK = "https://shop.example/callback"
SECONDS = 20
# What a client asks for its tokens to be signed with, and a key for it.
KEY_TYPES = {"RS256": ("RSA", 2048), "PS256": ("RSA", 2048), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}


class SigningKey:
    """A private key for this algorithm, and the same as a JWK."""

    def __init__(self, kid, algorithm="RS256"):
        self.kid = kid
        self.algorithm = algorithm
        key = JsonWebKey.generate_key(*KEY_TYPES[algorithm], is_private=True)
        self.private = key.get_private_key()
        self.jwk = {**key.as_dict(is_private=True), "kid": kid, "alg": algorithm, "use": "sig"}


def trusting(ca_file, session):
    """The session of requests, which trusts only this CA, whatever the environment says."""
    session.trust_env = False
    session.verify = str(ca_file)
    return session


class CodeFlow:
    """A client of a provider (OpenID Connect Core, section 3.1), with PKCE. `credentials`: its id and secret."""

    def __init__(self, issuer, ca_file, credentials):
        self._ca_file = ca_file
        self._credentials = credentials
        with trusting(ca_file, requests.Session()) as session:
            self._metadata = session.get(f"{issuer}/.well-known/openid-configuration", timeout=SECONDS).json()

    def log_in(self, visit, nonce="", **parameters):
        """The tokens of a login. `visit` gets a browser and the URL of the provider's page, and returns where the
        provider redirects to at the end. `parameters` go to that page."""
        if nonce:
            parameters["nonce"] = nonce
        verifier = secrets.token_urlsafe(48)
        session = OAuth2Session(*self._credentials, scope="openid profile email", redirect_uri=CALLBACK,
                                code_challenge_method="S256")
        with trusting(self._ca_file, session), trusting(self._ca_file, requests.Session()) as browser:
            url, state = session.create_authorization_url(self._metadata["authorization_endpoint"],
                                                          code_verifier=verifier, **parameters)
            return session.fetch_token(self._metadata["token_endpoint"], authorization_response=visit(browser, url),
                                       state=state, code_verifier=verifier, timeout=SECONDS)


def follow(browser, url):
    """Follows redirects until one leads to the client, and returns its URL."""
    while not url.startswith(CALLBACK):
        answer = browser.get(url, allow_redirects=False, timeout=SECONDS)
        if not answer.is_redirect:
            raise AssertionError(f"{answer.status_code}: {answer.text}")
        url = urllib.parse.urljoin(url, answer.headers["Location"])
    return url


class OpenIdProvider:
    """A running provider with the clients `shop` and `other`. End it by `stop`. `restart` keeps its issuer.

    A client of another algorithm than RS256 has the id `shop-ALGORITHM`."""

    def __init__(self, authority, *keys):
        self.keys = keys or (SigningKey("first"),)
        self._folder = tempfile.TemporaryDirectory(prefix="identity-provider.")
        folder = pathlib.Path(self._folder.name)
        self._configuration, self._people_file, self._log = folder / "configuration", folder / "people", folder / "log"
        self._people = {}
        self._secret = secrets.token_urlsafe(32)
        self._authority = authority
        self._files = authority.issue("provider")
        self._port = free_port()  # no later provider gets it: the server remembers the keys of an issuer
        self.issuer = f"https://localhost:{self._port}"
        self._start()

    def _clients(self):
        common = {"client_secret": self._secret, "redirect_uris": [CALLBACK]}
        yield {"client_id": "other", **common}
        for algorithm in dict.fromkeys(key.algorithm for key in self.keys):
            yield {"client_id": client_of(algorithm), "id_token_signed_response_alg": algorithm, **common}

    def _start(self):
        certificate, key = self._files
        self._configuration.write_text(json.dumps({
            "port": self._port, "certificate": str(certificate), "key": str(key), "clients": list(self._clients()),
            "keys": [key.jwk for key in self.keys]}), encoding="utf-8")
        with self._log.open("a", encoding="utf-8") as log:
            # Node 18 has the standard's cryptography only behind this flag, and later versions accept it.
            self._process = subprocess.Popen(
                ["node", "--experimental-global-webcrypto", SCRIPT, self._configuration, self._people_file],
                stdout=subprocess.PIPE, stderr=log, encoding="utf-8")
        if self._process.stdout.readline() != "ready\n":
            raise AssertionError(self._log.read_text(encoding="utf-8"))

    def interrupt(self):
        """Stops the provider until `restart`."""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def restart(self, *keys):
        """Starts the provider again, with these keys if there are any."""
        if self._process.returncode is None:
            self.interrupt()
        self.keys = keys or self.keys
        self._start()

    def stop(self):
        self.interrupt()
        self._folder.cleanup()

    def add(self, person, **claims):
        """Makes a person with these claims."""
        self._people[person] = claims
        self._people_file.write_text(json.dumps(self._people), encoding="utf-8")

    def log_in(self, person, nonce="", client_id="shop"):
        """The tokens that the client gets when the person logs in."""
        flow = CodeFlow(self.issuer, self._authority.file, (client_id, self._secret))
        return flow.log_in(follow, nonce, login_hint=person)

    def key_fetches(self):
        """How often anybody has asked for the keys since the last start."""
        with trusting(self._authority.file, requests.Session()) as session:
            return session.get(f"{self.issuer}/requests", timeout=SECONDS).json().get("/jwks", 0)


def client_of(algorithm):
    """The id of the client whose ID tokens are signed with this algorithm."""
    return "shop" if algorithm == "RS256" else f"shop-{algorithm}"
