"""The settings, from environment variables. A wrong value stops the start with a clear message."""

from __future__ import annotations

import base64
import dataclasses
import ipaddress
import os
import pathlib
import re
import tomllib
import urllib.parse
from typing import Mapping, NamedTuple

from identity import Tls

PREFIX = "IDENTITY_FRONTEND_"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class Invalid(Exception):
    """A setting has no usable value."""


class Option(NamedTuple):
    """An environment variable. A default of None: it is required."""

    name: str
    default: str | None
    meaning: str


OPTIONS = (
    Option("IDENTITY_ADDRESS", None, "Identity: HOST:PORT, or dns:///HOST:PORT for all addresses of a name."),
    Option(PREFIX + "ORIGIN", None, "The address of this frontend in browsers: https://login.example.com, or "
                                    "http://localhost:PORT to try it."),
    Option(PREFIX + "API_KEY_FILE", None, "A file with the API key of a service account that has the role frontend."),
    Option(PREFIX + "COOKIE_KEY_FILE", None, "A file with keys that seal cookies, the same for all replicas: each line "
                                             "is 32 bytes in base64. The first key seals, all keys open."),
    Option(PREFIX + "LISTEN", "127.0.0.1:8000", "HOST:PORT to listen on."),
    Option(PREFIX + "NAME", "Identity", "The name of the service on its pages."),
    Option(PREFIX + "PLAINTEXT", "false", "true: calls Identity without TLS."),
    Option(PREFIX + "CA_FILE", "", "CA certificates for Identity's certificate, instead of those of the system."),
    Option(PREFIX + "CERTIFICATE_FILE", "", "The certificate for calls to Identity, if Identity demands one."),
    Option(PREFIX + "KEY_FILE", "", "The key of CERTIFICATE_FILE."),
    Option(PREFIX + "TLS_CERTIFICATE_FILE", "", "The certificate for browsers. Without it, a proxy must speak TLS, "
                                           "and only loopback and TRUSTED_PROXIES may connect."),
    Option(PREFIX + "TLS_KEY_FILE", "", "The key of TLS_CERTIFICATE_FILE."),
    Option(PREFIX + "TRUSTED_HOSTS", "", "Further host names, separated by spaces. Requests for others are refused."),
    Option(PREFIX + "TRUSTED_PROXIES", "", "Networks of proxies, separated by spaces. Their X-Forwarded-For counts."),
    Option(PREFIX + "CORS_ORIGINS", "", "Origins, separated by spaces, whose scripts may call POST /token."),
    Option(PREFIX + "PROVIDERS_FILE", "", "A TOML file with the OpenID providers where people can log in."),
    Option(PREFIX + "PROVIDER_CA_FILE", "", "CA certificates for the providers, instead of those of the system."),
)


class ProviderSettings(NamedTuple):
    """An OpenID provider at which this frontend is a client."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str


@dataclasses.dataclass(frozen=True)
class Settings:
    """Checked values. The files of cookie keys and providers are read once, the API key again and again."""

    address: str
    plaintext: bool
    tls: Tls
    api_key_file: pathlib.Path
    cookie_keys: tuple[bytes, ...] = dataclasses.field(repr=False)
    origin: str
    name: str
    host: str
    port: int
    certificate: pathlib.Path | None
    key: pathlib.Path | None
    hosts: frozenset[str]
    proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    cors_origins: tuple[str, ...]
    providers: Mapping[str, ProviderSettings] = dataclasses.field(repr=False)
    provider_ca_file: pathlib.Path | None

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Raises Invalid, with the name of the variable and the rule."""
        read = _Reader(environment)
        origin = read.of("ORIGIN", _origin)
        host, port = read.of("LISTEN", _host_and_port)
        certificate, key = read.pair("TLS_CERTIFICATE_FILE", "TLS_KEY_FILE")
        own_certificate, own_key = read.pair("CERTIFICATE_FILE", "KEY_FILE")
        return cls(
            address=read.text("IDENTITY_ADDRESS"), plaintext=read.of("PLAINTEXT", _boolean),
            tls=Tls(read.of("CA_FILE", _file), own_certificate, own_key),
            api_key_file=read.of("API_KEY_FILE", _full_file), cookie_keys=read.of("COOKIE_KEY_FILE", _keys), origin=origin, name=read.of("NAME", str), host=host,
            port=port, certificate=certificate, key=key,
            hosts=frozenset((_host_of(origin), *read.of("TRUSTED_HOSTS", lambda text: text.lower().split()))),
            proxies=read.of("TRUSTED_PROXIES", _networks),
            cors_origins=read.of("CORS_ORIGINS", lambda text: tuple(map(_origin, text.split()))),
            providers=read.of("PROVIDERS_FILE", _providers), provider_ca_file=read.of("PROVIDER_CA_FILE", _file))


class _Reader:
    def __init__(self, environment: Mapping[str, str]):
        self._environment = environment

    def text(self, name: str) -> str:
        option, = (option for option in OPTIONS if option.name == name)
        text = self._environment.get(name) or option.default
        if text is None:
            raise Invalid(f"{name} is required: {option.meaning}")
        return text

    def of(self, name, parse):
        try:
            return parse(self.text(PREFIX + name))
        except (OSError, ValueError) as error:
            raise Invalid(f"{PREFIX}{name}: {error}") from error

    def pair(self, first, second):
        files = self.of(first, _file), self.of(second, _file)
        if (files[0] is None) != (files[1] is None):
            raise Invalid(f"{PREFIX}{first} and {PREFIX}{second}: give both or none")
        return files


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _file(text: str) -> pathlib.Path | None:
    if not text:
        return None
    with open(text, "rb"):
        return pathlib.Path(text)


def _full_file(text: str) -> pathlib.Path:
    path = pathlib.Path(text)
    if not path.read_text(encoding="utf-8").strip():
        raise ValueError(f"the file is empty: {text}")
    return path


def _keys(text: str) -> tuple[bytes, ...]:
    keys = tuple(base64.b64decode(line, validate=True) for line in pathlib.Path(text).read_bytes().split())
    if not keys or any(len(key) != 32 for key in keys):
        raise ValueError("each line must be 32 bytes in base64; make one with: openssl rand -base64 32")
    return keys


def _origin(text: str) -> str:
    url = urllib.parse.urlsplit(text)
    if url.geturl() != f"{url.scheme}://{url.netloc}" or url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError(f"must be like https://login.example.com, without a path: {text}")
    if text != text.lower() or url.port in (80, 443):
        raise ValueError(f"must be as browsers write it, in lower case and without a usual port: {text}")
    if url.scheme == "http" and url.hostname not in LOCAL_HOSTS:
        raise ValueError("must be https: browsers keep no secure cookies otherwise")
    return text


def _host_of(origin: str) -> str:
    return urllib.parse.urlsplit(origin).hostname or ""


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"must be HOST:PORT: {text}")
    return host.strip("[]"), int(port)


def _networks(text: str):
    return tuple(map(ipaddress.ip_network, text.split()))


def _providers(text: str) -> Mapping[str, ProviderSettings]:
    if not text:
        return {}
    rows = tomllib.loads(pathlib.Path(text).read_text(encoding="utf-8")).get("provider", [])
    return {provider.name: provider for provider in map(_provider, rows)}


def _provider(row: Mapping[str, str]) -> ProviderSettings:
    required = {"name", "issuer", "client_id"}
    if not required <= row.keys() <= required | {"label", "client_secret_file"}:
        raise ValueError("each provider has name, issuer, client_id, and perhaps label and client_secret_file")
    if not re.fullmatch("[a-z0-9-]+", row["name"]):
        raise ValueError(f"the name of a provider must be of a-z, 0-9 and -: {row['name']}")
    if not row["issuer"].startswith("https://"):
        raise ValueError(f"an issuer must begin with https://: {row['issuer']}")
    secret = row.get("client_secret_file")
    return ProviderSettings(row["name"], row.get("label", row["name"]), row["issuer"], row["client_id"],
                            pathlib.Path(secret).read_text(encoding="utf-8").strip() if secret else "")
