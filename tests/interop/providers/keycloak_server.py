"""A real Keycloak over TLS on loopback, with a realm of its own."""

import contextlib
import html
import os
import pathlib
import re
import secrets
import signal
import subprocess
import tempfile
import time
import urllib.parse

import requests

import openid_provider
from ports import free_port

# An unpacked distribution. Debian has no Keycloak, so the environment names it.
PROGRAM = os.environ.get("IDENTITY_KEYCLOAK")
REALM = "shop"
CLIENT = "shop"
START_SECONDS = 300
SECONDS = 60


class Keycloak:
    """A running Keycloak, which keeps everything in memory. End it by `stop`. Its realm has the client `shop`."""

    def __init__(self, authority):
        self._folder = tempfile.TemporaryDirectory(prefix="identity-keycloak.")
        self._log = pathlib.Path(self._folder.name) / "log"
        self._ca_file = authority.file
        self._admin_password = secrets.token_urlsafe(24)
        self._secret = secrets.token_urlsafe(24)
        port = free_port()
        self._url = f"https://localhost:{port}"
        self.realm_url = f"{self._url}/realms/{REALM}"
        certificate, key = authority.issue("keycloak")
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                ["bash", pathlib.Path(PROGRAM) / "bin" / "kc.sh", "start-dev", "--db=dev-mem", "--http-host=127.0.0.1",
                 "--http-port=0", f"--https-port={port}", f"--hostname={self._url}",
                 f"--https-certificate-file={certificate}", f"--https-certificate-key-file={key}"],
                stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
                     "KC_BOOTSTRAP_ADMIN_PASSWORD": self._admin_password})
        try:
            self._wait()
            self._make_realm()
        except BaseException:
            self.stop()
            raise

    def _wait(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(requests.ConnectionError), self._session() as session:
                if session.get(f"{self._url}/realms/master", timeout=SECONDS).ok:
                    return
            time.sleep(0.2)
        raise AssertionError(self._log.read_text(encoding="utf-8"))

    def stop(self):
        # The script has started Java.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._folder.cleanup()

    def _session(self):
        return openid_provider.trusting(self._ca_file, requests.Session())

    def _administer(self, method, path, body=None):
        """The answer to a call of the admin REST API."""
        with self._session() as session:
            token = session.post(f"{self._url}/realms/master/protocol/openid-connect/token", timeout=SECONDS, data={
                "grant_type": "password", "client_id": "admin-cli", "username": "admin",
                "password": self._admin_password}).json()["access_token"]
            answer = session.request(method, f"{self._url}/admin/realms{path}", json=body, timeout=SECONDS,
                                     headers={"Authorization": f"Bearer {token}"})
        if not answer.ok:
            raise AssertionError(f"{method} {path}: {answer.status_code}: {answer.text}")
        return answer

    def _make_realm(self):
        self._administer("POST", "", {
            "realm": REALM, "enabled": True, "accessTokenLifespan": 3600,
            "clients": [{"clientId": CLIENT, "secret": self._secret, "redirectUris": [openid_provider.CALLBACK],
                         "directAccessGrantsEnabled": True}]})

    def add_user(self, name, password, email_verified=True):
        self._administer("POST", f"/{REALM}/users", {
            "username": name, "email": f"{name}@example.com", "emailVerified": email_verified, "firstName": "Ada",
            "lastName": "Lovelace", "enabled": True,
            "credentials": [{"type": "password", "value": password, "temporary": False}]})

    def grant(self, name, password):
        """The tokens of a direct grant, which has no nonce."""
        with self._session() as session:
            answer = session.post(f"{self.realm_url}/protocol/openid-connect/token", timeout=SECONDS, data={
                "grant_type": "password", "client_id": CLIENT, "client_secret": self._secret, "scope": "openid",
                "username": name, "password": password})
        if not answer.ok:
            raise AssertionError(answer.text)
        return answer.json()

    def log_in(self, name, password, nonce):
        """The tokens of a login by the page of Keycloak."""
        def fill_in(browser, url):
            page = browser.get(url, timeout=SECONDS)
            action = html.unescape(re.search(r'<form[^>]* action="([^"]*)"', page.text)[1])
            answer = browser.post(urllib.parse.urljoin(page.url, action), {"username": name, "password": password},
                                  allow_redirects=False, timeout=SECONDS)
            return openid_provider.follow(browser, answer.headers["Location"])

        flow = openid_provider.CodeFlow(self.realm_url, self._ca_file, (CLIENT, self._secret))
        return flow.log_in(fill_in, nonce)

    def add_key(self, priority):
        """Makes a signing key, which Keycloak publishes. The key with the highest priority signs. Returns the id."""
        realm = self._administer("GET", f"/{REALM}").json()
        made = self._administer("POST", f"/{REALM}/components", {**self._key(priority), "parentId": realm["id"]})
        return made.headers["Location"].rpartition("/")[2]

    def set_priority(self, key, priority):
        """Changes the priority of a key that `add_key` has made."""
        path = f"/{REALM}/components/{key}"
        component = self._administer("GET", path).json()
        self._administer("PUT", path, {**component, "config": {**component["config"], "priority": [str(priority)]}})

    @staticmethod
    def _key(priority):
        return {"name": f"key-{secrets.token_hex(6)}", "providerId": "rsa-generated",
                "providerType": "org.keycloak.keys.KeyProvider",
                "config": {"priority": [str(priority)], "enabled": ["true"], "active": ["true"],
                           "algorithm": ["RS256"], "keySize": ["2048"]}}
