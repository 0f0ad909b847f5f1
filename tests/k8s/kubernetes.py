"""Kubernetes from its Go modules: schemas, an API server without nodes, and the CRDs of the operators that k8s/ uses.

Needs Go 1.21 or later, which fetches a newer Go, and Debian's etcd-server. The first build takes some minutes. Its
results stay in ~/.cache/identity-kubernetes.
"""

import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import yaml

import manifests
from manifests import output
from ports import free_port

TOOLS = pathlib.Path(__file__).with_name("tools")
# The last patch releases, when this was written, of the last four minor versions.
VERSIONS = ("v1.34.4", "v1.35.4", "v1.36.3", "v1.37.2")
CRDS = (
    ("github.com/cert-manager/cert-manager@v1.21.2", "deploy/crds/cert-manager.io_*.yaml"),
    ("github.com/cloudnative-pg/cloudnative-pg@v1.30.0", "config/crd/bases/*.yaml"),
    ("github.com/cloudnative-pg/plugin-barman-cloud@v0.15.0", "config/crd/bases/*.yaml"),
    ("github.com/prometheus-operator/prometheus-operator@v0.85.0",
     "example/prometheus-operator-crd/monitoring.coreos.com_[ps]*s.yaml"),
)
# The resources of the examples in docs/. Their schemas are enough: the API server of the tests does not get them.
CRDS_OF_PROXIES = (
    ("istio.io/api@v1.32.0", "kubernetes/customresourcedefinitions.gen.yaml"),
    ("github.com/envoyproxy/gateway@v1.9.1",
     "charts/gateway-helm/charts/crds/crds/generated/gateway.envoyproxy.io_*polic*.yaml"),
    ("github.com/envoyproxy/gateway@v1.9.1", "charts/gateway-helm/charts/crds/crds/gatewayapi-crds.yaml"),
)
GO = {**os.environ, "GOTOOLCHAIN": "auto", "GOFLAGS": "", "CGO_ENABLED": "0"}


def require(*programs):
    """Ends the tests that need a missing program."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise unittest.SkipTest(f"not installed: {', '.join(missing)}")
    version = re.search(r"go(\d+)\.(\d+)", output(["go", "env", "GOVERSION"], cwd="/", env=GO))
    if (int(version[1]), int(version[2])) < (1, 21):
        raise unittest.SkipTest(f"{version[0]} is older than go1.21")


@functools.cache
def module(name):
    """The folder of a Go module, `PATH@VERSION`, whose checksum Go has verified."""
    return pathlib.Path(json.loads(output(["go", "mod", "download", "-json", name], cwd="/", env=GO))["Dir"])


def crd_files(crds=CRDS):
    files = [file for name, pattern in crds for file in sorted(module(name).glob(pattern))]
    assert len(files) >= len(crds)
    return files


@functools.cache
def tools():
    """A folder with kube-apiserver and kubectl."""
    key = hashlib.sha256(b"".join((TOOLS / name).read_bytes() for name in ("go.mod", "go.sum"))).hexdigest()[:16]
    folder = manifests.CACHE / f"tools-{key}"
    if not folder.exists():
        manifests.CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=manifests.CACHE) as directory:
            built = pathlib.Path(directory, "tools")
            output(["nice", "-n", "19", "go", "build", "-trimpath", "-ldflags=-s -w", "-o", f"{built}/", "tool"],
                   cwd=TOOLS, env=GO)
            built.rename(folder)
    return folder


class Schemas:
    """The strict schemas of one version of Kubernetes and of the CRDs: a field that they do not name is an error."""

    def __init__(self, version):
        import jsonschema  # pylint: disable=import-outside-toplevel
        swagger = module(f"k8s.io/kubernetes@{version}") / "api" / "openapi-spec" / "swagger.json"
        self._definitions = {name: _strict(schema)
                             for name, schema in json.loads(swagger.read_text(encoding="utf-8"))["definitions"].items()}
        self._schemas = {}
        for name, definition in self._definitions.items():
            for kind in definition.get("x-kubernetes-group-version-kind", []):
                key = ("/".join(filter(None, (kind["group"], kind["version"]))), kind["kind"])
                self._schemas[key] = {"$ref": f"#/definitions/{name}"}
        for crd in _crds():
            for one in crd["spec"]["versions"]:
                key = (f"{crd['spec']['group']}/{one['name']}", crd["spec"]["names"]["kind"])
                schema = _strict(one["schema"]["openAPIV3Schema"])
                # Some definitions leave out what every object has.
                every = {name: {} for name in ("apiVersion", "kind", "metadata")}
                self._schemas[key] = {**schema, "properties": {**every, **schema["properties"]}}
        self._validator = jsonschema.Draft7Validator

    def faults(self, one):
        """What is wrong with an object."""
        schema = self._schemas.get((one["apiVersion"], one["kind"]))
        if schema is None:
            return [f"unknown: {one['apiVersion']} {one['kind']}"]
        validator = self._validator({**schema, "definitions": self._definitions})
        return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(one)]


@functools.cache
def _crds():
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    objects = (one for file in crd_files(CRDS + CRDS_OF_PROXIES)
               for one in yaml.load_all(file.read_text(encoding="utf-8"), Loader=loader))
    return [one for one in objects if one and one["kind"] == "CustomResourceDefinition"]


def _strict(schema):
    """The JSON schema of an OpenAPI schema, without unknown fields."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    # The keys of `properties` and `definitions` are names, not keywords.
    strict = {key: ({name: _strict(one) for name, one in value.items()} if key == "properties" else _strict(value))
              for key, value in schema.items() if key not in ("default", "enum")}
    if "enum" in schema:
        strict["enum"] = schema["enum"]
    if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string"):
        strict["type"] = ["integer", "string"]
    elif str(schema.get("description", "")).startswith("Quantity is a fixed-point"):
        strict["type"] = ["string", "number"]
    elif schema.get("nullable") and "type" in schema:
        strict["type"] = [schema["type"], "null"]
    if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        strict.setdefault("additionalProperties", False)
    return strict


class ApiServer:
    """kube-apiserver with etcd, on loopback, with CRDs. Its admission is that of a real cluster; it has no nodes.
    `options`: more options of kube-apiserver. `url` is its address, `authority` the file with its CA."""

    def __init__(self, *options, crds=CRDS):
        require("go", "etcd", "openssl")
        self._directory = tempfile.TemporaryDirectory(prefix="identity-kubernetes.")
        self._folder = pathlib.Path(self._directory.name)
        self._processes = []
        self.authority = self._folder / "certificates" / "apiserver.crt"
        try:
            self._start(options, crds)
        except BaseException:
            self.close()
            raise

    def _start(self, options, crds):
        etcd, peers, port = free_port(), free_port(), free_port()
        self.url = f"https://127.0.0.1:{port}"
        self._run("etcd", "etcd", f"--data-dir={self._folder}/etcd", f"--listen-client-urls=http://127.0.0.1:{etcd}",
                  f"--advertise-client-urls=http://127.0.0.1:{etcd}", f"--listen-peer-urls=http://127.0.0.1:{peers}",
                  f"--initial-advertise-peer-urls=http://127.0.0.1:{peers}",
                  f"--initial-cluster=default=http://127.0.0.1:{peers}")
        output(["openssl", "genrsa", "-out", str(self._folder / "accounts.key"), "2048"])
        token = os.urandom(16).hex()
        (self._folder / "tokens").write_text(f"{token},admin,admin,system:masters\n", encoding="utf-8")
        self._run("kube-apiserver", str(tools() / "kube-apiserver"), f"--etcd-servers=http://127.0.0.1:{etcd}",
                  "--bind-address=127.0.0.1", f"--secure-port={port}", f"--cert-dir={self._folder}/certificates",
                  "--service-cluster-ip-range=10.0.0.0/24", "--authorization-mode=RBAC", "--allow-privileged=true",
                  f"--token-auth-file={self._folder}/tokens", "--service-account-issuer=https://kubernetes.default.svc",
                  f"--service-account-key-file={self._folder}/accounts.key",
                  f"--service-account-signing-key-file={self._folder}/accounts.key", *options)
        (self._folder / "config").write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "clusters": [{"name": "test", "cluster": {
                "server": self.url, "certificate-authority": str(self.authority)}}],
            "users": [{"name": "test", "user": {"token": token}}]}), encoding="utf-8")
        self._await_ready()
        if crds:
            for file in crd_files(crds):
                self.kubectl("apply", "--server-side", "--filename", str(file))
            self.kubectl("wait", "--for=condition=Established", "--all", "crd", "--timeout=60s")

    def _run(self, name, *command):
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder))

    def _await_ready(self):
        deadline = time.monotonic() + 120
        while self.run("kubectl", "get", "--raw=/readyz").returncode != 0:
            if time.monotonic() > deadline or any(process.poll() is not None for process in self._processes):
                logs = [(self._folder / f"{name}.log").read_text(encoding="utf-8")[-3000:]
                        for name in ("etcd", "kube-apiserver")]
                raise AssertionError("the API server is not ready:\n" + "\n".join(logs))
            time.sleep(0.1)

    def run(self, *command, folder=None, text=None, **variables):
        """Runs a command that finds our kubectl, which talks to this server."""
        environment = {**os.environ, "PATH": f"{tools()}:{os.environ['PATH']}", "KUBECONFIG": f"{self._folder}/config",
                       "HOME": str(self._folder), **variables}
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, input=text,
                              cwd=folder or self._folder, env=environment)

    def kubectl(self, *arguments, folder=None, text=None):
        done = self.run("kubectl", *arguments, folder=folder, text=text)
        if done.returncode != 0:
            raise AssertionError(f"kubectl {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done

    def close(self):
        for process in reversed(self._processes):
            process.terminate()
            process.wait()
        self._directory.cleanup()
