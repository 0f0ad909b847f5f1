"""Keycloak, which knows logins and tokens, but has no decision like the other peers' and ours."""

import base64
import concurrent.futures
import contextlib
import json
import os
import shutil
import urllib.parse
import urllib.request

import identity
import messages
import model
import seed
from deployment import Failure
from peer import BEST, SHIPPED, Asked, Comparison, Peer, install, running
from ports import free_port

REALM, CLIENT, SECRET = "bench", "backend", "secret-of-the-benchmark"
TOKEN = f"/realms/{REALM}/protocol/openid-connect/token"
INTROSPECT = f"{TOKEN}/introspect"
UNPACK = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:unpack"
SAME_HASHES = {"memory": 64 << 10, "iterations": 2, "parallelism": 1}  # identityd's defaults
# kc.sh starts it as a child, which the kernel would not end with this script.
JAVA_THAT_ENDS_WITH_ITS_PARENT = '#!/bin/sh\nexec setpriv --pdeathsig KILL "${JAVA_HOME:+$JAVA_HOME/bin/}java" "$@"\n'
NO_SESSIONS_IN_DATABASE = "persistent-user-sessions"


def realm():
    return {
        "realm": REALM, "enabled": True, "sslRequired": "none", "accessTokenLifespan": 3600,
        "clients": [{"clientId": CLIENT, "secret": SECRET, "directAccessGrantsEnabled": True,
                     "standardFlowEnabled": False,
                     # A client may introspect only tokens that name it as their audience.
                     "protocolMappers": [{"name": "audience", "protocol": "openid-connect",
                                          "protocolMapper": "oidc-audience-mapper",
                                          "config": {"included.client.audience": CLIENT,
                                                     "access.token.claim": "true"}}]}],
        "users": [{"username": f"user-{user}", "email": f"user-{user}@example.com", "emailVerified": True,
                   "firstName": "Ada", "lastName": "Lovelace", "enabled": True,
                   "credentials": [{"type": "password", "value": seed.PASSWORD}]} for user in model.USERS]}


class Keycloak(Peer):
    name = "Keycloak"
    settings = {
        SHIPPED: "`kc.sh start` with `--db=dev-file` (H2 in a file); it hashes passwords by Argon2id with 7 MiB and 5 "
                 "passes, Identity with 64 MiB and 2 passes",
        BEST: "`kc.sh build`, then `kc.sh start --optimized`, with `--db=dev-mem`, `--cache=local`, "
              f"`--features-disabled={NO_SESSIONS_IN_DATABASE}` and `--log-level=error`; both hash with 64 MiB and 2 "
              "passes",
    }

    def _home(self):
        return self.folder / f"keycloak-{self.version}"

    def get(self):
        if not self._home().exists():
            install("mvn", "--quiet", "--batch-mode", UNPACK,
                    f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{self.version}:zip",
                    f"-DoutputDirectory={self.folder}", f"-DmarkersDirectory={self.folder / 'markers'}")

    @contextlib.contextmanager
    def serving(self, context, setting):
        home = context.bench.file("keycloak")
        shutil.copytree(self._home(), home)  # it keeps its data and its build there
        (home / "data" / "import").mkdir(parents=True)
        (home / "data" / "import" / "realm.json").write_text(json.dumps(realm()), encoding="utf-8")
        java = home / "bin" / "java"
        java.write_text(JAVA_THAT_ENDS_WITH_ITS_PARENT, encoding="utf-8")
        java.chmod(0o755)
        program = ["env", f"JAVA={java}", "bash", home / "bin" / "kc.sh"]
        address = f"127.0.0.1:{free_port()}"
        options = ["--http-enabled=true", "--http-host=127.0.0.1", f"--http-port={address.partition(':')[2]}",
                   "--hostname-strict=false", "--import-realm"]
        if setting == BEST:
            install(*program, "build", "--db=dev-mem", "--cache=local",
                    f"--features-disabled={NO_SESSIONS_IN_DATABASE}")
            options += ["--optimized", "--log-level=error",
                        *(f"--spi-password-hashing--argon2--{name}={value}" for name, value in SAME_HASHES.items())]
        else:
            options += ["--db=dev-file", "--cache-embedded-network-bind-address=127.0.0.1"]

        def ready():
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{address}/realms/{REALM}", timeout=10):
                return True
            return False

        with running(context.bench, [*program, "start", *options], ready, self.name) as process:
            process.address = address
            yield process

    def comparisons(self, context, ours, theirs):
        def asked(name, expected, requests, connections):
            path = messages.write(context.bench.file(f"keycloak-{name}.requests"), requests)
            return Asked(["http-load", "--address", theirs.address, "--expect", expected], path,
                         {"--connections": connections})

        address = theirs.address
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            tokens = list(pool.map(lambda user: log_in(address, f"user-{user}"), model.USERS))
        own = identity.introspections(context, ours)
        valid = [introspection(address, token) for token in tokens]
        invalid = [introspection(address, forged(token)) for token in tokens]
        yield Comparison(
            "introspection", asked("tokens", '"active":true', valid, 64), own,
            asked("invalid", "", invalid, 1).requests, identity.forged(context, own), warm_up_seconds=5)
        yield Comparison(
            "login", asked("logins", '"access_token"', [login(address, f"user-{user}") for user in model.USERS], 8),
            identity.logins(context, ours), closed_seconds=4, open_seconds=6, warm_up_seconds=4, with_database=True,
            has_bars=False)


def forged(token):
    """A token with another signature."""
    head, _, signature = token.rpartition(".")
    return f"{head}.{signature[::-1]}"


def post(address, path, form, *headers):
    """A request over HTTP. Its host must be that of the request that got the token: it is part of the issuer."""
    body = urllib.parse.urlencode(form)
    return "\r\n".join([f"POST {path} HTTP/1.1", f"Host: {address}", "Content-Type: application/x-www-form-urlencoded",
                        f"Content-Length: {len(body)}", *headers, "", body]).encode()


def introspection(address, token):
    basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    return post(address, INTROSPECT, {"token": token}, f"Authorization: Basic {basic}")


def grant(user):
    return {"grant_type": "password", "client_id": CLIENT, "client_secret": SECRET, "username": user,
            "password": seed.PASSWORD}


def login(address, user):
    return post(address, TOKEN, grant(user))


def log_in(address, user):
    """An access token."""
    try:
        with urllib.request.urlopen(f"http://{address}{TOKEN}", urllib.parse.urlencode(grant(user)).encode(),
                                    timeout=30) as answer:
            return json.load(answer)["access_token"]
    except urllib.error.HTTPError as error:
        raise Failure(f"Keycloak refuses a login: {error.read().decode(errors='replace')[:300]}") from None
